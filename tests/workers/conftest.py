"""A real Prefect server on a free loopback port, once for these tests, and workers beside it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from machine import free_port, until

TINY = Path(__file__).parent / "tiny"
POOL = "processes"


@dataclass(frozen=True)
class Server:
    """A Prefect server, asked over its own API."""

    url: str
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a worker for this server."""
        return {
            **os.environ,
            "PREFECT_API_URL": self.url,
            "PREFECT_HOME": str(self.home),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        }

    def post(self, path: str, body: dict[str, object]) -> dict[str, object]:
        """Post to the API and return its answer."""
        answer = httpx.post(f"{self.url}{path}", json=body, timeout=30)
        answer.raise_for_status()
        return dict(answer.json())

    def run(self, deployment: object, parameters: dict[str, object] | None = None) -> str:
        """Start a run of a deployment and return its id."""
        body: dict[str, object] = {"parameters": parameters or {}}
        return str(self.post(f"/deployments/{deployment}/create_flow_run", body)["id"])

    def record(self, run: str) -> dict[str, object]:
        """Return what the server knows of a run."""
        return dict(httpx.get(f"{self.url}/flow_runs/{run}", timeout=30).json())

    def wait(self, run: str, *types: str, seconds: float = 90) -> dict[str, object]:
        """Wait for a run to reach one of these states and return its record."""

        def look() -> dict[str, object] | None:
            record = self.record(run)
            return record if record["state_type"] in types else None

        return until(look, seconds, f"{types} of run {run}")

    def cancel(self, run: str) -> None:
        """Ask for a run to be cancelled."""
        state = {"state": {"type": "CANCELLING", "name": "Cancelling"}}
        self.post(f"/flow_runs/{run}/set_state", state)

    def deploy(self, function: str, schema: dict[str, object] | None = None) -> object:
        """Deploy a function of the tiny flows and return the deployment's id."""
        flow = self.post("/flows/", {"name": function})
        body: dict[str, object] = {
            "name": "tiny",
            "flow_id": flow["id"],
            "entrypoint": f"tiny_flows.{function}",
            "work_pool_name": POOL,
            "pull_steps": [],
            "parameter_openapi_schema": schema or {"type": "object", "properties": {}},
            "enforce_parameter_schema": False,
            "job_variables": {"env": {"PYTHONPATH": str(TINY)}},
        }
        return self.post("/deployments/", body)["id"]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve Prefect for the session, with the pool of the process worker."""
    home = tmp_path_factory.mktemp("prefect")
    port = free_port()
    found = Server(f"http://127.0.0.1:{port}/api", home)
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)]
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(command, env=found.environment, stdout=log, stderr=log)
        try:
            until(lambda: _answers(found.url), 180, "the server")
            found.post("/work_pools/", {"name": POOL, "type": "capsule-process"})
            yield found
        finally:
            process.terminate()
            process.wait(timeout=20)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=2).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


StartWorker = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def start_worker(server: Server, tmp_path: Path) -> Iterator[StartWorker]:
    """Give a way to start a worker; whatever is left of them is ended afterwards."""
    started: list[subprocess.Popen[bytes]] = []
    with (tmp_path / "worker.log").open("w") as log:

        def start() -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", "prefect", "worker", "start"]
            command += ["--pool", POOL, "--name", "tester"]
            process = subprocess.Popen(command, env=server.environment, stdout=log, stderr=log)
            started.append(process)
            return process

        yield start
        for process in started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(timeout=15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
