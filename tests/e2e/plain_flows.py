"""Plain Prefect flows on a pool of their own, with a worker that has no store and no ledger."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from e2e.conftest import PROJECT, Started

FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def built(started: Started, module: str, code: str) -> str:
    """Return the image of a flow, which knows its module by the image's own PYTHONPATH."""
    base = started.get("/deployments/name/tumor_malignancy/trial")["job_variables"]["image"]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, module).write_text(code)
        Path(folder, "Dockerfile").write_text(f"FROM {base}\nCOPY {module} /opt/code/\n")
        return subprocess.run(
            ["docker", "build", "-q", folder],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "DOCKER_BUILDKIT": "0"},
        ).stdout.strip()


def deployed(started: Started, pool: str, name: str, image: str) -> str:
    """Return the deployment of the flow `name.name` on a pool that is made for it."""
    started.prefect("work-pool", "create", "--type", "capsule-docker", pool)
    flow = started.post("/flows/", {"name": name})
    body = {
        "name": "plain",
        "flow_id": flow["id"],
        "entrypoint": f"{name}.{name}",
        "work_pool_name": pool,
        "job_variables": {"image": image},
    }
    return str(started.post("/deployments/", body)["id"])


@contextmanager
def working(started: Started, pool: str, home: Path, **settings: str) -> Iterator[None]:
    """Hold `prefect worker start` on the pool, with a home in which nothing is."""
    home.mkdir()
    profiles = {"PREFECT_PROFILES_PATH": str(started.home / "profiles.toml")}
    with (home.parent / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "prefect", "worker", "start", "--pool", pool],
            cwd=PROJECT,
            env={**started.environment, **profiles, "CAPSULES_HOME": str(home), **settings},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield
    finally:
        worker.send_signal(signal.SIGINT)
        worker.wait(timeout=60)
