"""What is said of a challenge case, by two runs of this release, an earlier one, and the version before."""

from typing import Any

import pandas as pd
import pytest

from capsule_flows.replay_changes import NOTHING, Known, Part, Version, changes, has_doubts, news
from capsule_kit.answers import Answer, ClassAnswer, NoAnswer, NumberAnswer, TimeAnswer

CLASSES = ClassAnswer(column="truth", classes=("benign", "malignant"), meaning="seen")
NUMBER = NumberAnswer(column="truth", unit="mg/L", tolerance=0.5, meaning="measured", example=1)
M, B = "malignant", "benign"


def asked(answer: object, *, fits: bool = True, tolerance: float | None = None) -> pd.DataFrame:
    """Return one challenge case as a replay asks it."""
    return pd.DataFrame(
        {
            "case_id": ["k"],
            "batch_id": pd.Series(["b" if fits else None], dtype="string"),
            "why_not": pd.Series([None if fits else "dose is missing"], dtype="string"),
            "answer": [answer],
            "case": ["p1"],
            "shelf": ["open"],
            "critical": [False],
            "tolerance": pd.array([tolerance], dtype="Float64"),
        }
    )


def judged(prediction: object) -> Part:
    return Part("judged", "", pd.Series([prediction], index=["b"], dtype="object"))


def said(prediction: object) -> pd.Series:
    return NOTHING if prediction is None else pd.Series([prediction], index=["k"], dtype="object")


def became(
    now: Part,
    *,
    again: Part | None = None,
    before: object = None,
    same: object = None,
    answer: Answer = CLASSES,
    cases: pd.DataFrame | None = None,
) -> dict[str, Any]:
    known = Known("now", said(same), (Version("before", said(before)),))
    table = changes(asked(M) if cases is None else cases, answer, now, again, known)
    return table.astype(object).where(table.notna(), None).iloc[0].to_dict()


@pytest.mark.parametrize(
    ("before", "after", "change", "right"),
    [
        (M, M, "still right", True),
        (B, B, "still wrong", False),
        (M, B, "broken", False),
        (B, M, "fixed", True),
        (None, M, "still right", True),
        (None, B, "still wrong", False),
    ],
)
def test_two_versions_on_a_case(before: str | None, after: str, change: str, right: bool) -> None:
    one = became(judged(after), again=judged(after), before=before)
    assert (one["change"], one["right"], one["before"], one["after"]) == (
        change,
        right,
        before,
        after,
    )
    assert one["why"] == ("" if before else "Seen for the first time.")


@pytest.mark.parametrize(
    ("along", "now", "broke_on"),
    [
        ([M, B], B, "v2"),
        ([M], B, "now"),
        ([B, M, B, B], B, "v3"),
        ([M, B, M], B, "now"),
        ([M, None, B], B, "v3"),
        ([B, B], B, None),
        ([M, B], M, None),
    ],
)
def test_a_wrong_case_that_once_was_right_names_the_version_that_broke_it(
    along: list[str | None], now: str, broke_on: str | None
) -> None:
    earlier = tuple(Version(f"v{place}", said(one)) for place, one in enumerate(along, start=1))
    known = Known("now", NOTHING, earlier)
    one = changes(asked(M), CLASSES, judged(now), judged(now), known).iloc[0]
    assert (None if pd.isna(one["broke_on"]) else one["broke_on"]) == broke_on
    assert ("It broke on release v" in one["why"]) == (broke_on not in (None, "now"))


def test_a_version_that_did_not_answer_is_passed_over() -> None:
    known = Known("now", NOTHING, (Version("v1", said(M)), Version("v2", NOTHING)))
    one = changes(asked(M), CLASSES, judged(B), judged(B), known).iloc[0]
    assert (one["change"], one["before"]) == ("broken", M)


@pytest.mark.parametrize(
    ("before", "same", "doubts"),
    [
        (M, None, True),
        (B, None, False),
        (None, M, True),
        (B, B, False),
        (None, None, False),
        (M, B, False),
    ],
)
def test_a_flip_and_a_change_on_the_same_release_are_run_again(
    before: str | None, same: str | None, doubts: bool
) -> None:
    known = Known("now", said(same), (Version("before", said(before)),))
    assert has_doubts(asked(M), CLASSES, judged(B), known) is doubts


def test_two_answers_of_one_release_are_unsteady_and_not_broken() -> None:
    one = became(judged(B), again=judged(M), before=M)
    assert (one["change"], one["right"]) == ("unsteady", False)
    assert one["why"] == "It said benign and then malignant on the same inputs."


