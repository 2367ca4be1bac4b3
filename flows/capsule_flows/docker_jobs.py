"""What a deployment may ask of its containers: the job variables of the pool, and the recipe they make."""

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

import docker.utils
from prefect.client.schemas.responses import DeploymentResponse
from prefect.workers.base import BaseJobConfiguration
from prefect_docker.worker import DockerWorkerJobConfiguration
from pydantic import Field

from capsule_flows.containment import ALLOWED_EXTRAS, CLOSED, Limits, Recipe, run_environment
from capsule_flows.staged_runs import only_for_a_run
from capsule_kit.manifest import Manifest
from capsule_kit.models import as_text

SHA256 = re.compile(r"sha256:[0-9a-f]{64}")


class CapsuleDockerJobConfiguration(DockerWorkerJobConfiguration):  # type: ignore[misc]
    """What a release's containers are made with; shown in the pool's own form."""

    image_pull_policy: Literal["IfNotPresent", "Always", "IfPossible", "Never"] | None = Field(
        default="Never",
        description="A release is an image of this engine; Never means that none other is fetched.",
    )
    waiting_containers: int = Field(
        default=1,
        ge=0,
        le=50,
        title="Waiting containers",
        description="How many containers wait for trials of a release, everything imported and"
        " loaded. Each serves one trial; another takes its place. 0 starts each trial cold.",
    )
    waiting_greatest_age: int = Field(
        default=3600,
        ge=10,
        title="Greatest age of a waiting container (seconds)",
        description="One that has waited for longer is replaced by a new one.",
    )
    waiting_while_unused: int = Field(
        default=1800,
        ge=0,
        title="How long containers wait for an unused release (seconds)",
        description="After so long without a trial none waits any more; the next trial starts cold.",
    )
    mem_limit: str | None = Field(
        default="2g",
        title="Memory limit",
        description="Memory of one container, its temporary files included: 512m, 2g.",
    )
    cpus: float | None = Field(
        default=None,
        gt=0,
        title="Processors",
        description="How many processors one container may use; all of them where left empty.",
    )
    processes: int = Field(
        default=256,
        ge=160,
        title="Processes",
        description="How many processes and threads one container may have, the model's at most 128.",
    )
    time_limit: int = Field(
        default=3600,
        ge=1,
        title="Time limit (seconds)",
        description="A trial that takes longer is stopped, and counts as a failure of the model.",
    )
    work_limit: str = Field(
        default="256m",
        title="Limit of what the model writes",
        description="How much the model may write, predictions and files together; it counts as"
        " memory.",
    )
    network: str = Field(
        default=CLOSED,
        title="Network",
        description="closed: the Prefect API and nothing else can be reached. Otherwise the name of"
        " a Docker network from which the Prefect API can be reached.",
    )
    gpus: int = Field(
        default=0, ge=-1, title="GPUs", description="How many GPUs one container gets; -1 for all."
    )

    @staticmethod
    def _base_flow_run_command() -> str:
        # `prefect flow-run execute` would import Prefect three times over.
        return "python -m prefect.engine"

    def _base_environment(self) -> dict[str, str]:
        return only_for_a_run(BaseJobConfiguration._base_environment())  # noqa: SLF001


def recipe_for(
    configuration: CapsuleDockerJobConfiguration,
    deployment: DeploymentResponse | None,
    base: Mapping[str, str],
    image_id: Callable[[str], str],
) -> Recipe | None:
    """Return how a deployment's containers are made; None where Prefect's own way must be taken.

    That is so for flows named by a file or fetched by pull steps, and for a command of their own.

    Args:
        configuration: The deployment's job variables over the pool's template.
        deployment: What is deployed.
        base: The worker's own Prefect settings, as environment variables.
        image_id: Finds the id of an image of the engine by its name.
    """
    entrypoint = deployment.entrypoint if deployment else None
    if deployment is None or entrypoint is None or ":" in entrypoint or deployment.pull_steps:
        return None
    manifest = Manifest.from_schema(deployment.parameter_openapi_schema or {})
    image = configuration.image
    asked = configuration.container_create_kwargs or {}
    return Recipe(
        image=image if SHA256.fullmatch(image) else image_id(image),
        entrypoint=entrypoint,
        module=as_text(manifest.model) if manifest else "",
        capsule=manifest is not None,
        environment=run_environment(only_for_a_run(base), configuration.env or {}),
        limits=_limits(configuration),
        network=configuration.network,
        extras={name: value for name, value in asked.items() if name in ALLOWED_EXTRAS},
        waiting=configuration.waiting_containers,
        greatest_age=configuration.waiting_greatest_age,
        idle=configuration.waiting_while_unused,
    )


def _limits(configuration: CapsuleDockerJobConfiguration) -> Limits:
    cores = float(os.cpu_count() or 1)
    return Limits(
        memory=_bytes(configuration.mem_limit or "2g"),
        cpus=min(configuration.cpus or cores, cores),
        processes=configuration.processes,
        seconds=configuration.time_limit,
        work_bytes=_bytes(configuration.work_limit),
        gpus=configuration.gpus,
    )


def _bytes(told: Any) -> int:
    return int(docker.utils.parse_bytes(told))
