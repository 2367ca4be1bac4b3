"""The worker for Docker: a run is one hardened container that sees its own cases and nothing else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from uuid import UUID

import anyio.abc
import anyio.to_thread
import docker
import docker.errors
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import InfrastructureNotFound
from prefect_docker.worker import (
    DockerWorker,
    DockerWorkerJobConfiguration,
    DockerWorkerResult,
)
from pydantic import Field

from capsule_flows.run_watch import RunWatch, Trace
from capsule_flows.staged_runs import (
    SILENT,
    StagedFolders,
    StagingRefused,
    cases_wanted,
    entrypoint_environment,
    lay_out,
    only_for_a_run,
    refused_state,
)

RUN_LABEL = "io.prefect.flow-run-id"
NOBODY = 65534
"""The user and group without rights that a run gets where the worker is root."""
_MOUNTS = frozenset({"mounts", "volumes", "volumes_from", "devices", "privileged", "cap_add"})
# Ways by which a run's own job variables could bring an answer, or the engine, within its reach.
_ALIVE = frozenset({"running", "paused", "restarting"})
_NOT_BEGUN = "created"


@dataclass(frozen=True)
class Containment:
    """What a container is made with, beyond what the deployment asks for."""

    image: str
    """The image's id, so that what runs is what the environment says runs."""
    env: dict[str, str]
    volumes: list[str]
    """`host folder:folder inside:mode`; the staged folders or none."""
    container_create_kwargs: dict[str, Any]
    """docker-py's own keywords."""
    auto_remove: bool = False
    """Removed by the worker, which reads the exit code first."""
    stream_output: bool = True
    """Prefect's worker notices the end of a container by the end of its output."""
    privileged: bool = False


def containment(
    image_id: str,
    user: str,
    prepared: dict[str, str],
    asked: dict[str, Any],
    folders: StagedFolders | None,
) -> Containment:
    """Return what a run's container is made with; `asked` may loosen limits, never add mounts."""
    env = {
        **prepared,
        **SILENT,
        "HOME": "/tmp",
        "PREFECT_HOME": "/tmp/prefect",
        "CAPSULE_IMAGE_ID": image_id,
    }
    volumes = []
    if folders is not None:
        env |= {"CAPSULE_DATA": "/data", "CAPSULE_RESULTS": "/results"}
        volumes = [f"{folders.data}:/data:ro", f"{folders.results}:/results:rw"]
    hardened = {
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "pids_limit": 256,
        "user": user,
        "tmpfs": {"/tmp": "size=512m,mode=1777"},
        "init": True,
    }
    allowed = {name: value for name, value in asked.items() if name not in _MOUNTS}
    return Containment(image_id, env, volumes, {**hardened, **allowed})


def container_user() -> str:
    """Return the user and group that a run gets: the worker's, but never root's."""
    if os.getuid() == 0:
        return f"{NOBODY}:{NOBODY}"
    return f"{os.getuid()}:{os.getgid()}"


@contextmanager
def engine() -> Iterator[docker.DockerClient]:
    """Hold a connection to the Docker engine."""
    client = docker.from_env()
    try:
        yield client
    finally:
        client.close()


@cache
def engine_id() -> str:
    """Return what tells this Docker engine from every other."""
    with engine() as client:
        return str(client.info()["ID"])


class Containers:
    """The containers of this Docker engine."""

    what = "container"

    def look(self, flow_run_id: UUID, pid: str | None) -> Trace:
        """Say what is there of the run."""
        with engine() as client:
            found = {container.status for container in _of_run(client, flow_run_id)}
        if found & _ALIVE:
            return Trace.ALIVE
        if found - {_NOT_BEGUN}:
            return Trace.ENDED
        if pid is None:
            return Trace.UNSEEN
        return Trace.ENDED if pid.rsplit(":", 1)[0] == engine_id() else Trace.ELSEWHERE

    def kill(self, flow_run_id: UUID, pid: str | None) -> None:
        """Kill and remove every container of the run."""
        with engine() as client:
            for container in _of_run(client, flow_run_id):
                with suppress(docker.errors.NotFound, docker.errors.APIError):
                    container.remove(force=True)

    def ended(self) -> list[UUID]:
        """Return the runs whose containers have ended and are still there."""
        wanted = {"label": RUN_LABEL, "status": ["exited", "dead"]}
        with engine() as client:
            found = client.containers.list(all=True, filters=wanted, ignore_removed=True)
            return [UUID(container.labels[RUN_LABEL]) for container in found]


