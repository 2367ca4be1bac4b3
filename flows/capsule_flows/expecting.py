"""How long a trial usually takes, by the earlier ones of the same capsule. Pure, but for the question."""

import math
import statistics
from collections.abc import Iterable, Sequence

from capsule_blocks.tables import Outcome, Trial
from capsule_flows.home import Resources
from capsule_kit.provenance import Provenance

LOOKED_AT = 100
NEAREST = 10
"""Trials with about as many cases tell more than others: a start takes as long for few as for many."""


def usual_seconds(earlier: Sequence[tuple[int, float]], cases: int) -> float | None:
    """Return the median of seconds a case, over the trials nearest in size, for this many cases.

    `earlier` has for each trial its cases and its seconds; None where there is no earlier one.
    """
    known = [(of, seconds) for of, seconds in earlier if of > 0 and seconds >= 0]
    if not known or cases <= 0:
        return None
    nearest = sorted(known, key=lambda one: abs(math.log(one[0] / cases)))[:NEAREST]
    return cases * statistics.median(seconds / of for of, seconds in nearest)


def usual(resources: Resources, trial: Trial) -> float | None:
    """Return how many seconds a trial such as this usually takes once it has started, or None."""
    ledger = resources.ledger
    case_set = trial.case_set_id and ledger.case_set_by_id(trial.case_set_id)
    if not case_set:
        return None
    others = ledger.trials(trial.capsule, limit=LOOKED_AT)
    outcomes = ledger.outcomes([one.flow_run_id for one in others])
    return usual_seconds(list(_took(outcomes.values())), case_set.cases)


def about(seconds: float) -> str:
    """Return a length of time as one says it: "a second", "40 seconds", "3 minutes", "2 hours"."""
    if seconds < 1.5:
        return "a second"
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours"


def _took(outcomes: Iterable[Outcome]) -> Iterable[tuple[int, float]]:
    for outcome in outcomes:
        if outcome.provenance is not None:
            told = Provenance.model_validate(outcome.provenance)
            yield told.cases, (told.ended_at - told.started_at).total_seconds()
