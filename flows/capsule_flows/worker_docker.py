"""The worker for Docker: each trial in a container of its own, which was waiting for it."""

import asyncio
import os
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import anyio
import anyio.abc
from anyio import to_thread
from prefect.client.schemas.filters import WorkPoolFilter, WorkPoolFilterName
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.responses import DeploymentResponse, WorkerFlowRunResponse
from prefect.exceptions import InfrastructureNotFound
from prefect.types._datetime import now as this_moment
from prefect.workers.base import BaseJobConfiguration
from prefect_docker.worker import DockerWorker, DockerWorkerResult

from capsule_flows.api_relay import ApiRelay
from capsule_flows.container_making import ContainerMaker, kit_owner
from capsule_flows.containers import Container
from capsule_flows.containment import Limits, Recipe
from capsule_flows.docker_ground import DockerGround
from capsule_flows.docker_jobs import CapsuleDockerJobConfiguration, recipe_for
from capsule_flows.ends import ended_state, overdue_state
from capsule_flows.queueing import Queued, Room, queued, startable
from capsule_flows.quick_submission import submit_run
from capsule_flows.run_watch import RunWatch
from capsule_flows.staged_runs import (
    StagingRefused,
    cases_wanted,
    lay_into,
    refused_state,
    staging,
)
from capsule_flows.waiting import HOT_S, REST_S, Load, WaitingContainers
from capsule_kit.patience import PatientAsync

LOOK_AT_RELEASES_S = 5.0
TEND_EVERY_S = 0.5
STOP_GRACE_S = 1.0
"""How long a stopped container may take to keep what its model has written."""
KIT_GRACE_S = 10.0
"""How long after its time limit a trial is stopped whose kit did not do it itself."""
SHARE_OF_MEMORY = 0.8
"""How much of the engine's memory containers may use, all together."""
RUNS_PER_CORE = 2
"""How many trials go on at once for each processor, where memory suffices."""


@dataclass
class Running:
    """A run under way."""

    queued: Queued
    container: Container | None = None
    began: float = field(default_factory=time.monotonic)


