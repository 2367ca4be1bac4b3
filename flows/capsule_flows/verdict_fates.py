"""What became of a signed verdict: signed anew by the same person, or a newer release came and was spoken on."""

from collections.abc import Callable
from dataclasses import dataclass

from capsule_blocks.tables import Outcome, Trial, Verdict
from capsule_flows.home import Resources
from capsule_flows.next_known import ahead
from capsule_flows.trial_words import BEHAVIOUR, JUDGED

MOST_TRIALS = 200
"""How many of a model's newest trials are looked through."""


@dataclass(frozen=True)
class VerdictFate:
    """What came after one verdict, of what its expert may see."""

    anew: Verdict | None
    """Her next word on the same release; None where this is her last."""
    trial: Trial | None
    """The newest judged trial of a release that came later; None where none was tried."""
    outcome: Outcome | None
    """How that trial came out."""
    said: tuple[Verdict, ...]
    """Each person's latest verdict on that release, newest first."""


def fate_of(resources: Resources, verdict: Verdict, sees: Callable[[Trial], bool]) -> VerdictFate:
    """Return what became of a verdict; `sees` says of a trial whether its expert may see it."""
    ledger = resources.ledger
    signed = ledger.verdicts(release_id=verdict.release_id, by=verdict.by)
    anew = next((one for one in signed if one.at > verdict.at), None)
    tried, first = ledger.trial(verdict.flow_run_id), ledger.release(verdict.release_id)
    found = ledger.trials(tried.capsule, limit=MOST_TRIALS) if tried and first else []
    not_taken = ahead(ledger, tried.capsule) if tried else frozenset()
    found = [one for one in found if one.release_id not in not_taken]
    outcomes = ledger.outcomes([one.flow_run_id for one in found])
    for trial in found:
        outcome, release = outcomes.get(trial.flow_run_id), ledger.release(trial.release_id)
        judged = outcome is not None and outcome.kind == JUDGED and trial.door != BEHAVIOUR
        if judged and first and release and release.created_at > first.created_at and sees(trial):
            return VerdictFate(anew, trial, outcome, _latest(resources, release.id, sees))
    return VerdictFate(anew, None, None, ())


def _latest(
    resources: Resources, release_id: str, sees: Callable[[Trial], bool]
) -> tuple[Verdict, ...]:
    latest: dict[str, Verdict] = {}
    for one in resources.ledger.verdicts(release_id=release_id):
        trial = resources.ledger.trial(one.flow_run_id)
        if trial is not None and one.by not in latest and sees(trial):
            latest[one.by] = one
    return tuple(latest.values())
