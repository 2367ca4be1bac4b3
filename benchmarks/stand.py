"""Where trials are measured: deployments, cases, a run's time to its end, and bare containers beside it."""

import io
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import docker
import pandas as pd
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.states import Cancelling, Scheduled
from prefect.utilities.callables import parameter_schema

from benchmarks.start import PROJECT

HERE = Path(__file__).parent
KIT = PROJECT / "capsules" / "capsule_kit"
POOL = "capsules"
POOL_LABEL = "io.prefect-capsules.pool"
LOOK_EVERY_S = 0.01
ENDS_WITHIN_S = 120.0
TINY = "tiny"
LOST = {StateType.FAILED, StateType.CRASHED, StateType.CANCELLED}
AT_WORK = b"at work"
"""What its model writes as it begins."""
BARE_TINY = """
import pandas as pd
from tiny import model
model.load()
cases = pd.read_parquet("/data/inputs.parquet").set_index("case_id").drop(columns="row")
model.predict(cases, {"deed": "answer"}).to_parquet("/tmp/predictions.parquet")
"""


@dataclass
class Stand:
    """A start of the product, asked as its worker and its app ask it."""

    client: SyncPrefectClient
    engine: docker.DockerClient
    tell: Callable[[str], None]
    used: set[str] = field(default_factory=set)
    """Ids of the containers that have served."""

    def submit(self, deployment: UUID, by: str = "", **settings: Any) -> UUID:
        """Start a trial of the example cases."""
        parameters = {"cases": "example", **({"settings": settings} if settings else {})}
        run = self.client.create_flow_run_from_deployment(
            deployment,
            parameters=parameters,
            state=Scheduled(),
            tags=["capsule", f"by:{by}"],
        )
        return run.id

    def state(self, run: UUID) -> StateType:
        """Return the state's type of a run, at the least cost to the server."""
        read = self.client._client.get(f"/flow_runs/{run}")  # noqa: SLF001
        return StateType(read.json()["state_type"])

    def wait(
        self, run: UUID, wanted: StateType = StateType.COMPLETED, look_every_s: float = LOOK_EVERY_S
    ) -> None:
        """Return once a run has this state, which must be the one it ends in."""
        until = time.monotonic() + ENDS_WITHIN_S
        while (state := self.state(run)) is not wanted:
            if state in LOST - {wanted} or time.monotonic() > until:
                message = f"{run}: {self.client.read_flow_run(run).state}"
                raise SystemExit(message)
            time.sleep(look_every_s)

    def wait_all(self, runs: list[UUID]) -> None:
        """Return once all runs are completed, asking seldom: the server is what is measured."""
        asked = {"flow_runs": {"id": {"any_": [str(run) for run in runs]}}}
        until = time.monotonic() + ENDS_WITHIN_S * 3
        while True:
            read = self.client._client.post("/flow_runs/filter", json=asked).json()  # noqa: SLF001
            ended = [StateType(run["state_type"]) for run in read]
            if ended.count(StateType.COMPLETED) == len(runs):
                return
            if set(ended) & LOST or time.monotonic() > until:
                message = f"Of {len(runs)} runs not all were completed: {ended}"
                raise SystemExit(message)
            time.sleep(0.5)

    def timed(self, deployment: UUID, look_every_s: float = LOOK_EVERY_S) -> float:
        """Return the seconds from submitting a trial to its end."""
        start = time.perf_counter()
        run = self.submit(deployment)
        self.wait(run, look_every_s=look_every_s)
        seconds = time.perf_counter() - start
        self.forget(run)
        return seconds

    def forget(self, run: UUID) -> None:
        """Note that a run's container waits for nobody."""
        pid = self.client.read_flow_run(run).infrastructure_pid or ""
        self.used.add(pid.rpartition(":")[2])

    def waiting(self, image: str) -> list[Any]:
        """Return the containers of an image that wait, everything loaded."""
        wanted = {"label": f"{POOL_LABEL}={POOL}", "status": "running"}
        found = self.engine.containers.list(filters=wanted, ignore_removed=True)
        return [
            one
            for one in found
            if one.id not in self.used and one.attrs["Image"] == image and _is_ready(one)
        ]

    def wait_waiting(self, image: str, count: int = 1) -> None:
        """Return once so many containers wait."""
        until = time.monotonic() + ENDS_WITHIN_S
        while len(self.waiting(image)) < count:
            if time.monotonic() > until:
                message = f"No {count} containers of {image} wait"
                raise SystemExit(message)
            time.sleep(0.1)

    def wait_quiet(self) -> None:
        """Return once no container is there any more that has served."""
        until = time.monotonic() + ENDS_WITHIN_S
        wanted = {"label": f"{POOL_LABEL}={POOL}"}
        while any(
            one.id in self.used
            for one in self.engine.containers.list(all=True, filters=wanted, ignore_removed=True)
        ):
            if time.monotonic() > until:
                break
            time.sleep(0.05)

    def at_work(self, run: UUID) -> str:
        """Return the container of a run of the tiny capsule once its model has begun."""
        self.wait(run, StateType.RUNNING)
        self.forget(run)
        name = (self.client.read_flow_run(run).infrastructure_pid or "").rpartition(":")[2]
        for line in self.engine.containers.get(name).logs(stream=True, follow=True):
            if AT_WORK in line:
                return name
        message = f"The model of {run} ended before it began"
        raise SystemExit(message)

    def cancelled(self, run: UUID, name: str) -> float:
        """Return the seconds from asking to stop a run until it is told and its container is gone."""
        start = time.perf_counter()
        self.client.set_flow_run_state(run, Cancelling())
        self.wait(run, StateType.CANCELLED)
        while True:
            try:
                self.engine.containers.get(name)
            except docker.errors.NotFound:
                return time.perf_counter() - start
            time.sleep(LOOK_EVERY_S)