class CapsuleDockerWorker(DockerWorker):  # type: ignore[misc]
    """Runs each trial in a container of its own, on its own staged cases."""

    type = "capsule-docker"
    job_configuration = CapsuleDockerJobConfiguration
    _display_name = "Capsule Docker"
    _description = (
        "Runs each flow run in a fresh, closed container that was waiting for it,"
        " everything imported and loaded."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ground = DockerGround(lambda: self._maker.held)
        self._maker = ContainerMaker(self._ground)
        self._watch = RunWatch(self, self._ground, self._stop_followed)
        self._running: dict[UUID, Running] = {}
        self._limits: dict[UUID, int] = {}
        self._memory: dict[UUID, int] = {}
        self._last_end = -REST_S
        self._keepers: anyio.CancelScope | None = None
        self._waiting = WaitingContainers(
            self._maker.make, self._maker.let_go, self._load, self._logger
        )

    # --- its life

    async def setup(self) -> None:
        """Meet the engine and the server."""
        await to_thread.run_sync(lambda: self._ground.engine)
        await super().setup()
        # Prefect's worker makes its client itself, so its transport is changed afterwards.
        self.client._client._transport = PatientAsync()

    async def sync_with_backend(self) -> None:
        """Meet the server, and begin the watch and the waiting once the pool is known."""
        await super().sync_with_backend()
        if self._work_pool and self._keepers is None and self._runs_task_group:
            self._ground.pool = self._work_pool.name
            self._keepers = anyio.CancelScope()
            self._runs_task_group.start_soon(self._keep, self._keepers)
        self._watch.begin()

    async def teardown(self, *exc_info: Any) -> None:
        """End the runs under way and let the waiting containers go."""
        await self._watch.end()
        if self._keepers:
            self._keepers.cancel()
        await super().teardown(*exc_info)

    async def _keep(self, scope: anyio.CancelScope) -> None:
        with scope:
            relay = ApiRelay(str(self.client.api_url), kit_owner())
            await relay.begin()
            self._maker.door = relay.folder
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(relay.keep)
                tasks.start_soon(self._look_at_releases)
                tasks.start_soon(self._waiting.tend, TEND_EVERY_S)

    # --- what waits

    async def _look_at_releases(self) -> None:
        while True:
            try:
                await self._read_releases()
            except Exception as problem:  # noqa: BLE001 - the server or the engine may come back
                self._logger.warning("Could not look at the releases (%s); trying again", problem)
            await anyio.sleep(LOOK_AT_RELEASES_S)

    async def _read_releases(self) -> None:
        deployments = await self.client.read_deployments(
            work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[self.work_pool.name]))
        )
        recipes = {}
        for deployment in deployments:
            configuration = await self.job_configuration.from_template_and_values(
                base_job_template=self.work_pool.base_job_template,
                values=dict(deployment.job_variables or {}),
                client=self.client,
            )
            limit = deployment.global_concurrency_limit
            if limit:
                self._limits[deployment.id] = limit.limit
            else:
                self._limits.pop(deployment.id, None)
            recipe = await to_thread.run_sync(self._recipe, configuration, deployment)
            if recipe is None:
                continue
            if recipe.capsule and self._ground.staging is None:
                # Not asked for sooner: a pool of plain flows has no store.
                self._ground.staging = await to_thread.run_sync(staging)
            self._memory[deployment.id] = recipe.limits.memory
            if recipe.waiting:
                recipes[recipe.key] = recipe
        self._waiting.want(recipes)

    def _recipe(
        self, configuration: CapsuleDockerJobConfiguration, deployment: DeploymentResponse | None
    ) -> Recipe | None:
        base = BaseJobConfiguration._base_environment()
        return recipe_for(configuration, deployment, base, self._ground.engine.image_id)

    def _load(self) -> Load:
        now = time.monotonic()
        hot = sum(run.began > now - HOT_S for run in self._running.values())
        return Load(
            busy=len(self._running),
            # What has just ended is being judged and shown.
            hot=hot + (self._last_end > now - REST_S),
            busy_memory=sum(run.queued.memory for run in self._running.values()),
            memory=int(self._ground.engine.memory * SHARE_OF_MEMORY),
            cores=os.cpu_count() or 1,
        )

    # --- which run is next

    async def _submit_scheduled_flow_runs(
        self, flow_run_response: list[WorkerFlowRunResponse]
    ) -> list[FlowRun]:
        waiting = [
            self._queued(entry.flow_run)
            for entry in flow_run_response
            if entry.flow_run.id not in self._running
            and entry.flow_run.id not in self._submitting_flow_run_ids
            and _is_due(entry.flow_run)
        ]
        load = self._load()
        room = Room(load.cores * RUNS_PER_CORE, load.memory, self._limits)
        chosen = startable(waiting, [run.queued for run in self._running.values()], room)
        for one in chosen:
            self._running[one.run_id] = Running(one)
        ids = {one.run_id for one in chosen}
        mine = [entry for entry in flow_run_response if entry.flow_run.id in ids]
        submitted: list[FlowRun] = await super()._submit_scheduled_flow_runs(mine)
        return submitted

    async def _submit_run(self, flow_run: FlowRun) -> None:
        try:
            await submit_run(self, flow_run)
        finally:
            if not self._watch.follows(flow_run.id):
                self._running.pop(flow_run.id, None)

    def _queued(self, flow_run: FlowRun) -> Queued:
        release = flow_run.deployment_id
        return queued(flow_run, self._memory.get(release, 0) if release else 0)

    # --- one run

    async def run(
        self,
        flow_run: FlowRun,
        configuration: CapsuleDockerJobConfiguration,
        task_status: anyio.abc.TaskStatus[Any] | None = None,
    ) -> DockerWorkerResult:
        """Hand the run to a container, and see to it that its end is told."""
        deployment = configuration._related_objects.get("deployment")
        recipe = await to_thread.run_sync(self._recipe, configuration, deployment)
        if recipe is None:
            return await super().run(flow_run, configuration, task_status)
        reached = task_status or anyio.TASK_STATUS_IGNORED
        running = self._running.setdefault(flow_run.id, Running(self._queued(flow_run)))
        try:
            async with self._watch.follow(flow_run.id) as began:
                container = running.container = await self._container(recipe)
                name = self._ground.name(container.id)
                began(name)
                try:
                    # Known before it begins, so that whoever comes after this worker finds it.
                    await asyncio.gather(
                        self.client.update_flow_run(flow_run.id, infrastructure_pid=name),
                        to_thread.run_sync(self._lay_cases, container, flow_run, deployment),
                    )
                except StagingRefused as refusal:
                    await self._maker.let_go(container)
                    await self._tell(flow_run.id, refused_state(refusal))
                    reached.started("refused")
                    return DockerWorkerResult(status_code=0, identifier="refused")
                reached.started(name)
                waited = time.monotonic() - running.began
                self._logger.info("Flow run %s has its container after %.3f s", flow_run.id, waited)
                await self._see_through(flow_run, configuration, container, recipe.limits)
                return DockerWorkerResult(status_code=0, identifier=name)
        finally:
            self._running.pop(flow_run.id, None)
            self._last_end = time.monotonic()
            if self._runs_task_group and self.is_setup:
                self._runs_task_group.start_soon(self.get_and_submit_flow_runs)

    async def _container(self, recipe: Recipe) -> Container:
        """Return a container that waited, or else a new one."""
        if waited := self._waiting.take(recipe.key):
            return waited
        for other in self._waiting.make_room(recipe.limits.memory):
            await self._maker.let_go(other)
        return await self._maker.make(recipe)

    def _lay_cases(
        self, container: Container, flow_run: FlowRun, deployment: DeploymentResponse | None
    ) -> None:
        wanted = cases_wanted(flow_run, deployment)
        if wanted is None or container.staged is None:
            return
        lay_into(container.staged, flow_run.id, wanted, kit_owner())
        # From here on it is the run's, not the container's.
        container.staged = None

    async def _see_through(
        self,
        flow_run: FlowRun,
        configuration: CapsuleDockerJobConfiguration,
        container: Container,
        limits: Limits,
    ) -> None:
        environment = {
            name: value
            for name, value in configuration.env.items()
            if name.startswith("PREFECT__") and value is not None
        }
        try:
            await container.order(flow_run.model_dump(mode="json"), environment)
            try:
                # The kit keeps the limit itself, and knows the model's last lines.
                await asyncio.wait_for(container.ended.wait(), limits.seconds + KIT_GRACE_S)
            except TimeoutError:
                if await self._watch.is_unfinished(flow_run.id):
                    await self._tell(flow_run.id, overdue_state(limits))
                await container.stop(STOP_GRACE_S)
            end = await container.end()
            if await self._watch.is_unfinished(flow_run.id):
                await self._tell(flow_run.id, ended_state(end, limits))
        finally:
            if self._runs_task_group:
                self._runs_task_group.start_soon(self._maker.let_go, container)

    async def _stop_followed(self, flow_run_id: UUID) -> None:
        running = self._running.get(flow_run_id)
        if running and running.container:
            await running.container.stop(STOP_GRACE_S)

    async def _tell(self, flow_run_id: UUID, state: State[Any]) -> None:
        self._logger.info("Flow run %s: %s", flow_run_id, state.message)
        await self.client.set_flow_run_state(flow_run_id, state, force=True)

    # --- what Prefect's own worker asks of a subclass

    def _get_infrastructure_pid(self, container_id: str) -> str:
        # Two engines have the same local address, so Prefect's own would not tell them apart.
        return self._ground.name(container_id)

    async def _cancel_run(self, flow_run_id: UUID) -> None:
        await self._watch.cancel(flow_run_id)

    def _stop_container(self, container_id: str, grace_seconds: int) -> None:
        del grace_seconds
        if self._ground.engine.state(container_id) is None:
            gone = f"Container {container_id} is not on this engine any more"
            raise InfrastructureNotFound(gone)
        self._ground.engine.remove(container_id)


def _is_due(flow_run: FlowRun) -> bool:
    expected = flow_run.next_scheduled_start_time or flow_run.expected_start_time
    return expected is None or expected <= this_moment("UTC")