def _of_run(client: docker.DockerClient, flow_run_id: UUID) -> list[Any]:
    wanted = {"label": f"{RUN_LABEL}={flow_run_id}"}
    return list(client.containers.list(all=True, filters=wanted, ignore_removed=True))


def end_of(container_id: str) -> int:
    """Wait for a container, remove it and return its exit code; -1 if it was removed already."""
    with engine() as client:
        try:
            container = client.containers.get(container_id)
            code = int(container.wait()["StatusCode"])
            container.remove(force=True)
        except docker.errors.NotFound:
            return -1
    return code


class CapsuleDockerJobConfiguration(DockerWorkerJobConfiguration):  # type: ignore[misc]
    """What one run's container is started with."""

    image_pull_policy: Literal["IfNotPresent", "Always", "IfPossible", "Never"] | None = Field(
        default="Never",
        description="A release is an image of this engine; Never means that none other is fetched.",
    )
    mem_limit: str | None = Field(
        default="2g", title="Memory limit", description="Memory of one run: 512m, 2g."
    )

    def _base_environment(self) -> dict[str, str]:
        return only_for_a_run(super()._base_environment())

    @staticmethod
    def _base_flow_run_command() -> str:
        # `prefect flow-run execute` would import Prefect three times over.
        return "python -m prefect.engine"


class CapsuleDockerWorker(DockerWorker):  # type: ignore[misc]
    """Runs each trial in a container of its own, on its own staged cases."""

    type = "capsule-docker"
    job_configuration = CapsuleDockerJobConfiguration
    _display_name = "Capsule Docker"
    _description = "Runs capsules in hardened containers, each seeing its own cases alone."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._watch = RunWatch(self, Containers())

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
        configuration: CapsuleDockerJobConfiguration,
        task_status: anyio.abc.TaskStatus[Any] | None = None,
    ) -> DockerWorkerResult:
        """Lay out the run's cases, run its container, and report how it ended."""
        reached = task_status or anyio.TASK_STATUS_IGNORED
        async with self._watch.follow(flow_run.id):
            if not await self._watch.is_wanted(flow_run.id):
                reached.started("cancelled before it began")
                return DockerWorkerResult(status_code=0, identifier="not started")
            try:
                made = await anyio.to_thread.run_sync(self._prepare, flow_run, configuration)
            except StagingRefused as refusal:
                await self.client.set_flow_run_state(
                    flow_run.id, refused_state(refusal), force=True
                )
                reached.started("refused")
                return DockerWorkerResult(status_code=0, identifier="refused")
            result = await super().run(flow_run, made, task_status)
            _, container_id = self._parse_infrastructure_pid(result.identifier)
            code = await anyio.to_thread.run_sync(end_of, container_id)
            code = await self._watch.exit_code(flow_run.id, code)
            return DockerWorkerResult(status_code=code, identifier=result.identifier)

    def _prepare(
        self, flow_run: FlowRun, configuration: CapsuleDockerJobConfiguration
    ) -> CapsuleDockerJobConfiguration:
        deployment = configuration._related_objects.get("deployment")
        with engine() as client:
            image_id = str(client.images.get(configuration.image).id)
        wanted = cases_wanted(flow_run, deployment)
        folders = None if wanted is None else lay_out(flow_run.id, wanted)
        user = container_user()
        if folders is not None and os.getuid() == 0:
            os.chown(folders.results, NOBODY, NOBODY)
        made = containment(
            image_id,
            user,
            {**configuration.env, **entrypoint_environment(deployment)},
            configuration.container_create_kwargs or {},
            folders,
        )
        contained: CapsuleDockerJobConfiguration = configuration.model_copy(update=vars(made))
        return contained

    def _get_infrastructure_pid(self, container_id: str) -> str:
        # Two engines have the same local address, so Prefect's own would not tell them apart.
        return f"{engine_id()}:{container_id}"

    async def _cancel_run(self, flow_run_id: UUID) -> None:
        await self._watch.cancel(flow_run_id)

    def _stop_container(self, container_id: str, grace_seconds: int) -> None:
        with engine() as client:
            try:
                client.containers.get(container_id).remove(force=True)
            except docker.errors.NotFound as cause:
                gone = f"Container {container_id} is not on this engine any more"
                raise InfrastructureNotFound(gone) from cause