def _is_ready(container: Any) -> bool:
    try:
        return b'"ready"' in container.logs(stderr=False)
    except docker.errors.APIError:  # on its way out
        return False


@contextmanager
def stand(tell: Callable[[str], None]) -> Iterator[Stand]:
    """Hold the connections to a start that runs."""
    engine = docker.from_env()
    with get_client(sync_client=True) as client:
        try:
            yield Stand(client, engine, tell)
        finally:
            engine.close()


def deploy_tiny(at: Stand, base_image: str, kit: Path = KIT) -> tuple[UUID, str]:
    """Build the tiny capsule's image with this kit and deploy it; return the deployment and the image's id."""
    with tempfile.TemporaryDirectory() as context:
        shutil.copytree(HERE / TINY, Path(context, TINY))
        shutil.copytree(kit, Path(context, "capsule_kit"))
        image, _ = at.engine.images.build(
            path=context, dockerfile="tiny/Dockerfile", buildargs={"BASE": base_image}, rm=True
        )
    sys.path.insert(0, str(HERE))
    from tiny.declaration import flow

    deployment = at.client.create_deployment(
        flow_id=at.client.create_flow(flow),
        name="trial",
        entrypoint="tiny.declaration.flow",
        parameter_openapi_schema=parameter_schema(flow).model_dump_for_openapi(),
        parameters={"cases": "example"},
        work_pool_name=POOL,
        job_variables={"image": image.id},
        pull_steps=[],
        tags=["capsule"],
    )
    _add_tiny_cases()
    return deployment, str(image.id)


def _add_tiny_cases() -> None:
    from capsule_flows.home import resources
    from capsule_flows.receiving import receive_cases
    from capsule_flows.releases import find_published

    table = io.BytesIO(b"size,double\n1.0,2.0\n2.0,4.0\n")
    received = receive_cases(
        resources(), find_published(TINY).manifest, table, "t.csv", name="example", by="the bench"
    )
    if not received.accepted:
        raise SystemExit(received.sentence)


def bare(image: str, data: Path, code: str) -> float:
    """Return the seconds that a bare container takes for the same prediction."""
    start = time.perf_counter()
    command = ["docker", "run", "--rm", "--network", "none", "--volume", f"{data}:/data:ro"]
    subprocess.run([*command, image, "python", "-c", code], check=True)
    return time.perf_counter() - start


@contextmanager
def inputs(capsule: str, table: Path) -> Iterator[Path]:
    """Hold a folder with what a trial of this table is given, readable for a container."""
    from capsule_flows.checking import check
    from capsule_flows.reading import Table, read_table
    from capsule_flows.releases import find_published

    read = read_table(table)
    report = check(read, find_published(capsule).manifest.contract) if type(read) is Table else None
    if report is None or report.inputs is None:
        message = f"{table} is refused by the contract of {capsule}."
        raise SystemExit(message)
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o755)
        pd.DataFrame(report.inputs).to_parquet(Path(scratch, "inputs.parquet"), index=False)
        Path(scratch, "inputs.parquet").chmod(0o644)
        yield Path(scratch)


def worker_processes(home: Path) -> list[int]:
    """Return the process ids of the Docker worker of the start in `home`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            ours = str(home).encode() in (entry / "environ").read_bytes()
        except OSError:
            continue
        if ours and b"worker" in words and POOL.encode() in words:
            found.append(int(entry.name))
    return found
