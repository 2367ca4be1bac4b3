"""A trial is judged by what store and ledger hold of it, and by what was said before it began."""

from pathlib import Path
from uuid import uuid4

import pytest

from capsule_blocks.tables import AnswersRevision, Outcome, Preferred, Release, Trial, now
from capsule_flows.evidence import evidence_of, said_by
from capsule_flows.home import Resources
from capsule_flows.said import Preferences
from capsule_kit.criteria import Criterion
from capsule_kit.errors import ModelFailed
from judgement.examples import class_manifest, from_counts
from rows import trial_on

M, B = "malignant", "benign"
FLOOR = Criterion(metric="ppv", at_least=0.5)


def tried(resources: Resources, results: Path) -> Trial:
    """Put a trial of ten masses into store and ledger, its predictions into a folder."""
    inputs, answers, predictions = from_counts({(M, M): 3, (B, B): 6, (B, M): 1})
    predictions["score"] = [0.9] * 3 + [0.1] * 6 + [0.7]
    predictions.to_parquet(results / "predictions.parquet")
    return trial_on(resources, class_manifest(), inputs, answers)


def prefer(resources: Resources, trial: Trial, preferences: Preferences) -> None:
    """Have Ada say something of the capsule."""
    resources.ledger.add_revision(
        Preferred(
            capsule="example",
            flow_run_id=trial.flow_run_id,
            said=preferences.model_dump(mode="json"),
            by="Ada",
        )
    )


def test_a_trial_is_judged_again_with_what_was_said_since(
    resources: Resources, tmp_path: Path
) -> None:
    trial = tried(resources, tmp_path)
    evidence = evidence_of(resources, trial, tmp_path)
    first, _ = evidence.judge(said_by(resources.ledger, trial, "Ada"))
    assert (first.right, first.judged, first.cost, first.criteria) == (9, 10, None, ())
    prefer(resources, trial, Preferences(false_alarms=9, criteria=(FLOOR,)))
    resources.ledger.add_assessment(
        flow_run_id=trial.flow_run_id, case_id="c9", word="cannot judge", reason="", by="Ada"
    )
    again, _ = evidence.judge(said_by(resources.ledger, trial, "Ada"))
    assert (again.right, again.judged) == (9, 9)
    assert again.benefit is not None
    assert again.benefit.threshold == 0.1
    assert [one.origin for one in again.criteria] == ["added"]
    # To somebody else, and to her next trial, it is another thing.
    assert evidence.judge(said_by(resources.ledger, trial, "Eve"))[0] == first
    later = Trial(**{**trial.model_dump(), "flow_run_id": uuid4(), "at": now()})
    assert said_by(resources.ledger, later, "Ada").prespecified == (FLOOR,)


def test_how_cases_and_answers_came_about_is_said_by_the_judgement_itself(
    resources: Resources, tmp_path: Path
) -> None:
    earlier = tried(resources, tmp_path)
    resources.ledger.add(Outcome(flow_run_id=earlier.flow_run_id, kind="judged", sentence="x"))
    assert earlier.case_set_id is not None
    locked = resources.ledger.add_revision(
        AnswersRevision(
            case_set_id=earlier.case_set_id,
            answers_hash=resources.ledger.latest_answers(earlier.case_set_id).answers_hash,
            reason="looked again",
            after_seeing=earlier.flow_run_id,
            by="Ada",
        )
    )
    newer = resources.ledger.release("r1").model_dump() | {"id": "r2", "created_at": now()}
    trial = Trial(
        **{
            **earlier.model_dump(),
            "flow_run_id": uuid4(),
            "release_id": "r2",
            "answers_revision_id": locked.id,
        }
    )
    resources.ledger.add(Release(**newer), trial)
    found, _ = evidence_of(resources, trial, tmp_path).judge()
    assert found.caveats == (
        (
            "The cases were chosen by Ada and are no random sample: what is said here holds for cases"
            " chosen like these."
        ),
        (
            "The answers were revised once after predictions on these cases had been seen, and the"
            " revised ones are used here."
        ),
        "1 trial on these cases came before this release, so its author could have seen them.",
        (
            "It is not recorded what the model was trained on, so cases that were used for it cannot be"
            " told."
        ),
    )


def test_without_predictions_it_is_the_models_failure(resources: Resources, tmp_path: Path) -> None:
    trial = tried(resources, tmp_path)
    with pytest.raises(ModelFailed, match="left no predictions"):
        evidence_of(resources, trial, None)
