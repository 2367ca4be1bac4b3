"""What was run on what: the facts that let a trial be repeated or doubted."""

import os
import platform
from datetime import datetime
from functools import cache
from importlib import import_module
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from capsule_kit.contract import digest
from capsule_kit.receipt import Receipt, hash_file

PROVENANCE_FILE = "provenance.json"
IMAGE_VARIABLE = "CAPSULE_IMAGE_ID"
COMMIT_VARIABLE = "CAPSULE_CODE_VERSION"


class Provenance(BaseModel):
    """Written beside the predictions by the flow itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    capsule: str
    image_id: str | None
    """The container image's id; None when the capsule ran as a local process."""
    code_version: str | None
    """The commit the image was built from; None when nobody said."""
    contract_hash: str
    model_hash: str
    """SHA-256 over the model's package: the author's code and the trained files beside it."""
    inputs_hash: str
    cases: int
    settings: dict[str, Any]
    seed: int | None
    """The settings' `seed`, where there is one."""
    packages: dict[str, str]
    """Every installed distribution with its version."""
    model_packages: dict[str, str] = {}
    """What the model said that it runs with, where that is not Python of the capsule's own."""
    python: str
    platform: str
    loaded_at: datetime
    started_at: datetime
    ended_at: datetime


def gather(
    *,
    capsule: str,
    package: str,
    model_packages: dict[str, str],
    receipt: Receipt,
    settings: dict[str, Any],
    loaded_at: datetime,
    started_at: datetime,
    ended_at: datetime,
) -> Provenance:
    """Return the provenance of the run that is about to end in this process."""
    return Provenance(
        capsule=capsule,
        image_id=os.environ.get(IMAGE_VARIABLE),
        code_version=os.environ.get(COMMIT_VARIABLE),
        contract_hash=receipt.contract_hash,
        model_hash=model_hash(package),
        inputs_hash=receipt.inputs_hash,
        cases=receipt.cases,
        settings=settings,
        seed=settings.get("seed"),
        packages=installed(),
        model_packages=model_packages,
        python=platform.python_version(),
        platform=platform.platform(),
        loaded_at=loaded_at,
        started_at=started_at,
        ended_at=ended_at,
    )


def foresee(package: str) -> None:
    """Find out now what can be known before the run is."""
    installed()
    model_hash(package)


@cache
def installed() -> dict[str, str]:
    """Return every installed distribution with its version."""
    return {found.name: found.version for found in distributions()}


@cache
def model_hash(package: str) -> str:
    """Return the hash of all files in the author's package, bytecode left out."""
    spec = find_spec(package) or import_module(package).__spec__
    folders = list(spec.submodule_search_locations or ()) if spec else []
    files = sorted(
        file
        for folder in folders
        for file in Path(folder).rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    )
    return digest([[file.name, hash_file(file)] for file in files])
