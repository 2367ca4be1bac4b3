"""What the ledger knows of how a trial's cases and answers came about: who chose, who had seen what, and when."""

from datetime import datetime

from sqlmodel import col, select

from capsule_blocks.ledger import Ledger
from capsule_blocks.tables import AnswersRevision, Outcome, Trial
from capsule_flows.caveats import Recorded


def recorded_of(ledger: Ledger, trial: Trial) -> Recorded:
    """Return what limits a trial's judgement, as far as it was recorded until now."""
    cases = ledger.case_set_by_id(trial.case_set_id) if trial.case_set_id else None
    release = ledger.release(trial.release_id)
    tried = _seen_at(ledger, trial)
    revisions = _revisions(ledger, trial)
    used = next((one.revision for one in revisions if one.id == trial.answers_revision_id), 0)
    seen = [
        one.revision for one in revisions if one.after_seeing or any(at < one.at for at in tried)
    ]
    return Recorded(
        chosen_by=cases.by if cases else "",
        revisions_seen=sum(1 < one <= used for one in seen),
        later_revisions=sum(one.revision > used for one in revisions),
        seen_before=sum(at < release.created_at for at in tried) if release else 0,
        words_changed=sum(one.revision > 1 for one in ledger.assessments(trial.flow_run_id)),
    )


def _seen_at(ledger: Ledger, trial: Trial) -> list[datetime]:
    """Return when the predictions of other trials on these cases were there to be seen."""
    if trial.case_set_id is None:
        return []
    asked = (
        select(Outcome.settled_at)
        .join(Trial, col(Trial.flow_run_id) == col(Outcome.flow_run_id))
        .where(
            Trial.case_set_id == trial.case_set_id,
            col(Outcome.flow_run_id) != trial.flow_run_id,
        )
    )
    return ledger.rows(asked)


def _revisions(ledger: Ledger, trial: Trial) -> list[AnswersRevision]:
    if trial.case_set_id is None:
        return []
    asked = select(AnswersRevision).where(AnswersRevision.case_set_id == trial.case_set_id)
    return ledger.rows(asked)
