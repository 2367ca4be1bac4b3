"""A flow run as a person sees it: one honest sentence, how far it is, what it said."""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterType,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    LogFilter,
    LogFilterFlowRunId,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, Log, State, StateType
from prefect.client.schemas.sorting import LogSort
from prefect.exceptions import ObjectNotFound
from prefect.types._datetime import now

from capsule_flows.errors import UnknownTrial
from capsule_flows.prefect_api import prefect_api
from capsule_flows.queueing import in_order, queued
from capsule_flows.wording import count as counted
from capsule_kit.trial_flow import DATA_REFUSED, LOADED, MODEL_FAILED

LOG_LINES = 200
LONGEST_LINE = 1_000
"""How much of one message of the log is shown, in characters."""
LOOK_EVERY_S = 0.25
A_MOMENT_S = 1.0
"""A run that waits for less long is not told its place in the queue."""
HELD = "AwaitingConcurrencySlot"
"""Name of the state of a run that the server keeps waiting for its deployment's limit."""
QUEUE_STATES = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]

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
class Progress:
    """How far the predicting is, as the run itself says."""

    share: float
    """From 0 to 1."""
    cases: int
    """How many cases there are."""


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
    seconds: float | None
    """How long it has been at work, or was; None before it began."""
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
    progress, log = _progress(client, run.id), _log(client, run.id)
    return RunView(
        flow_run_id=run.id,
        state_type=state.type.value if state else "",
        state_name=state.name or "" if state else "",
        sentence=_waiting(client, run) or _at_work(state, progress, log) or sentence_of(state),
        final=state is not None and state.is_final(),
        progress=progress.share if progress else None,
        seconds=run.estimated_run_time.total_seconds() if run.start_time else None,
        log=log,
        url=f"{str(client.api_url).rstrip('/').removesuffix('/api')}/v2/runs/flow-run/{run.id}",
    )


def stop_run(flow_run_id: UUID) -> None:
    """Ask for the run to be stopped; its worker ends its container and says when it is gone.

    Raises:
        UnknownTrial: the Prefect server has no such run.
    """
    try:
        prefect_api().set_flow_run_state(flow_run_id, State(type=StateType.CANCELLING))
    except ObjectNotFound as cause:
        raise UnknownTrial(str(flow_run_id)) from cause


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


def _waiting(client: SyncPrefectClient, run: FlowRun) -> str | None:
    """Say what a run waits for that has waited for more than a moment."""
    due = run.next_scheduled_start_time or run.expected_start_time
    if run.state is None or not run.state.is_scheduled() or run.work_pool_name is None:
        return None
    # The server itself holds a run up where the worker did not know of the limit yet.
    held = run.state.name == HELD
    if not held and (due is None or (now("UTC") - due).total_seconds() < A_MOMENT_S):
        return None
    there = client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=QUEUE_STATES))
        ),
        work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[run.work_pool_name])),
    )
    running = [queued(one) for one in there if one.state and not one.state.is_scheduled()]
    waiting = [queued(one) for one in there if one.state and one.state.is_scheduled()]
    limit = _limit(client, run)
    if limit and (held or sum(one.release == run.deployment_id for one in running) >= limit):
        return f"Waiting: only {counted(limit, 'trial')} of this model may run at a time."
    ids = [one.run_id for one in in_order(waiting, running)]
    before = ids.index(run.id) if run.id in ids else 0
    if before == 0:
        return "Waiting for a place to run; it is next."
    return f"Waiting for a place to run; {counted(before, 'trial')} before it."


def _at_work(state: State | None, progress: Progress | None, log: list[str]) -> str | None:
    """Say what a running trial does: loading, predicting n of m, writing."""
    if state is None or state.type != StateType.RUNNING:
        return None
    if progress is None:
        loaded = next((line for line in reversed(log) if LOADED in line), None)
        return f"Predicting. {loaded[loaded.index(LOADED) :]}" if loaded else "Loading the model."
    if progress.share >= 1:
        return "Writing the results."
    return (
        f"Predicting: {progress.share * progress.cases:.0f} of {counted(progress.cases, 'case')}."
    )


def _limit(client: SyncPrefectClient, run: FlowRun) -> int | None:
    if run.deployment_id is None:
        return None
    limit = client.read_deployment(run.deployment_id).global_concurrency_limit
    return limit.limit if limit else None


def _read(client: SyncPrefectClient, flow_run_id: UUID) -> FlowRun:
    try:
        return client.read_flow_run(flow_run_id)
    except ObjectNotFound as cause:
        raise UnknownTrial(str(flow_run_id)) from cause


def _progress(client: SyncPrefectClient, flow_run_id: UUID) -> Progress | None:
    found = client.read_artifacts(
        artifact_filter=ArtifactFilter(
            flow_run_id=ArtifactFilterFlowRunId(any_=[flow_run_id]),
            type=ArtifactFilterType(any_=["progress"]),
        )
    )
    if not found or not isinstance(found[-1].data, int | float):
        return None
    cases = re.search(r"\d+", found[-1].description or "")
    return Progress(float(found[-1].data) / 100, int(cases[0]) if cases else 0)


def _log(client: SyncPrefectClient, flow_run_id: UUID) -> list[str]:
    found = client.read_logs(
        log_filter=LogFilter(flow_run_id=LogFilterFlowRunId(any_=[flow_run_id])),
        limit=LOG_LINES,
        sort=LogSort.TIMESTAMP_DESC,
    )
    return [_line(line) for line in reversed(found)]


def _line(line: Log) -> str:
    grave = f"{logging.getLevelName(line.level)}: " if line.level >= logging.WARNING else ""
    text = line.message if len(line.message) <= LONGEST_LINE else f"{line.message[:LONGEST_LINE]} …"
    return f"{line.timestamp:%H:%M:%S} {grave}{text}"
