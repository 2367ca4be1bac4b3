"""Where a month is played: a real Prefect server that can be stopped, and releases that are functions.

The flow `replay`, the ledger, the store, settling, events and messages are the product's own. Only
where a worker would start a container, a function answers: `WorkerInPlace`.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pandas as pd
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.events.worker import EventsWorker
from prefect.flow_engine import run_flow
from prefect.logging.handlers import APILogHandler
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.states import Completed, Running, Scheduled

from capsule_flows.control_flows import replay
from capsule_flows.deploying import CONTROL_POOL, PROCESS_POOL, make_pools
from capsule_flows.home import Resources, resources
from capsule_flows.new_releases import DEPLOYMENT
from capsule_flows.prefect_api import prefect_api
from capsule_flows.releases import Published, find_published
from capsule_flows.settling import settle
from capsule_flows.submitting import CAPSULE_TAG
from capsule_flows.supervising import save_blocks
from capsule_kit.manifest import Manifest
from capsule_kit.predictions import PREDICTIONS_FILE
from capsule_kit.provenance import PROVENANCE_FILE, Provenance
from machine import free_port, until
from replay.place import Model

FIRST_NIGHT = datetime(2026, 1, 1, 2, tzinfo=UTC)
LOOK_EVERY_S = 0.05


@dataclass
class PrefectServer:
    """A Prefect server's process, which comes back with what it had."""

    home: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The API's address."""
        return f"http://127.0.0.1:{self.port}/api"

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "capsule_flows.prefect_server", "server", "start"]
        quiet = {"PREFECT_HOME": str(self.home), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port)],
                env={**os.environ, **quiet},
                stdout=log,
                stderr=log,
            )
        until(self._answers, 90, "the Prefect server")

    def stop(self) -> None:
        """End it at once, as a machine does that goes down."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=2).is_success
        except httpx.TransportError:
            return False


@dataclass
class WorkerInPlace:
    """Takes the runs of the capsule, as a worker does, and has the release's function answer them.

    `befall` is done to the next run once its predictions are written, before it is told Completed.
    """

    where: Resources
    models: dict[str, Model] = field(default_factory=dict)
    """What each version of the code says."""
    befall: Callable[[], None] | None = None
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look for runs."""
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        wanted = FlowRunFilter(
            tags=FlowRunFilterTags(all_=[CAPSULE_TAG]),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        )
        while not self._ended.wait(LOOK_EVERY_S):
            try:
                waiting = prefect_api().read_flow_runs(flow_run_filter=wanted)
            except httpx.HTTPError:  # the server is away
                continue
            for run in waiting:
                self._run(run)

    def _run(self, run: FlowRun) -> None:
        client, store = prefect_api(), self.where.store
        assert run.deployment_id is not None
        version = client.read_deployment(run.deployment_id).version
        manifest = find_published("example").manifest
        cases = self.where.ledger.case_set(manifest.name, str(run.parameters["cases"]))
        assert cases is not None
        assert version is not None
        client.set_flow_run_state(run.id, Running(), force=True)
        staged = store.stage(run.id, cases.inputs_hash, manifest.contract.hash)
        inputs = pd.read_parquet(staged.data / "inputs.parquet")
        said = [self.models[version](row) for row in inputs.to_dict("records")]
        predictions = pd.DataFrame({"case_id": inputs["case_id"], "prediction": said})
        predictions.to_parquet(staged.results / PREDICTIONS_FILE, index=False)
        told = _provenance(manifest, version, cases.inputs_hash, len(inputs)).model_dump_json()
        (staged.results / PROVENANCE_FILE).write_text(told)
        if (befall := self.befall) is not None:
            self.befall = None
            befall()
        client.set_flow_run_state(run.id, Completed(), force=True)


@dataclass
class Stage:
    """A start of the product without its app, as far as replays need it."""

    home: Path
    server: PrefectServer
    where: Resources
    worker: WorkerInPlace

    @classmethod
    def set_up(cls, home: Path, server: PrefectServer) -> "Stage":
        """Make ledger, store, work pools and the deployment `replay`, on a server that runs."""
        save_blocks(home)
        make_pools()
        client = prefect_api()
        client.create_deployment(
            flow_id=client.create_flow(replay),
            name=DEPLOYMENT.split("/")[1],
            entrypoint="capsule_flows.control_flows.replay",
            work_pool_name=CONTROL_POOL,
            pull_steps=[],
        )
        where = resources()
        return cls(home, server, where, WorkerInPlace(where))

    def deploy(self, version: str, manifest: Manifest, model: Model) -> Published:
        """Deploy a version of the example as `prefect deploy` does in the end."""
        client = prefect_api()
        cases = {"type": "string", **manifest.as_schema_keys()}
        properties = {"cases": cases, "settings": {"type": "object", "properties": {}}}
        client.create_deployment(
            flow_id=client.create_flow_from_name(manifest.name),
            name="trial",
            entrypoint="example.declaration.flow",
            version=version,
            work_pool_name=PROCESS_POOL,
            parameter_openapi_schema={
                "type": "object",
                "properties": properties,
                "definitions": {},
            },
            tags=["capsule"],
        )
        self.worker.models[version] = model
        return find_published(manifest.name)

    def due(self, number: int) -> FlowRun:
        """Return the run of `replay` that the schedule makes for a night."""
        client = prefect_api()
        return client.create_flow_run_from_deployment(
            client.read_deployment_by_name(DEPLOYMENT).id,
            parameters={"why": "night"},
            state=Scheduled(scheduled_time=FIRST_NIGHT + timedelta(days=number)),
        )

    def waiting(self) -> list[FlowRun]:
        """Return the runs of `replay` that wait for their worker."""
        return [
            one
            for one in prefect_api().read_flow_runs()
            if one.state and one.state.is_scheduled() and CAPSULE_TAG not in one.tags
        ]

    def settled(self, run_id: UUID) -> None:
        """Wait for a trial and settle it."""
        until(lambda: settle(self.where, run_id), 60, "the trial's outcome")


def told_all() -> None:
    """Return once the server has every event and line of the log that this process has for it."""
    EventsWorker.instance().wait_until_empty()
    APILogHandler().flush()


def run_here(run: FlowRun) -> State[Any]:
    """Run a flow run of `replay` in this process and return the state it ended in."""
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        state: State[Any] = run_flow(
            replay,
            flow_run=run.model_copy(update={"deployment_id": None}),
            return_type="state",
        )
    for sending in [one for one in threading.enumerate() if one.name == "message"]:
        sending.join(60)
    return state


def run_beside(run: FlowRun) -> subprocess.Popen[bytes]:
    """Run it as a worker does, in a process of its own."""
    command = [sys.executable, "-m", "prefect", "flow-run", "execute", str(run.id)]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and wait for its end."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def _provenance(manifest: Manifest, version: str, inputs_hash: str, cases: int) -> Provenance:
    now = datetime.now(UTC)
    return Provenance(
        capsule=manifest.name,
        image_id=None,
        code_version=version,
        contract_hash=manifest.contract.hash,
        model_hash=version,
        inputs_hash=inputs_hash,
        cases=cases,
        settings={},
        seed=None,
        packages={},
        python="3",
        platform="here",
        loaded_at=now,
        started_at=now,
        ended_at=now,
    )
