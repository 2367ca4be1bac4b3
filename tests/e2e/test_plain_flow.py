"""A plain Prefect flow gets a waiting container of its own, on a worker that has no store and no ledger."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import pytest

from capsule_flows.docker_ground import POOL_LABEL
from e2e.conftest import PROJECT, Started, until

pytestmark = pytest.mark.docker

POOL = "plain"
FLOW = """
from prefect import flow

@flow
def hello(name: str = "world"):
    print("hello", name)
"""
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def built(base: str) -> str:
    """Return the image of the flow, which knows its module by the image's own PYTHONPATH."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "hello.py").write_text(FLOW)
        Path(folder, "Dockerfile").write_text(f"FROM {base}\nCOPY hello.py /opt/code/\n")
        return subprocess.run(
            ["docker", "build", "-q", folder],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "DOCKER_BUILDKIT": "0"},
        ).stdout.strip()


@contextmanager
def working(started: Started, home: Path) -> Iterator[None]:
    """Hold `prefect worker start` on the pool, with a home in which nothing is."""
    home.mkdir()
    profiles = {"PREFECT_PROFILES_PATH": str(started.home / "profiles.toml")}
    with (home.parent / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL],
            cwd=PROJECT,
            env={**started.environment, **profiles, "CAPSULES_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield
    finally:
        worker.send_signal(signal.SIGINT)
        worker.wait(timeout=60)


def deployed(started: Started) -> str:
    """Return the deployment of the flow on a pool of its own."""
    started.prefect("work-pool", "create", "--type", "capsule-docker", POOL)
    base = started.get("/deployments/name/tumor_malignancy/trial")["job_variables"]["image"]
    flow = started.post("/flows/", {"name": "hello"})
    body = {
        "name": "plain",
        "flow_id": flow["id"],
        "entrypoint": "hello.hello",
        "work_pool_name": POOL,
        "job_variables": {"image": built(base)},
    }
    return str(started.post("/deployments/", body)["id"])


def test_a_plain_flow_runs_in_a_waiting_container_without_store_or_ledger(
    started: Started, tmp_path: Path
) -> None:
    engine = docker.from_env()
    label = {"label": f"{POOL_LABEL}={POOL}"}

    def containers() -> list[Any]:
        return list(engine.containers.list(all=True, filters=label, ignore_removed=True))

    deployment = deployed(started)
    home = tmp_path / "home"
    with working(started, home):
        # Until it has said that it is ready, a run gets a container of its own.
        waiting = until(
            lambda: next((one for one in containers() if b'"op": "ready"' in one.logs()), None),
            60,
            "a waiting container",
        )
        run = started.post(f"/deployments/{deployment}/create_flow_run", {})["id"]

        def ended() -> dict[str, Any] | None:
            found: dict[str, Any] = started.get(f"/flow_runs/{run}")
            return found if found["state_type"] in FINAL else None

        found = until(ended, 60, "the end of the run")
    assert found["state_type"] == "COMPLETED", found["state"]
    assert found["infrastructure_pid"].endswith(waiting.id)
    until(lambda: not containers(), 30, "no container of the pool")
    assert list(home.iterdir()) == []
