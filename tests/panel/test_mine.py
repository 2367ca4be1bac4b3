"""Her own page says what became of each case that she called wrong."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

import pandas as pd
import pytest

from capsule_blocks.tables import Assessment, Outcome, Trial, Verdict
from capsule_flows.becoming import Became, Fate, Later, became, is_right
from capsule_flows.correcting import Correction, correct_answer
from capsule_flows.home import Resources
from capsule_flows.judging import judge
from capsule_flows.verdict_fates import fate_of
from capsule_kit.answers import ClassAnswer
from capsule_panel.pages.mine import became_of, called_wrong
from judgement.examples import class_manifest, number_manifest, tables
from rows import release, trial, trial_on

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def case(right: Sequence[bool | None], corrected: str | None = None) -> Became:
    said = Assessment(
        flow_run_id=uuid4(),
        case_id="k",
        word="wrong",
        reason="<b>plain</b>",
        corrected=corrected,
        by="Ada",
        at=AT,
    )
    later = tuple(Later(trial(release_id="r2", at=AT), "malignant", one) for one in right)
    return Became(said, trial(at=AT), "S-1", "benign", later)


@pytest.mark.parametrize(
    ("right", "fate"),
    [
        ([], "not tried since"),
        ([False], "still wrong"),
        ([False, True], "mended"),
        ([True, False], "wrong again"),
        ([True, None], "cannot be told"),
    ],
)
def test_the_newest_later_trial_says_where_a_case_stands(
    right: list[bool | None], fate: Fate
) -> None:
    assert case(right).fate == fate


WORDS = ClassAnswer(column="t", classes=("benign", "malignant"), meaning="m")


def test_what_she_said_it_should_be_counts_before_the_answer() -> None:
    row = {"prediction": "malignant", "right": False}
    assert is_right(row, None, WORDS) is False
    assert is_right(row, "malignant", WORDS) is True
    assert is_right({"prediction": "x", "right": pd.NA}, None, WORDS) is None
    assert is_right({"prediction": pd.NA, "right": pd.NA}, "malignant", WORDS) is False


@pytest.mark.parametrize(
    ("kind", "tolerance", "near", "far"),
    [("absolute", 0.5, 3.5, 3.6), ("relative", 0.1, 3.3, 3.4), ("fold", 2.0, 6.0, 6.1)],
)
def test_a_number_is_mended_within_the_tolerance_that_the_author_declared(
    kind: Literal["absolute", "relative", "fold"], tolerance: float, near: float, far: float
) -> None:
    answer = number_manifest(tolerance, tolerance_kind=kind).contract.answer
    assert is_right({"prediction": near, "right": False}, "3,0", answer) is True
    assert is_right({"prediction": far, "right": True}, "3", answer) is False
    assert is_right({"prediction": far, "right": True}, "about 3", answer) is None


def tried_as(resources: Resources, predictions: Sequence[str], **other: object) -> Trial:
    """Add a judged trial of two cases, known to be benign, with these predictions."""
    inputs, answers, predicted = tables(["benign", "benign"], predictions)
    known = resources.ledger.case_set("example", "c")
    if known is None:
        tried = trial_on(resources, class_manifest(), inputs, answers, **other)
    else:
        tried = trial(capsule="example", case_set_id=known.id, **other)
        resources.ledger.add(tried)
    judgement, cases = judge(inputs, answers, predicted, class_manifest())
    resources.store.save_judged(tried.flow_run_id, cases)
    resources.ledger.add(
        Outcome(flow_run_id=tried.flow_run_id, kind="judged", sentence=judgement.headline)
    )
    return tried


def test_an_answer_that_she_corrected_decides_what_is_mended(resources: Resources) -> None:
    first = tried_as(resources, ["benign", "malignant"])
    said = resources.ledger.add_assessment(
        flow_run_id=first.flow_run_id, case_id="c0", word="wrong", reason="", by="Ada"
    )
    tried_as(resources, ["malignant", "benign"])
    assert [one.fate for one in became(resources, [said])] == ["still wrong"]
    correct_answer(resources, first, Correction("c0", "S-1", "malignant", "Read again.", "Ada"))
    assert [one.fate for one in became(resources, [said])] == ["mended"]


def sign(resources: Resources, tried: Trial, word: str, by: str = "Ada") -> Verdict:
    return resources.ledger.add_revision(
        Verdict(
            flow_run_id=tried.flow_run_id,
            release_id=tried.release_id,
            word=word,
            statement="As I saw it.",
            by=by,
        )
    )


def test_what_became_of_a_verdict_is_told_by_what_came_after_it(resources: Resources) -> None:
    first = tried_as(resources, ["malignant", "benign"])
    verdict = sign(resources, first, "not ready")

    def told(sees: bool = True) -> str:
        return became_of(fate_of(resources, verdict, lambda _: sees))

    assert "still the newest release that was tried" in told()
    resources.ledger.add(release(id="r2", capsule="example"))
    later = tried_as(resources, ["benign", "benign"], release_id="r2")
    assert "Release r2 has come since" in told()
    assert "It agreed with you on 2 of 2" in told()
    assert "Nobody has signed a verdict on it yet" in told()
    sign(resources, later, "need more cases")
    sign(resources, later, "ready")
    assert "Verdicts on it: Ada: “ready”" in told()
    assert "r2" not in told(sees=False)
    sign(resources, first, "need more cases")
    assert "You signed anew" in told()
    assert "“need more cases”; that counts now" in told()


def test_the_page_counts_what_was_mended_and_escapes_what_she_wrote() -> None:
    told = called_wrong([case([True]), case([])], of=2)
    assert "1 of 2 cases mended." in told
    assert "release r2 says malignant, 24 Nov 2026, 12:00 UTC" in told
    assert "&lt;b&gt;plain&lt;/b&gt;" in told
