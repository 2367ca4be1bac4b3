"""A flow run as a person sees it: one honest sentence, how far it is, what it said."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterType,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import LogSort
from prefect.exceptions import ObjectNotFound

from capsule_flows.errors import UnknownTrial
from capsule_flows.prefect_api import prefect_api
from capsule_kit.trial_flow import DATA_REFUSED, MODEL_FAILED

LOG_LINES = 200
LOOK_EVERY_S = 0.25

WORDS: dict[StateType, str] = {
    StateType.SCHEDULED: "Waiting for a place to run.",
    StateType.PENDING: "Starting its own container.",
    StateType.RUNNING: "The model is at work.",
    StateType.COMPLETED: "The model is done.",
    StateType.CANCELLING: "Being stopped.",
    StateType.CANCELLED: "It was stopped.",
    StateType.CRASHED: "The infrastructure failed, not the model.",
    StateType.FAILED: "The model failed.",
    StateType.PAUSED: "Paused.",
}


@dataclass(frozen=True)
class RunView:
    """A flow run at one moment."""

    flow_run_id: UUID
    state_type: str
    state_name: str
    sentence: str
    final: bool
    progress: float | None
    """Share of cases predicted, 0 to 1; None before the model is loaded."""
    log: list[str]
    """The last lines, oldest first."""
    url: str
    """The run's page in Prefect's own UI; the second one, whose pages ask for the credential in place."""


def read_run(flow_run_id: UUID) -> RunView:
    """Return the flow run as it stands now.

    Raises:
        UnknownTrial: the Prefect server has no such run.
    """
    client = prefect_api()
    run = _read(client, flow_run_id)
    state = run.state
    return RunView(
        flow_run_id=run.id,
        state_type=state.type.value if state else "",
        state_name=state.name or "" if state else "",
        sentence=sentence_of(state),
        final=state is not None and state.is_final(),
        progress=_progress(client, run.id),
        log=_log(client, run.id),
        url=f"{str(client.api_url).rstrip('/').removesuffix('/api')}/v2/runs/flow-run/{run.id}",
    )


def wait_final(
    flow_run_id: UUID, *, timeout_s: float, on_change: Callable[[str], None] | None = None
) -> FlowRun:
    """Return the run once it has ended; `on_change` hears each new sentence.

    Raises:
        UnknownTrial: the Prefect server has no such run.
        TimeoutError: it has not ended within `timeout_s` seconds.
    """
    until, said = time.monotonic() + timeout_s, ""
    client = prefect_api()
    while True:
        run = _read(client, flow_run_id)
        if on_change and (sentence := sentence_of(run.state)) != said:
            said = sentence
            on_change(sentence)
        if run.state and run.state.is_final():
            return run
        if time.monotonic() > until:
            message = f"The run {flow_run_id} has not ended within {timeout_s:g} s."
            raise TimeoutError(message)
        # The server offers no wait; its events come by websocket, whose set-up costs more than a look.
        time.sleep(LOOK_EVERY_S)


def sentence_of(state: State | None) -> str:
    """Return one sentence on the state, with what the run itself said where it failed."""
    if state is None:
        return "Not started."
    told = state.message or ""
    if state.name in (DATA_REFUSED, MODEL_FAILED):
        return told
    return " ".join(filter(None, [WORDS[state.type], told if state.is_final() else ""]))


def _read(client: SyncPrefectClient, flow_run_id: UUID) -> FlowRun:
    try:
        return client.read_flow_run(flow_run_id)
    except ObjectNotFound as cause:
        raise UnknownTrial(str(flow_run_id)) from cause


def _progress(client: SyncPrefectClient, flow_run_id: UUID) -> float | None:
    found = client.read_artifacts(
        artifact_filter=ArtifactFilter(
            flow_run_id=ArtifactFilterFlowRunId(any_=[flow_run_id]),
            type=ArtifactFilterType(any_=["progress"]),
        )
    )
    return (
        float(found[-1].data) / 100 if found and isinstance(found[-1].data, int | float) else None
    )


def _log(client: SyncPrefectClient, flow_run_id: UUID) -> list[str]:
    found = client.read_logs(
        log_filter=LogFilter(flow_run_id=LogFilterFlowRunId(any_=[flow_run_id])),
        limit=LOG_LINES,
        sort=LogSort.TIMESTAMP_DESC,
    )
    return [f"{line.timestamp:%H:%M:%S} {line.message}" for line in reversed(found)]
