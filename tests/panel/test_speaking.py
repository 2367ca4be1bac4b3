"""What is still missing is always said, and nothing is signed that lacks something."""

import pandas as pd
import pytest

from capsule_panel.speaking import lacks, next_open, still_missing

JUDGED = pd.DataFrame(
    {
        "case_id": ["a", "b", "c", "d"],
        "right": pd.array([False, False, True, None], dtype="boolean"),
    }
)


@pytest.mark.parametrize(
    ("spoken", "said"),
    [
        ([], "You have spoken on 0 of 4 cases; 2 disagreements wait for your word."),
        (["b", "c"], "You have spoken on 2 of 4 cases; 1 disagreement waits for your word."),
        (["a", "b"], "You have spoken on 2 of 4 cases; no disagreement waits."),
        (["a", "b", "c", "d"], "You have spoken on all 4 cases."),
        (
            ["of another trial"],
            "You have spoken on 0 of 4 cases; 2 disagreements wait for your word.",
        ),
    ],
)
def test_what_is_missing_is_counted(spoken: list[str], said: str) -> None:
    assert still_missing(JUDGED, spoken) == said


@pytest.mark.parametrize(
    ("spoken", "after", "place"),
    [({"b"}, 0, 2), ({"c", "d"}, 1, 0), ({"a", "b", "c", "d"}, 1, None), (set(), -1, 0)],
)
def test_the_next_case_is_the_next_one_without_a_word_going_round_once(
    spoken: set[str], after: int, place: int | None
) -> None:
    assert next_open(JUDGED, spoken, after) == place


def test_a_verdict_says_all_that_it_needs() -> None:
    assert (
        lacks(named=False, word=None, statement="", limits="")
        == "The verdict still needs your name, a choice and what you sign, in your own words."
    )


def test_ready_within_limits_needs_the_limits() -> None:
    within = "ready within limits"
    missing = lacks(named=True, word=within, statement="I use it.", limits="")
    assert missing == "The verdict still needs the limits within which it is ready."
    assert lacks(named=True, word=within, statement="I use it.", limits="adults") == ""
    assert lacks(named=True, word="ready", statement="I use it.", limits="") == ""
