"""Answers are told apart from inputs, however many there are and whatever their ids look like."""

import pandas as pd
import pytest

from capsule_blocks.sealing import answers_apart

HASHES = [f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}" for number in range(1000)]


def apart(cases: list[str], answered: list[str]) -> list[str]:
    """Return the ids that came back with an answer."""
    inputs = pd.DataFrame({"case_id": cases, "x": 1.0})
    answers = pd.DataFrame({"case_id": answered, "diagnosis": "benign"})
    return answers_apart(inputs, answers)["case_id"].tolist()


@pytest.mark.parametrize(
    ("cases", "answered"),
    [
        (HASHES, HASHES),
        (HASHES, HASHES[::-1]),
        (HASHES, HASHES[5:9]),
        ([*HASHES, f"{HASHES[0]}-2"], [*HASHES, f"{HASHES[0]}-2"]),
        (["k1", "k2"], ["k2"]),
        (["x" * 16, "y" * 16], ["y" * 16]),
        (["0123456789abcdef", "0123456789ABCDEF"], []),
    ],
)
def test_each_answer_keeps_its_case(cases: list[str], answered: list[str]) -> None:
    assert apart(cases, answered) == answered


@pytest.mark.parametrize(
    "cases",
    [
        [*HASHES, HASHES[7]],
        ["  abcdef01234567"] * 8,
        ["k1", "k1"],
        ["é" * 8, "é" * 8],
        [*HASHES, f"{HASHES[0]}-2", f"{HASHES[0]}-2"],
    ],
)
def test_a_case_that_occurs_twice_is_refused(cases: list[str]) -> None:
    with pytest.raises(ValueError, match="occurs twice"):
        apart(cases, [])
    with pytest.raises(ValueError, match="occurs twice"):
        apart(list(dict.fromkeys(cases)), cases)


def test_an_answer_without_its_case_is_refused() -> None:
    with pytest.raises(ValueError, match="not among the inputs"):
        apart(HASHES[1:], HASHES)
