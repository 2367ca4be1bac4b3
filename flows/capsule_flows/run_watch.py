"""A worker's watch over its pool's runs: wakes for new ones, stops cancelled ones, settles orphans.

Events are hints, and may repeat or be missing: states are read again before anything is done.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import anyio
import anyio.to_thread
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import (
    FlowRun,
    State,
    StateType,
    WorkerStatus,
)
from prefect.events import Event
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventAnyResourceFilter, EventFilter, EventNameFilter
from prefect.exceptions import ObjectNotFound
from prefect.states import Crashed
from prefect.types._datetime import now
from prefect.workers.base import BaseWorker

from capsule_flows.orphans import Ground, Mend, Orphan, Trace, mend_for, mended_state

SCHEDULED_EVENTS = ("prefect.flow-run.Scheduled", "prefect.flow-run.AwaitingRetry")
CANCELLING_EVENT = "prefect.flow-run.Cancelling"
LOOK_SECONDS = 2.0
"""How often cancelled runs are looked for beside the events."""
RECONCILE_SECONDS = 10.0
"""How often runs that nobody follows are looked for."""
STOP_SECONDS = 3.0
"""How long a stopping worker waits for the server to note that its runs have ended."""


class RunWatch:
    """The watch of one worker."""

    def __init__(
        self,
        worker: BaseWorker[Any, Any, Any],
        ground: Ground,
        stop: Callable[[UUID], Awaitable[None]] | None = None,
    ) -> None:
        """`stop` ends a run that the worker follows, more gently than `ground` can."""
        self._worker = worker
        self._ground = ground
        self._stop = stop
        self._following: dict[UUID, str | None] = {}
        self._scope: anyio.CancelScope | None = None

    def begin(self) -> None:
        """Start watching, once the worker knows its pool; calling it again does nothing."""
        tasks = self._worker._runs_task_group
        if self._scope is None and tasks is not None and self._worker._work_pool:
            self._scope = anyio.CancelScope()
            tasks.start_soon(self._watch, self._scope)

    async def end(self) -> None:
        """Stop watching, and end every run that is still under way, saying so."""
        if self._scope is not None:
            self._scope.cancel()
            self._scope = None
        stopped: State[Any] = Crashed(
            message="The worker was stopped while the run was under way; run again."
        )
        with anyio.move_on_after(STOP_SECONDS):
            for flow_run_id in list(self._following):
                await self._set_state(flow_run_id, stopped)
        for flow_run_id in list(self._following):
            await self._kill(flow_run_id, self._following.get(flow_run_id))

    def follows(self, flow_run_id: UUID) -> bool:
        """Whether this worker looks after the run."""
        return flow_run_id in self._following

    @asynccontextmanager
    async def follow(self, flow_run_id: UUID) -> AsyncIterator[Callable[[str], None]]:
        """Follow one run; yields what is told the run's infrastructure id once it has one."""

        def began(pid: str) -> None:
            self._following[flow_run_id] = pid

        self._following[flow_run_id] = None
        try:
            yield began
        finally:
            self._following.pop(flow_run_id, None)

    async def is_wanted(self, flow_run_id: UUID) -> bool:
        """Whether the run is still to be started; one cancelled meanwhile is set Cancelled."""
        state = await self._state(flow_run_id)
        await self._cancelled_if_asked(flow_run_id, state)
        return state is not None and state.is_pending()

    async def exit_code(self, flow_run_id: UUID, code: int) -> int:
        """Return the exit code to report: 0 for a run whose state already tells how it ended."""
        return code if await self.is_unfinished(flow_run_id) else 0

    async def is_unfinished(self, flow_run_id: UUID) -> bool:
        """Whether a run that has ended has left its state open; one that was stopped is set so."""
        state = await self._state(flow_run_id)
        cancelled = await self._cancelled_if_asked(flow_run_id, state)
        return not (cancelled or state is None or state.is_final())

    async def cancel(self, flow_run_id: UUID) -> None:
        """Kill a followed run that is to be cancelled; its state is set as its end is seen."""
        state = await self._state(flow_run_id)
        if state and state.is_cancelling() and flow_run_id in self._following:
            if self._stop:
                await self._stop(flow_run_id)
            else:
                await self._kill(flow_run_id, self._following[flow_run_id])

    async def reconcile(self) -> None:
        """Bring every run of the pool that nobody follows into a true state."""
        alone = await self._alone()
        for run in await self._runs_in(StateType.PENDING, StateType.RUNNING, StateType.CANCELLING):
            if not self._is_ours(run.id):
                await self._mend(run, alone=alone)
        await anyio.to_thread.run_sync(self._ground.clear)

    async def _mend(self, run: FlowRun, *, alone: bool) -> None:
        trace = await anyio.to_thread.run_sync(self._ground.look, run.id, run.infrastructure_pid)
        if run.state is None:
            return
        seconds = (now("UTC") - run.state.timestamp).total_seconds()
        overdue = trace is Trace.ALIVE and await anyio.to_thread.run_sync(
            self._ground.overdue, run.infrastructure_pid, seconds
        )
        mend = mend_for(Orphan(run.state.type, trace, seconds, alone, overdue))
        state = await self._state(run.id)
        unchanged = state is not None and state.id == run.state.id
        if mend is None or not unchanged or self._is_ours(run.id):
            return
        mended = mended_state(mend, trace, self._ground.what)
        self._log.warning("Flow run %s: %s", run.id, mended.message)
        await self._kill(run.id, run.infrastructure_pid)
        await self._set_state(run.id, mended)

    async def _watch(self, scope: anyio.CancelScope) -> None:
        with scope:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._listen)
                tasks.start_soon(self._look_around)

    async def _listen(self) -> None:
        while True:
            try:
                await self._worker.get_and_submit_flow_runs()
                async with get_events_subscriber(filter=self._events_of_the_pool()) as events:
                    async for event in events:
                        await self._heed(event)
            except Exception as cause:  # noqa: BLE001 - polling goes on whatever the events do
                self._log.warning("No events from the server (%s); polling meanwhile", cause)
            await anyio.sleep(LOOK_SECONDS)

    async def _heed(self, event: Event) -> None:
        if event.event == CANCELLING_EVENT:
            await self.cancel(UUID(event.resource.id.rsplit(".", 1)[-1]))
        else:
            await self._worker.get_and_submit_flow_runs()

    async def _look_around(self) -> None:
        reconciled = -RECONCILE_SECONDS
        while True:
            try:
                if self._following:
                    for run in await self._runs_in(StateType.CANCELLING, ids=list(self._following)):
                        await self.cancel(run.id)
                if time.monotonic() - reconciled >= RECONCILE_SECONDS:
                    reconciled = time.monotonic()
                    await self.reconcile()
            except Exception as cause:  # noqa: BLE001 - the server or the engine may come back
                self._log.warning("Could not look after the pool's runs (%s); trying again", cause)
            await anyio.sleep(LOOK_SECONDS)

    def _events_of_the_pool(self) -> EventFilter:
        return EventFilter(
            event=EventNameFilter(name=[*SCHEDULED_EVENTS, CANCELLING_EVENT]),
            any_resource=EventAnyResourceFilter(
                id=[f"prefect.work-pool.{self._worker.work_pool.id}"]
            ),
        )

    @property
    def _log(self) -> Any:
        return self._worker._logger

    def _is_ours(self, flow_run_id: UUID) -> bool:
        submitting = self._worker._submitting_flow_run_ids
        return flow_run_id in self._following or flow_run_id in submitting

    async def _runs_in(self, *types: StateType, ids: list[UUID] | None = None) -> list[FlowRun]:
        pool = WorkPoolFilterName(any_=[self._worker.work_pool.name])
        return await self._worker.client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                id=FlowRunFilterId(any_=ids) if ids else None,
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types))),
            ),
            work_pool_filter=WorkPoolFilter(name=pool),
        )

    async def _alone(self) -> bool:
        workers = await self._worker.client.read_workers_for_work_pool(self._worker.work_pool.name)
        return not any(
            other.status is WorkerStatus.ONLINE and other.name != self._worker.name
            for other in workers
        )

    async def _state(self, flow_run_id: UUID) -> State[Any] | None:
        try:
            return (await self._worker.client.read_flow_run(flow_run_id)).state
        except ObjectNotFound:
            return None

    async def _set_state(self, flow_run_id: UUID, state: State[Any]) -> None:
        try:
            await self._worker.client.set_flow_run_state(flow_run_id, state)
        except ObjectNotFound:
            self._log.debug("Flow run %s was deleted meanwhile", flow_run_id)

    async def _cancelled_if_asked(self, flow_run_id: UUID, state: State[Any] | None) -> bool:
        if state is None or not state.is_cancelling():
            return False
        await self._set_state(
            flow_run_id, mended_state(Mend.CANCEL, Trace.ENDED, self._ground.what)
        )
        return True

    async def _kill(self, flow_run_id: UUID, pid: str | None) -> None:
        await anyio.to_thread.run_sync(self._ground.kill, flow_run_id, pid)
