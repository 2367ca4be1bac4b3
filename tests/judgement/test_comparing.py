"""Two versions on the same cases: each case went one way, and the counts say how many."""

import pandas as pd

from capsule_flows.comparing import Comparison, compare
from capsule_flows.judging import judge
from judgement.examples import class_manifest, tables

M, B = "malignant", "benign"


def judged(answers: list[str | None], predictions: list[str]) -> pd.DataFrame:
    """Return the case-by-case table."""
    return judge(*tables(answers, predictions), class_manifest())[1]


def test_each_case_is_broken_fixed_still_right_still_wrong_or_not_comparable() -> None:
    before = judged([B, B, B, B, None], [B, M, B, M, B])
    after = judged([B, B, B, B, None, B], [B, B, M, M, B, B])
    found, table = compare(before, after)
    assert dict(zip(table["row"], table["change"], strict=True)) == {
        4: "broken",
        3: "fixed",
        5: "still wrong",
        6: "not comparable",
        7: "not comparable",
        2: "still right",
    }
    assert list(table["change"])[:2] == ["broken", "fixed"]
    assert found.headline == (
        "Of 4 cases, 1 broken, 1 fixed, 1 still right, 1 still wrong. 2 cases cannot be compared."
    )
    assert Comparison.model_validate_json(found.model_dump_json()) == found


def test_a_case_that_only_the_older_version_saw_keeps_its_name_and_answer() -> None:
    _, table = compare(judged([B], [B]), judged([], []))
    assert table.iloc[0][["row", "case", "answer", "change"]].tolist() == [
        2,
        "row 2",
        B,
        "not comparable",
    ]


def test_nothing_to_compare_is_said() -> None:
    found, table = compare(judged([], []), judged([], []))
    assert found.headline == "No case can be compared."
    assert table.empty
