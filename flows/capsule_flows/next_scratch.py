"""A copy of the author's project in which the next release is built: its own folder is only read.

It holds what git knows and what is new there and not ignored; without git all but hidden folders.
"""

import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from capsule_flows.deploying import DOCKER_POOL, PROJECT_FILE, files_declaring
from capsule_flows.git_checkout import said
from capsule_flows.new_capsule import CAPSULES
from capsule_flows.new_model import ARTIFACT
from capsule_flows.next_taking import CannotTake
from capsule_flows.releases import NEXT

LISTED = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
CARD = "MLmodel"
LONGEST_VERSION = 128
"""As long as a tag of an image may be."""


def copy_project(project: Path, to: Path, *, without: Path) -> None:
    """Copy the project into an empty folder, one folder of it left out."""
    known = said(*LISTED, project=project)
    files = _all_files(project) if known is None else map(Path, filter(None, known.split("\0")))
    for name in files:
        source = project / name
        if name.is_relative_to(without) or not (source.is_file() or source.is_symlink()):
            continue
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, to / name, follow_symlinks=False)


def commit_of(project: Path) -> str:
    """Return the commit that is checked out, marked where something is not committed; "unknown" without git."""
    commit = said("rev-parse", "HEAD", project=project)
    if commit is None:
        return "unknown"
    return commit.strip() + ("-dirty" if said("status", "--porcelain", project=project) else "")


def version_of(commit: str, address: str) -> str:
    """Return what the code of a next release is called: the commit it is made of, and the model's version."""
    return re.sub(r"[^\w.-]+", "-", f"{commit}-{address}", flags=re.ASCII)[:LONGEST_VERSION]


def made_of(project: Path, capsule: str) -> str:
    """Return a hash over what a next release is made of, the old model's own files but for their card apart."""
    folder = CAPSULES / capsule
    files = [
        file
        for file in (project / folder).rglob("*")
        if file.is_file()
        and "__pycache__" not in file.parts
        and (ARTIFACT not in file.relative_to(project / folder).parts or file.name == CARD)
    ]
    whole = hashlib.sha256((said("rev-parse", "HEAD", project=project) or "").encode())
    for file in sorted([*files, project / PROJECT_FILE]):
        content = file.read_bytes() if file.is_file() else b""
        whole.update(
            f"\n{file.relative_to(project)} {hashlib.sha256(content).hexdigest()}".encode()
        )
    return whole.hexdigest()


def declared_in(project: Path, capsule: str, entrypoint: str) -> dict[str, Any]:
    """Return the `prefect.yaml` that deploys a capsule, all other deployments left out.

    Raises:
        CannotTake: none does.
    """
    for file in files_declaring(capsule, project):
        declared = yaml.safe_load(file.read_text())
        for one in declared.get("deployments", ()):
            if one.get("entrypoint") == entrypoint and one.get("name") != NEXT:
                return {**declared, "deployments": [one]}
    raise CannotTake(
        f"Neither {CAPSULES / capsule / PROJECT_FILE} nor {PROJECT_FILE} here deploys {entrypoint}: call"
        " `capsules up` in the project's folder."
    )


def as_next(declared: Mapping[str, Any], version: str) -> dict[str, Any]:
    """Return that deployment as the one of the next release: its own name and version, no schedule."""
    changed = deepcopy(dict(declared))
    (one,) = changed["deployments"]
    one.update(name=NEXT, version=version)
    for runs_by_itself in ("schedule", "schedules", "triggers", "sla"):
        one.pop(runs_by_itself, None)
    pool = one.get("work_pool") or {}
    if pool.get("name") == DOCKER_POOL:
        # It is replayed once; no container has to wait for a person.
        pool["job_variables"] = {**(pool.get("job_variables") or {}), "waiting_containers": 0}
    for step in _steps([*(changed.get("build") or ()), *(one.get("build") or ())]):
        if "image_name" in step:
            step["tag"] = version
            step["buildargs"] = {**(step.get("buildargs") or {}), "CODE_VERSION": version}
    return changed


def _steps(build: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    for step in build:
        yield from (inputs for inputs in step.values() if isinstance(inputs, dict))


def _all_files(project: Path) -> Iterable[Path]:
    for file in sorted(project.rglob("*")):
        name = file.relative_to(project)
        if not any(part[0] == "." or part == "__pycache__" for part in name.parts[:-1]):
            yield name
