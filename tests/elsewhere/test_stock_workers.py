"""The example capsule on Prefect's own workers, its store on a real S3 server: each trial ends judged, or says why not."""

import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from capsule_kit import trial_flow
from e2e.conftest import EXAMPLE, PROJECT, Started, until
from private_s3 import S3Server

pytestmark = pytest.mark.docker
wired = pytest.mark.skipif(
    "local_folders" not in inspect.getsource(trial_flow),
    reason="the flow does not read its cases over an address yet",
)
StartWorker = Callable[[str], str]
PREFECT_ALONE = ("AWS_", "CAPSULES_")
"""What a stock worker's machine need not know, and its runs must not."""


@pytest.fixture(scope="module")
def on_s3(tmp_path_factory: pytest.TempPathFactory, s3: S3Server) -> Iterator[Started]:
    """A start whose store is on S3 by one setting."""
    place = {"CAPSULES_STORE": f"s3://{s3.new_bucket()}/capsules"}
    one = Started(tmp_path_factory.mktemp("home"), extra={**s3.environment, **place})
    try:
        one.start()
        yield one
    finally:
        one.stop()


@pytest.fixture
def stock_pool(on_s3: Started, tmp_path: Path) -> Iterator[StartWorker]:
    """Give a way to move the capsule to a new pool of a type, with a stock worker of that type."""
    (deployment,) = on_s3.post(
        "/deployments/filter", {"deployments": {"name": {"any_": ["trial"]}}}
    )
    path, started = f"/deployments/{deployment['id']}", []
    outer = {k: v for k, v in on_s3.environment.items() if not k.startswith(PREFECT_ALONE)}
    environment = {
        **outer,
        "PREFECT_API_URL": on_s3.api,
        "PREFECT_API_AUTH_STRING": on_s3.credential,
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_WORKER_QUERY_SECONDS": "1",
    }

    def start(kind: str) -> str:
        pool = f"stock-{kind}"
        on_s3.ask("POST", "/work_pools/", {"name": pool, "type": kind, **_template(kind)})
        change = {"work_pool_name": pool, "job_variables": _variables(kind, deployment)}
        _change(on_s3, path, change)
        with (tmp_path / "worker.log").open("wb") as log:
            command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", pool]
            started.append(
                subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)
            )
        return pool

    yield start
    for process in started:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            # Where a shell in the background started the tests, Prefect's worker ignores the signal.
            process.kill()
            process.wait()
    back = {name: deployment[name] for name in ("work_pool_name", "job_variables")}
    _change(on_s3, path, back)


def _change(on_s3: Started, path: str, change: dict[str, Any]) -> None:
    # SQLite under several writers says 503 now and then, which Prefect's own clients wait out.
    until(lambda: on_s3.ask("PATCH", path, change).is_success or None, 30, f"the change of {path}")


def _template(kind: str) -> dict[str, Any]:
    from prefect.workers.process import ProcessWorker
    from prefect_docker.worker import DockerWorker

    worker = {"docker": DockerWorker, "process": ProcessWorker}[kind]
    return {"base_job_template": worker.get_default_base_job_template()}


def _variables(kind: str, deployment: dict[str, Any]) -> dict[str, Any]:
    if kind == "process":
        return {}
    image = deployment["job_variables"]["image"]
    hardened = {
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "pids_limit": 256,
        "tmpfs": {"/tmp": "size=512m,mode=1777"},
    }
    return {
        "image": image,
        "image_pull_policy": "Never",
        "auto_remove": True,
        "mem_limit": "2g",
        "container_create_kwargs": hardened,
    }


@wired
@pytest.mark.parametrize("kind", ["docker", "process"])
def test_a_stock_worker_runs_the_same_capsule(
    on_s3: Started, stock_pool: StartWorker, kind: str
) -> None:
    """Its cases come over one address, its results go over the other, and the trial ends judged."""
    stock_pool(kind)
    shown = on_s3.json("try", "tumor_malignancy", str(EXAMPLE))
    assert shown["kind"] == "judged", shown
    run = on_s3.get(f"/flow_runs/{shown['trial']}")
    told = json.dumps(run)
    assert "X-Amz-Signature" in told
    assert on_s3.extra["AWS_SECRET_ACCESS_KEY"] not in told
    # Both addresses outlive the run, and open nothing any more.
    environment = run["job_variables"]["env"]
    assert httpx.get(environment["CAPSULE_DATA"]).status_code == httpx.codes.NOT_FOUND


def test_a_worker_of_ours_runs_it_with_the_store_on_s3(on_s3: Started) -> None:
    """By the one setting alone: staged locally from S3, collected back to S3, judged."""
    shown = on_s3.json("try", "tumor_malignancy", str(EXAMPLE))
    assert shown["kind"] == "judged", shown
    assert not (on_s3.home / "store").exists()


def test_a_flow_of_the_control_side_reaches_the_store(on_s3: Started) -> None:
    """The deployment add-cases seals a pasted table on S3, in a process of its own."""
    (deployment,) = on_s3.post(
        "/deployments/filter", {"deployments": {"name": {"any_": ["add-cases"]}}}
    )
    given = {"capsule": "tumor_malignancy", "name": "pasted", "by": "ada"}
    body = {"parameters": {**given, "table": EXAMPLE.read_text()}}
    run = on_s3.post(f"/deployments/{deployment['id']}/create_flow_run", body)["id"]
    record = _end_of(on_s3, run)
    assert record["state_type"] == "COMPLETED", record["state"]
    rows = on_s3.json("cases", "--capsule", "tumor_malignancy")
    assert "pasted" in json.dumps(rows)


def _ended(on_s3: Started, body: dict[str, Any]) -> dict[str, Any]:
    """Start a run past the app and the command, and return its record when it has ended."""
    (deployment,) = on_s3.post(
        "/deployments/filter", {"deployments": {"name": {"any_": ["trial"]}}}
    )
    return _end_of(
        on_s3, on_s3.post(f"/deployments/{deployment['id']}/create_flow_run", body)["id"]
    )


def _end_of(on_s3: Started, run: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        record: dict[str, Any] = on_s3.get(f"/flow_runs/{run}")
        return record if record["state_type"] in {"COMPLETED", "FAILED", "CRASHED"} else None

    return until(look, 90, "the end of the run")


@wired
def test_a_run_that_was_lent_nothing_says_so(on_s3: Started, stock_pool: StartWorker) -> None:
    """From Prefect's own form it ends as refused data; with addresses that do not answer, as crashed."""
    stock_pool("process")
    record = _ended(on_s3, {"parameters": {}})
    assert record["state_name"] == "DataRefused"
    assert "nothing was staged for this run" in record["state"]["message"]
    nowhere = {"CAPSULE_DATA": "http://127.0.0.1:9/data", "CAPSULE_RESULTS": "http://127.0.0.1:9/r"}
    record = _ended(on_s3, {"parameters": {}, "job_variables": {"env": nowhere}})
    assert record["state_type"] == "CRASHED"
    assert "did not give the cases of this run: ConnectError at 127.0.0.1" in str(record["state"])
