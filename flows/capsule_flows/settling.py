"""An ended flow run becomes an outcome in the ledger: once, whoever asks, however often."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd
from prefect.client.schemas.objects import FlowRun, State, StateType

from capsule_blocks.tables import Outcome, Release, Trial
from capsule_flows.errors import FlowsError
from capsule_flows.evidence import evidence_of, said_by
from capsule_flows.following import sentence_of
from capsule_flows.home import Resources
from capsule_flows.prefect_api import prefect_api
from capsule_flows.publishing import publish
from capsule_flows.releases import published_by
from capsule_flows.submitting import record_trial
from capsule_flows.telling import tell
from capsule_flows.trial_words import (
    CANCELLED,
    DATA_REFUSED_KIND,
    INFRASTRUCTURE_FAILED,
    JUDGED,
    MODEL_FAILED_KIND,
)
from capsule_kit.errors import ModelFailed
from capsule_kit.predictions import PREDICTIONS_FILE
from capsule_kit.provenance import PROVENANCE_FILE, Provenance
from capsule_kit.receipt import hash_file
from capsule_kit.trial_flow import DATA_REFUSED

SHOWN = slice(7, 15)
"""So much of an image's id is told."""


class OtherImage(FlowsError):
    """A trial ran as another image than the release that it is recorded with."""

    def __init__(self, recorded: str, ran: str) -> None:
        super().__init__(
            f"It ran as the image {ran[SHOWN]}, and is recorded with a release of {recorded[SHOWN]}: its"
            " capsule was deployed anew meanwhile. Nothing was judged; run it again."
        )


def settle(resources: Resources, flow_run_id: UUID, *, publishing: bool = True) -> Outcome | None:
    """Return how the trial ended, settling it first if nobody has; None while it is still going on.

    Without `publishing` its artifacts are left to whoever calls this next.
    """
    client = prefect_api()
    run = client.read_flow_run(flow_run_id)
    if run.state is None or not run.state.is_final():
        return None
    with _alone(resources, flow_run_id):
        cases = None
        if (outcome := resources.ledger.outcome(flow_run_id)) is None:
            outcome, cases = _settle(resources, run)
        if outcome is not None and publishing:
            publish(resources, outcome, cases)
    return outcome


def _settle(resources: Resources, run: FlowRun) -> tuple[Outcome | None, pd.DataFrame | None]:
    """Put the outcome into the ledger; return what is there, and the cases where they were judged here."""
    trial = resources.ledger.trial(run.id)
    if trial is None:
        published = published_by(run.deployment_id) if run.deployment_id else None
        if published is None:
            return None, None
        trial = record_trial(resources, published, run)
    results = resources.store.collect(run.id)
    outcome, cases = _outcome(resources, trial, run, results)
    if resources.ledger.add_once(outcome):
        tell(resources, trial, outcome)
    return resources.ledger.outcome(run.id), cases


def _outcome(
    resources: Resources, trial: Trial, run: FlowRun, results: Path | None
) -> tuple[Outcome, pd.DataFrame | None]:
    state = run.state
    assert state is not None
    facts: dict[str, Any] = {"flow_run_id": run.id, "ended_at": run.end_time}
    if (kind := _unjudged(state)) is not None:
        return Outcome(kind=kind, sentence=sentence_of(state), **facts), None
    try:
        return _judged(resources, trial, results, facts)
    except ModelFailed as failure:
        return Outcome(kind=MODEL_FAILED_KIND, sentence=str(failure), **facts), None
    except OtherImage as mismatch:
        return Outcome(kind=INFRASTRUCTURE_FAILED, sentence=str(mismatch), **facts), None


def _unjudged(state: State[Any]) -> str | None:
    """Return the kind of outcome that a final state is by itself; None where there is something to judge."""
    if state.type == StateType.CANCELLED:
        return CANCELLED
    if state.type == StateType.CRASHED:
        return INFRASTRUCTURE_FAILED
    if state.name == DATA_REFUSED:
        return DATA_REFUSED_KIND
    return None if state.type == StateType.COMPLETED else MODEL_FAILED_KIND


def _judged(
    resources: Resources, trial: Trial, results: Path | None, facts: dict[str, Any]
) -> tuple[Outcome, pd.DataFrame]:
    evidence = evidence_of(resources, trial, results)
    assert results is not None
    provenance = Provenance.model_validate_json((results / PROVENANCE_FILE).read_bytes())
    insist_on_image(resources.ledger.release(trial.release_id), provenance)
    judgement, cases = evidence.judge(said_by(resources.ledger, trial, trial.by))
    resources.store.save_judged(trial.flow_run_id, cases)
    outcome = Outcome(
        kind=JUDGED,
        sentence=judgement.headline,
        judgement=judgement.model_dump(mode="json"),
        provenance=provenance.model_dump(mode="json"),
        predictions_hash=hash_file(results / PREDICTIONS_FILE),
        **facts,
    )
    return outcome, cases


def insist_on_image(release: Release | None, provenance: Provenance) -> None:
    """Insist that a trial ran as the image of the release that it is recorded with.

    Raises:
        OtherImage: it ran as another.
    """
    image = release.image if release else None
    # An image that is known by a name only may be any.
    if image and image.startswith("sha256:") and provenance.image_id not in (None, image):
        raise OtherImage(image, str(provenance.image_id))


@contextmanager
def _alone(resources: Resources, flow_run_id: UUID) -> Iterator[None]:
    """Let one process at a time settle this run; the kernel frees the lock of a process that dies."""
    locks = resources.store.local / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    with (locks / str(flow_run_id)).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
