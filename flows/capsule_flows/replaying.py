"""Replay: every challenge case of a capsule on its current release, compared with how it stood before."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pandas as pd

from capsule_blocks.tables import CaseSet, Outcome
from capsule_flows.comparing import Comparison, compare
from capsule_flows.following import wait_final
from capsule_flows.home import Resources
from capsule_flows.releases import Published
from capsule_flows.settling import JUDGED, settle
from capsule_flows.submitting import submit

LONGEST_TRIAL_S = 3600.0
DOOR = "replay"


@dataclass(frozen=True)
class Replayed:
    """What became of one kept case set on the current release."""

    capsule: str
    case_set: str
    flow_run_id: UUID
    critical: bool
    outcome: Outcome
    before: UUID | None
    """The judged trial it is compared with; None where there was none."""
    comparison: Comparison | None
    """None where this trial, or every one before it, was not judged."""
    cases: pd.DataFrame | None
    """Case by case, as `comparing.compare` returns it."""

    @property
    def sentence(self) -> str:
        """What to say of it."""
        name = f"{self.capsule}, {self.case_set!r}"
        if self.comparison is not None:
            return f"{name}: {self.comparison.headline}"
        if self.outcome.kind != JUDGED:
            return f"{name}: not compared, {self.outcome.kind}. {self.outcome.sentence}"
        return f"{name}: judged for the first time. {self.outcome.sentence}"

    @property
    def broken(self) -> int:
        """How many cases were right before and are wrong now."""
        return self.comparison.broken if self.comparison else 0


def replay_capsule(
    resources: Resources, published: Published, tell: Callable[[str], None]
) -> list[Replayed]:
    """Run every kept case set of a capsule on its current release and say what changed."""
    done = []
    for kept in resources.ledger.kept(published.manifest.name):
        case_set = resources.ledger.case_set_by_id(kept.case_set_id)
        if case_set is None:
            continue
        replayed = _replay(resources, published, case_set, critical=kept.critical)
        tell(replayed.sentence)
        done.append(replayed)
    return done


def _replay(
    resources: Resources, published: Published, case_set: CaseSet, *, critical: bool
) -> Replayed:
    before = last_judged(resources, case_set.id)
    run_id = submit(resources, published, case_set.name, {}, by=DOOR, door=DOOR)
    wait_final(run_id, timeout_s=LONGEST_TRIAL_S)
    outcome = settle(resources, run_id)
    if outcome is None:
        message = f"The run {run_id} ended but belongs to no capsule."
        raise LookupError(message)
    comparison, cases = None, None
    then = resources.store.judged(before) if before else None
    now = resources.store.judged(run_id)
    if then is not None and now is not None and outcome.kind == JUDGED:
        comparison, cases = compare(then, now)
    return Replayed(
        capsule=case_set.capsule,
        case_set=case_set.name,
        flow_run_id=run_id,
        critical=critical,
        outcome=outcome,
        before=before,
        comparison=comparison,
        cases=cases,
    )


def last_judged(resources: Resources, case_set_id: UUID) -> UUID | None:
    """Return the newest trial on a case set that was judged, or None."""
    trials = resources.ledger.trials_of_case_set(case_set_id)
    outcomes = resources.ledger.outcomes([trial.flow_run_id for trial in trials])
    for trial in trials:
        outcome = outcomes.get(trial.flow_run_id)
        if outcome and outcome.kind == JUDGED:
            return trial.flow_run_id
    return None
