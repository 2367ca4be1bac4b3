"""What was asked of the model's behaviour stands in the report, on this release and these settings alone."""

from uuid import UUID

from capsule_blocks.behaviours import Behaviour, BehaviourOutcome
from capsule_flows.behaviour_checks import BehaviourCheck, Expected, Shifted
from capsule_flows.behaviour_judging import Behaved, Moved
from capsule_flows.home import Resources
from capsule_flows.judgement import Rate
from capsule_flows.report import Report
from capsule_flows.reporting import report_of
from reporting.conftest import Try

CHECK = BehaviourCheck(
    changes=(Shifted(column="age", by=5),), expected=Expected(way="does not fall")
)
MOVED = Moved(
    case="<b>p1</b>", row=2, before="high", after="low", before_score=0.6, after_score=0.4
)
FOUND = Behaved(
    held=1,
    broken=1,
    not_comparable=0,
    left_out={},
    rate=Rate(k=1, n=2, share=0.5, low=0.01, high=0.99),
    largest=0.2,
    control=None,
    sentence="Raising age by 5 years lowered the score of malignant in 1 of 2 cases.",
    notes=("1 case left out: the cell is blank.",),
    listed=(MOVED,),
)


def checked(where: Resources, trial: UUID, run: UUID) -> None:
    """Have `run` be a run of the check on the cases of `trial`."""
    first, derived = where.ledger.trial(trial), where.ledger.trial(run)
    assert first
    assert derived
    row = Behaviour(
        capsule=first.capsule,
        case_set_id=first.case_set_id,
        derived_id=derived.case_set_id,
        asked=CHECK.model_dump(mode="json"),
        check_hash="a",
        by="Ada",
    )
    came = BehaviourOutcome(
        behaviour_id=row.id,
        flow_run_id=run,
        kind="judged",
        sentence=FOUND.sentence,
        found=FOUND.model_dump(mode="json"),
    )
    where.ledger.add(row, came)


def test_a_check_of_these_cases_is_in_the_report(where: Resources, tried: Try) -> None:
    trial = tried(["malignant"] * 2, ["malignant"] * 2)
    checked(where, trial, tried(["benign"] * 4, ["benign"] * 4, cases="Monday, older"))
    reported = report_of(where, trial, made_by="Ada", with_answers=False)
    (one,) = reported.report.behaviour
    assert one.asked == "Raising age by 5 years: the score of malignant does not fall"
    assert one.behaved == FOUND
    page = reported.html()
    assert FOUND.sentence in page
    assert "&lt;b&gt;p1&lt;/b&gt;" in page
    assert Report.model_validate_json(reported.json()).behaviour == reported.report.behaviour


def test_a_check_on_another_release_is_not(where: Resources, tried: Try) -> None:
    trial = tried(["malignant"] * 2, ["malignant"] * 2)
    later = tried(["benign"] * 4, ["benign"] * 4, cases="Monday, older", release="r2")
    checked(where, trial, later)
    reported = report_of(where, trial, made_by="Ada", with_answers=True)
    assert reported.report.behaviour == ()
    assert "No check of its behaviour was made" in reported.html()
