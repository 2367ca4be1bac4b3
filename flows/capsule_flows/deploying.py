"""Work pools, `prefect deploy`, and each capsule's example cases: what makes a folder of capsules usable."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectNotFound
from prefect.workers.base import BaseWorker
from prefect.workers.process import ProcessWorker

from capsule_flows.errors import FlowsError
from capsule_flows.failed_steps import last_lines, line_that_matters
from capsule_flows.home import Resources
from capsule_flows.receiving import receive_cases
from capsule_flows.releases import published
from capsule_flows.wording import count
from capsule_flows.workers import CapsuleDockerWorker, CapsuleProcessWorker
from capsule_kit.blanks import BLANK, blanks_in
from capsule_kit.trial_flow import EXAMPLE

DOCKER_POOL = "capsules"
PROCESS_POOL = "capsules-process"
CONTROL_POOL = "capsules-control"
POOLS: dict[str, type[BaseWorker[Any, Any, Any]]] = {
    DOCKER_POOL: CapsuleDockerWorker,
    PROCESS_POOL: CapsuleProcessWorker,
    CONTROL_POOL: ProcessWorker,
}
PROJECT_FILE = Path("prefect.yaml")
AUTHOR = "the capsule's author"
LAST_LINES = 15


class DeployFailed(FlowsError):
    """Training, building or `prefect deploy` ended badly."""

    def __init__(self, step: str, output: str) -> None:
        said = f"{step} failed: {line_that_matters(output)}"
        lines = last_lines(output, LAST_LINES)
        more = "\n".join(["", "", "Its last lines were:", *lines]) if len(lines) > 1 else ""
        super().__init__(said + more)


class StepKilled(DeployFailed):
    """A step was ended by a signal: nothing is known of what it would have come to."""


def make_pools() -> None:
    """Create the work pools that `prefect.yaml` names, where they are missing."""
    with get_client(sync_client=True) as client:
        for name, worker in POOLS.items():
            try:
                client.read_work_pool(name)
            except ObjectNotFound:
                client.create_work_pool(
                    WorkPoolCreate(
                        name=name,
                        type=worker.type,
                        base_job_template=worker.get_default_base_job_template(),
                    )
                )


def deploy(
    declared: Path,
    *,
    with_docker: bool,
    tell: Callable[[str], None],
    log: Callable[[str], None] | None = None,
) -> None:
    """Train what is not trained yet, make the pools, and run `prefect deploy --all` on a prefect.yaml.

    `log` is given each line that the training, the build and the deployment print, as they come.

    Raises:
        DeployFailed: a step failed; its last lines are in the sentence.
    """
    if not declared.is_file():
        raise DeployFailed(
            "Deploying", f"There is no {declared} here: run it in the project's folder."
        )
    project = yaml.safe_load(declared.read_text())
    for package in capsule_packages(project):
        train(package, tell, log)
    make_pools()
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    if with_docker:
        tell("Building the capsules' images and deploying them.")
        run_step("prefect deploy", [*command, "--prefect-file", str(declared)], log)
        return
    tell("Deploying the capsules as local processes.")
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", dir=".", prefix=".prefect-") as file:
        yaml.safe_dump(as_local_processes(project), file)
        file.flush()
        run_step("prefect deploy", [*command, "--prefect-file", file.name], log)


def as_local_processes(project: dict[str, Any]) -> dict[str, Any]:
    """Return the project with each capsule on the process pool, nothing to build."""
    changed = deepcopy(project)
    for deployment in changed["deployments"]:
        if deployment["work_pool"]["name"] == DOCKER_POOL:
            deployment["work_pool"] = {"name": PROCESS_POOL}
            deployment["build"] = []
            deployment.pop("version", None)
    return changed


def capsule_packages(project: dict[str, Any]) -> list[str]:
    """Return the packages of the capsules that a `prefect.yaml` deploys."""
    return [
        deployment["entrypoint"].split(".")[0]
        for deployment in project["deployments"]
        if deployment["work_pool"]["name"] == DOCKER_POOL
    ]


def files_declaring(package: str, project: Path = Path()) -> list[Path]:
    """Return the files of a project that deploy a capsule, the one in its own folder first."""
    capsules = project / "capsules"
    places = [
        capsules / package / PROJECT_FILE,
        project / PROJECT_FILE,
        *sorted(capsules.glob("*.yaml")),
    ]
    return [file for file in places if file.is_file() and _declares(file, package)]


def _declares(file: Path, package: str) -> bool:
    declared = yaml.safe_load(file.read_text()) or {}
    entrypoints = [str(one.get("entrypoint", "")) for one in declared.get("deployments") or ()]
    return any(one.startswith(f"{package}.") for one in entrypoints)


def train(
    package: str, tell: Callable[[str], None], log: Callable[[str], None] | None = None
) -> None:
    """Run a capsule's training command where its example is missing, or older than the command."""
    example, command = example_of(package), find_spec(f"{package}.train")
    if command is None or command.origin is None:
        return
    if example.is_file() and example.stat().st_mtime >= Path(command.origin).stat().st_mtime:
        return
    tell(f"Training {package} once, for its example cases.")
    run_step(f"Training {package}", [sys.executable, "-m", f"{package}.train"], log)


def example_of(package: str) -> Path:
    """Return where a capsule's example cases are: written by its author, or else by its training.

    A ZIP archive where they name files.
    """
    spec = find_spec(package)
    folder = Path(spec.origin).parent if spec and spec.origin else Path("capsules", package)
    places = [
        at / f"example.{ending}" for at in (folder, folder / "model") for ending in ("csv", "zip")
    ]
    return next((place for place in places if place.is_file()), folder / "model" / "example.csv")


def add_examples(resources: Resources, tell: Callable[[str], None]) -> None:
    """Add each deployed capsule's example cases through the same door as everybody's."""
    for one in published():
        file = example_of(one.entrypoint.split(".")[0])
        if not file.is_file():
            continue
        with file.open("rb") as stream:
            received = receive_cases(
                resources, one.manifest, stream, file.name, name=EXAMPLE, by=AUTHOR
            )
        if not received.accepted:
            raise DeployFailed(
                f"Adding the example cases of {one.manifest.name}", received.sentence
            )
        tell(received.sentence)


def tell_blanks(tell: Callable[[str], None]) -> None:
    """Say of each deployed capsule how many of its texts its author still has to write."""
    for one in published():
        left = len(blanks_in(one.manifest.model_dump_json()))
        if left:
            name = one.manifest.name
            tell(
                f"{name}: {count(left, 'text')} marked {BLANK} …]] in its declaration, for all to see."
            )


def run_step(
    step: str,
    command: list[str],
    log: Callable[[str], None] | None = None,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Run a step to its end, here or in another folder; `log` is given each line that it prints.

    Raises:
        DeployFailed: it failed.
        StepKilled: somebody ended it.
    """
    printed = []
    # What nobody waits for any more deploys nothing.
    with subprocess.Popen(
        [sys.executable, "-m", "capsule_flows.with_parent", *command],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**environment, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            printed.append(line)
            if log:
                log(line.rstrip())
    if process.returncode < 0:
        raise StepKilled(step, f"it was ended by signal {-process.returncode}.")
    if process.returncode:
        raise DeployFailed(step, "".join(printed))