def test_what_a_release_says_twice_but_not_as_at_an_earlier_time_is_told_of_its_environment() -> (
    None
):
    one = became(judged(B), again=judged(B), before=M, same=M)
    assert one["change"] == "unsteady"
    assert one["why"] == (
        "The same release said malignant before and says benign now, twice:"
        " its environment seems to have changed."
    )


def test_on_later_nights_of_the_same_release_what_broke_stays_broken() -> None:
    assert became(judged(B), before=M, same=B)["change"] == "broken"


@pytest.mark.parametrize(
    ("kind", "change", "right"),
    [
        ("infrastructure failed", "infrastructure failed", None),
        ("cancelled", "infrastructure failed", None),
        ("overtaken", "infrastructure failed", None),
        ("model failed", "not answered", False),
        ("data refused", "not comparable", None),
    ],
)
def test_a_run_that_was_not_judged_is_never_a_pass(kind: str, change: str, right: object) -> None:
    one = became(Part(kind, "What happened.", NOTHING), before=M)
    assert (one["change"], one["right"], one["why"]) == (change, right, "What happened.")


@pytest.mark.parametrize(
    ("kind", "change"),
    [("infrastructure failed", "infrastructure failed"), ("model failed", "unsteady")],
)
def test_a_flip_that_was_not_seen_twice_is_not_told_as_one(kind: str, change: str) -> None:
    assert became(judged(B), again=Part(kind, "", NOTHING), before=M)["change"] == change


def test_a_case_without_a_prediction_is_not_answered() -> None:
    one = became(judged(None), before=M)
    assert (one["change"], one["right"]) == ("not answered", False)


def test_a_row_that_no_longer_fits_the_contract_is_not_comparable_and_says_why() -> None:
    one = became(judged(M), before=M, cases=asked(M, fits=False))
    assert (one["change"], one["right"], one["why"]) == ("not comparable", None, "dose is missing")


def test_a_case_without_an_answer_is_not_comparable() -> None:
    assert became(judged(M), cases=asked(None))["why"] == "It has no answer."


@pytest.mark.parametrize(
    "answer",
    [
        TimeAnswer(column="days", unit="days", meaning="x", example=1),
        NoAnswer(output="number", meaning="x"),
    ],
)
def test_answers_that_are_not_right_one_by_one_are_held_for_steadiness_alone(
    answer: Answer,
) -> None:
    assert became(judged(1.0), answer=answer, cases=asked(2.0))["change"] == "not comparable"
    one = became(judged(1.0), again=judged(1.5), answer=answer, cases=asked(2.0), same=2.0)
    assert one["change"] == "unsteady"


@pytest.mark.parametrize(("tolerance", "change"), [(None, "still right"), (0.1, "still wrong")])
def test_a_case_has_a_tolerance_of_its_own(tolerance: float | None, change: str) -> None:
    cases = asked(2.0, tolerance=tolerance)
    assert became(judged(2.3), answer=NUMBER, cases=cases)["change"] == change


def test_numbers_are_the_same_up_to_their_last_digits() -> None:
    last = 2.0 * (1 + 1e-12)
    assert became(judged(last), again=judged(2.0), same=2.0, answer=NUMBER, cases=asked(2.0))[
        "change"
    ] == ("still right")
    assert became(judged(2.01), again=judged(2.0), answer=NUMBER, cases=asked(2.0))["change"] == (
        "unsteady"
    )


def test_versions_are_held_against_the_answer_as_it_is_now() -> None:
    """The version before was judged right by an answer that was corrected since."""
    assert became(judged(B), again=judged(B), before=M, cases=asked(B))["change"] == "fixed"


def test_what_matters_most_comes_first_and_critical_cases_before_others() -> None:
    both = pd.concat([asked(M)] * 3, ignore_index=True)
    both["case_id"], both["batch_id"] = ["x", "y", "z"], pd.array(["x", "y", "z"], dtype="string")
    both["case"], both["critical"] = ["x", "y", "z"], [False, False, True]
    now = Part("judged", "", pd.Series([M, B, B], index=["x", "y", "z"], dtype="object"))
    before = pd.Series([M, M, M], index=["x", "y", "z"], dtype="object")
    table = changes(both, CLASSES, now, now, Known("now", NOTHING, (Version("before", before),)))
    assert list(table["case"]) == ["z", "y", "x"]


def test_news_is_what_the_last_replay_of_the_same_release_did_not_say() -> None:
    table = pd.DataFrame({"case_id": ["a", "b", "c"], "change": ["broken", "fixed", "still right"]})
    assert list(news(table, None)["case_id"]) == ["a", "b"]
    assert list(news(table, table.assign(change=["broken", "broken", "fixed"]))["case_id"]) == ["b"]
