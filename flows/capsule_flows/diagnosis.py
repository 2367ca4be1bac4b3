"""What this machine has of what a start needs, each with what to do where it is missing."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from capsule_flows.databases import (
    LEDGER,
    PREFECT,
    Database,
    forgotten,
    problem_with,
    remembered_databases,
)
from capsule_flows.engine import docker_answers
from capsule_flows.errors import DatabaseUnusable
from capsule_flows.home import folder, running_state
from capsule_flows.planning import LEAST_FREE_BYTES, CannotStart


@dataclass(frozen=True)
class Diagnosis:
    """One thing that was looked at."""

    what: str
    ok: bool
    sentence: str
    optional: bool = False
    """Whether a start goes without it."""


def diagnose() -> list[Diagnosis]:
    """Look at Python, the disk, the databases, the case store, the Docker engine and what is running."""
    version = ".".join(map(str, sys.version_info[:3]))
    home = folder()
    free = shutil.disk_usage(home if home.exists() else home.parent).free
    engine = docker_answers()
    state = running_state()
    return [
        Diagnosis("Python", ok=True, sentence=version),
        Diagnosis(
            "disk",
            ok=free >= LEAST_FREE_BYTES,
            sentence=f"{free / 1e9:.1f} GB free where {home} is",
        ),
        *(_database(one, home) for one in (LEDGER, PREFECT)),
        _store(home),
        Diagnosis(
            "Docker engine",
            ok=engine,
            optional=True,
            sentence="answers"
            if engine
            else "does not answer; capsules would run as local processes, less shut off",
        ),
        Diagnosis(
            "a running start",
            ok=bool(state),
            optional=True,
            sentence=f"app at {state['app_url']}"
            if state
            else f"none in {home}; run `capsules up`",
        ),
    ]


def _database(one: Database, home: Path) -> Diagnosis:
    what = f"database of {one.what}"
    try:
        url = one.given()
    except DatabaseUnusable as cause:
        return Diagnosis(what, ok=False, sentence=str(cause))
    last = remembered_databases(home).get(one.setting)
    if url is None and last is not None:
        return Diagnosis(
            what, ok=False, sentence=f"{one.setting} is not set: {forgotten(home, last)}"
        )
    if url is None:
        return Diagnosis(what, ok=True, sentence=f"SQLite in {home}")
    problem = problem_with(url)
    shown = url.render_as_string(hide_password=True)
    return Diagnosis(what, ok=problem is None, sentence=problem or f"{shown} answers")


def _store(home: Path) -> Diagnosis:
    place = os.environ.get("CAPSULES_STORE")
    if not place:
        return Diagnosis("case store", ok=True, sentence=f"a folder in {home}")
    from capsule_flows.storage import case_store  # imports Prefect

    try:
        case_store(home)
    except CannotStart as cause:
        return Diagnosis("case store", ok=False, sentence=str(cause))
    return Diagnosis("case store", ok=True, sentence=f"{place} takes what is put there")
