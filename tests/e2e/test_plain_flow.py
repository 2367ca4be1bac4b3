"""A plain Prefect flow gets a waiting container of its own, on a worker that has no store and no ledger."""

from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest

from capsule_flows.docker_ground import POOL_LABEL
from e2e.conftest import Started, until
from e2e.plain_flows import FINAL, built, deployed, working

pytestmark = pytest.mark.docker

POOL = "plain"
FLOW = """
from prefect import flow

@flow
def hello(name: str = "world"):
    print("hello", name)
"""


def test_a_plain_flow_runs_in_a_waiting_container_without_store_or_ledger(
    started: Started, tmp_path: Path
) -> None:
    label = {"label": f"{POOL_LABEL}={POOL}"}

    def containers() -> list[Any]:
        with closing(docker.from_env()) as engine:
            return list(engine.containers.list(all=True, filters=label, ignore_removed=True))

    deployment = deployed(started, POOL, "hello", built(started, "hello.py", FLOW))
    home = tmp_path / "home"
    with working(started, POOL, home):
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
    until(lambda: not containers() or None, 30, "no container of the pool")
    assert list(home.iterdir()) == []
