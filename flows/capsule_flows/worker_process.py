"""The worker for a machine without Docker: a run is a process group of its own."""

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio.abc
import anyio.to_thread
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import InfrastructureNotFound
from prefect.workers.base import (
    BaseJobConfiguration,
    BaseVariables,
    BaseWorker,
    BaseWorkerResult,
)

from capsule_blocks.staging import Staged
from capsule_flows.orphans import Trace
from capsule_flows.run_watch import RunWatch
from capsule_flows.staged_runs import (
    SILENT,
    StagingRefused,
    cases_wanted,
    entrypoint_environment,
    lay_out,
    only_for_a_run,
    refused_state,
)

_KEPT = (
    "HOME",
    "LANG",
    "LANGUAGE",
    "PATH",
    "PREFECT_HOME",
    "TMPDIR",
    "TZ",
    "VIRTUAL_ENV",
)
# With LC_*, all that a run sees of the worker's environment.
_CONTROL = ("CAPSULES_", "AWS_")
# Flows of the control side find ledger and store through these; a capsule's run never sees them.


def process_environment(
    outer: dict[str, str], prepared: dict[str, str], folders: Staged | None
) -> dict[str, str]:
    """Return the environment of one run, out of the worker's and what Prefect prepared for it."""
    kept = {
        name: value
        for name, value in outer.items()
        if name in _KEPT
        or name.startswith("LC_")
        or (folders is None and name.startswith(_CONTROL))
    }
    if folders is None:
        return {**kept, **SILENT, **prepared}
    staged = {
        "CAPSULE_DATA": str(folders.data),
        "CAPSULE_RESULTS": str(folders.results),
    }
    return {**kept, **SILENT, **prepared, **staged}


def start_time(pid: int) -> str | None:
    """Return when a living process began, in the system's own ticks; None if it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    state, started = fields[0], fields[19]
    return None if state in "ZX" else started


def process_name(pid: int) -> str:
    """Return what tells this process from any other, later or elsewhere."""
    return f"{socket.gethostname()}:{pid}:{start_time(pid) or 'ended'}"


class Processes:
    """The processes of this machine."""

    what = "process"

    def look(self, flow_run_id: UUID, pid: str | None) -> Trace:
        """Say what is there of the run."""
        if pid is None:
            return Trace.UNSEEN if self._unnamed(flow_run_id) is None else Trace.ALIVE
        host, number, started = pid.rsplit(":", 2)
        if host != socket.gethostname():
            return Trace.ELSEWHERE
        return Trace.ALIVE if start_time(int(number)) == started else Trace.ENDED

    def kill(self, flow_run_id: UUID, pid: str | None) -> None:
        """End the run's whole process group at once."""
        if self.look(flow_run_id, pid) is not Trace.ALIVE:
            return
        leader = self._unnamed(flow_run_id) if pid is None else int(pid.rsplit(":", 2)[1])
        if leader is not None:
            kill_group(leader)

    def clear(self) -> None:
        """Do nothing: an ended process leaves nothing behind."""

    def overdue(self, pid: str | None, seconds: float) -> bool:
        """Say no: a local process has no time limit."""
        del pid, seconds
        return False

    def _unnamed(self, flow_run_id: UUID) -> int | None:
        # A worker may die between starting a process and telling the server its number.
        mark = f"PREFECT__FLOW_RUN_ID={flow_run_id}\0".encode()
        for environ in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if mark in environ.read_bytes():
                    return os.getpgid(int(environ.parent.name))
        return None


def kill_group(leader: int) -> None:
    """Kill a process group; one that is gone is no error."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


class CapsuleProcessJobConfiguration(BaseJobConfiguration):
    """What one run's process is started with."""

    @classmethod
    def _base_environment(cls) -> dict[str, str]:
        return only_for_a_run(super()._base_environment())


class CapsuleProcessResult(BaseWorkerResult):
    """How a run's process ended."""


class CapsuleProcessWorker(
    BaseWorker[CapsuleProcessJobConfiguration, BaseVariables, CapsuleProcessResult]
):
    """Runs each trial as a process on this machine, on its own staged cases."""

    type = "capsule-process"
    job_configuration = CapsuleProcessJobConfiguration
    _display_name = "Capsule process"
    _description = "Runs capsules as local processes, for a machine without a Docker engine."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ground = Processes()
        self._watch = RunWatch(self, self._ground)

    async def sync_with_backend(self) -> None:
        """Meet the server, and begin the watch once the pool is known."""
        await super().sync_with_backend()
        self._watch.begin()

    async def teardown(self, *exc_info: Any) -> None:
        """End the runs under way, then the worker."""
        await self._watch.end()
        await super().teardown(*exc_info)

    async def run(
        self,
        flow_run: FlowRun,
        configuration: CapsuleProcessJobConfiguration,
        task_status: anyio.abc.TaskStatus[Any] | None = None,
    ) -> CapsuleProcessResult:
        """Lay out the run's cases, run its process, and report how it ended."""
        reached = task_status or anyio.TASK_STATUS_IGNORED
        async with self._watch.follow(flow_run.id) as began:
            if not await self._watch.is_wanted(flow_run.id):
                reached.started("cancelled before it began")
                return CapsuleProcessResult(status_code=0, identifier="not started")
            try:
                environment = await anyio.to_thread.run_sync(self._prepare, flow_run, configuration)
            except StagingRefused as refusal:
                await self.client.set_flow_run_state(
                    flow_run.id, refused_state(refusal), force=True
                )
                reached.started("refused")
                return CapsuleProcessResult(status_code=0, identifier="refused")
            # The process writes where the worker writes, so a dead worker breaks no pipe of it.
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "prefect.engine",
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
            name = process_name(process.pid)
            began(name)
            reached.started(name)
            code = await process.wait()
            kill_group(process.pid)
            code = await self._watch.exit_code(flow_run.id, code)
            return CapsuleProcessResult(status_code=code, identifier=name)

    def _prepare(
        self, flow_run: FlowRun, configuration: CapsuleProcessJobConfiguration
    ) -> dict[str, str]:
        deployment = configuration._related_objects.get("deployment")
        wanted = cases_wanted(flow_run, deployment)
        folders = None if wanted is None else lay_out(flow_run.id, wanted)
        prepared = {name: value for name, value in configuration.env.items() if value is not None}
        return {
            **process_environment(dict(os.environ), prepared, folders),
            **entrypoint_environment(deployment),
        }

    async def _cancel_run(self, flow_run_id: UUID) -> None:
        await self._watch.cancel(flow_run_id)

    async def kill_infrastructure(
        self,
        infrastructure_pid: str,
        configuration: CapsuleProcessJobConfiguration,
        grace_seconds: int = 30,
    ) -> None:
        """Kill the run's process group.

        Raises:
            InfrastructureNotFound: there is no such process here any more.
        """
        nobody = UUID(int=0)
        if self._ground.look(nobody, infrastructure_pid) is not Trace.ALIVE:
            gone = f"Process {infrastructure_pid} is not on this machine any more"
            raise InfrastructureNotFound(gone)
        self._ground.kill(nobody, infrastructure_pid)
