"""The faulty capsule on a real start: trials of it, watched from outside by file, engine and API."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import docker
import docker.errors
import httpx
import pytest
from prefect.utilities.callables import parameter_schema
from pydantic import SecretStr

from capsule_blocks import Ledger
from capsule_blocks.tables import Outcome
from capsule_flows.docker_ground import POOL_LABEL
from e2e.conftest import Started, until
from faulty.declaration import flow

FAULTY = Path(__file__).parents[1] / "faulty"
IMAGE = "prefect-capsules-tests/faulty"
CASES = "specimen,size,large\nA-1,1.5,no\nA-2,2.5,no\nA-3,3.5,yes\nA-4,4.5,yes\n"
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
LOOK_S = 0.005
MEMORY = "700m"
PROCESSES = {
    "worker": ("worker", "start", "--pool", "capsules"),
    "server": ("server", "start"),
    "app": ("capsule_panel",),
    "sweep": ("capsule_flows.sweeping",),
}


def seen(look: Any, seconds: float, what: str) -> Any:
    """Look very often until something is seen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(LOOK_S)
    pytest.fail(f"{what} was not seen within {seconds} s")


class Proving:
    """A start on whose pool the faulty capsule is deployed."""

    def __init__(self, started: Started, waiting: int = 2) -> None:
        self.started = started
        self.docker = docker.from_env()
        user, _, password = started.credential.partition(":")
        self.http = httpx.Client(auth=(user, password), timeout=60, base_url=started.api)
        self.ledger = Ledger(url=SecretStr(f"sqlite:///{started.home / 'ledger.db'}"))
        self.staging = started.home / "store" / "staging"
        self.deployment = self._deploy(waiting)
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
            file.write(CASES)
            file.flush()
            started.capsules("cases", "add", "faulty", file.name, "--name", "four")

    def close(self) -> None:
        """Let go of everything but the start."""
        self.http.close()
        self.ledger.close()
        self.docker.close()

    def _deploy(self, waiting: int) -> str:
        base = self.started.get("/deployments/name/tumor_malignancy/trial")
        image = self._build(base["job_variables"]["image"])
        made = self.started.post("/flows/", {"name": "faulty"})
        body = {
            "name": "trial",
            "flow_id": made["id"],
            "entrypoint": "faulty.declaration.flow",
            "work_pool_name": "capsules",
            "pull_steps": [],
            "tags": ["capsule"],
            "parameter_openapi_schema": parameter_schema(flow).model_dump_for_openapi(),
            "enforce_parameter_schema": True,
            "job_variables": {
                "image": image,
                "mem_limit": MEMORY,
                "work_limit": "64m",
                "time_limit": 120,
                "waiting_containers": waiting,
            },
        }
        return str(self.started.post("/deployments/", body)["id"])

    @staticmethod
    def _build(base: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(FAULTY, folder, dirs_exist_ok=True)
            words = ["docker", "build", "-q", "--build-arg", f"BASE={base}", "-t", IMAGE, folder]
            environment = {**os.environ, "DOCKER_BUILDKIT": "0"}
            done = subprocess.run(
                words, capture_output=True, text=True, check=False, env=environment
            )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the API until it answers; a server that was just killed is waited for."""

        def answer() -> httpx.Response | None:
            with suppress(httpx.TransportError):
                found = self.http.request(method, path, json=body)
                return found if found.status_code < 500 else None
            return None

        found: httpx.Response = until(answer, 90, "an answer of the API")
        return found.raise_for_status().json() if found.content else None

    def trial(self, deed: str = "none", *, cold: bool = False, **settings: Any) -> "Trial":
        """Start a trial; a cold one gets a container that is made for it then."""
        limits = {name: settings.pop(name) for name in ("time_limit",) if name in settings}
        body: dict[str, Any] = {
            "parameters": {"cases": "four", "settings": {"deed": deed, **settings}},
            "tags": ["by:a tester"],
        }
        if cold or limits:
            body["job_variables"] = {"time_limit": 119, **limits}
        made = self.ask("POST", f"/deployments/{self.deployment}/create_flow_run", body)
        return Trial(self, str(made["id"]))

    def wait_warm(self, how_many: int = 1) -> None:
        """Return once so many containers wait for the faulty capsule, loaded."""

        def warm() -> bool | None:
            return len(self.waiting()) >= how_many or None

        until(warm, 90, "a waiting container")

    def waiting(self) -> list[str]:
        """Return the ids of the containers that wait for the faulty capsule, loaded."""
        found = []
        for one in self.containers():
            with suppress(docker.errors.NotFound):
                if one.attrs["State"]["Running"] and self.serves_us(one):
                    said = one.logs(tail=50)
                    if b'"op": "ready"' in said and b"now predicting" not in said:
                        found.append(str(one.id))
        return found

    def serves_us(self, container: Any) -> bool:
        """Whether the container is the faulty capsule's."""
        return (
            str(self.started.home) in json.dumps(container.attrs["Mounts"])
            and "CAPSULE_MODULE=faulty.model" in (container.attrs["Config"]["Env"])
        )

    def containers(self) -> list[Any]:
        """Return all containers of this start, whatever their state."""
        return containers(self.started)

    def process(self, which: str) -> int | None:
        """Return the id of one process of this start, found by its home and its words."""
        mark = f"CAPSULES_HOME={self.started.home}\0".encode()
        wanted = PROCESSES[which]
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (entry / "cmdline").read_bytes().decode().split("\0")
                at = words.index(wanted[0]) if wanted[0] in words else -1
                named = at > 0 and tuple(words[at : at + len(wanted)]) == wanted
                if named and mark in (entry / "environ").read_bytes():
                    return int(entry.name)
        return None


@dataclass
class Trial:
    """One trial of the faulty capsule."""

    on: Proving
    id: str
    began: float = field(default_factory=time.monotonic)
    _container: str = ""

    def record(self) -> dict[str, Any]:
        """Return the flow run's record."""
        return dict(self.on.ask("GET", f"/flow_runs/{self.id}"))

    def container(self, seconds: float = 60) -> Any:
        """Return its container, once it has one."""

        def known() -> str | None:
            pid = self.record().get("infrastructure_pid")
            return pid.rpartition(":")[2] if pid else None

        if not self._container:
            self._container = seen(known, seconds, "the trial's container")
        return self.on.docker.containers.get(self._container)

    def says(self, text: str) -> bool:
        """Whether its container has said this."""
        with suppress(docker.errors.NotFound):
            return text.encode() in self.container().logs()
        return False

    def wait_state(self, *types: str, seconds: float = 60) -> dict[str, Any]:
        """Wait until the run is in one of these states; return its record."""

        def reached() -> dict[str, Any] | None:
            record = self.record()
            return record if record["state_type"] in types else None

        found: dict[str, Any] = seen(reached, seconds, f"{types} of trial {self.id}")
        return found

    def outcome(self, seconds: float = 150) -> Outcome:
        """Return how it was settled, by the sweep, once it is."""
        return until(
            lambda: self.on.ledger.outcome(UUID(self.id)), seconds, f"the outcome of {self.id}"
        )

    def cancel(self) -> float:
        """Ask for its end; return the moment at which it was asked."""
        state = {"state": {"type": "CANCELLING", "name": "Cancelling"}}
        asked = time.monotonic()
        self.on.ask("POST", f"/flow_runs/{self.id}/set_state", state)
        return asked

    def kit(self) -> int:
        """Return the host's number of the kit's process, which is the container's first."""
        return int(self.container().attrs["State"]["Pid"])

    def model(self) -> int:
        """Return the host's number of the model's process, the kit's only child."""
        kit = self.kit()
        children = [
            int(child)
            for task in Path(f"/proc/{kit}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
        (model,) = children
        return model

    def results(self) -> Path:
        """Return where the store keeps what it left."""
        return self.on.started.home / "store" / "results" / self.id

    def left(self) -> list[str]:
        """Return what is left of it where nothing should be."""
        found = []
        if (self.on.staging / self.id).exists():
            found.append("its staging folder")
        pid = self.record().get("infrastructure_pid")
        if pid and ":" in pid:
            with suppress(docker.errors.NotFound):
                self.on.docker.containers.get(pid.rpartition(":")[2])
                found.append("its container")
        return found

    def wait_gone(self, seconds: float = 45) -> None:
        """Insist that nothing is left of it."""
        until(lambda: not self.left() or None, seconds, f"the end of {self.left()} of {self.id}")


def containers(started: Started) -> list[Any]:
    """Return all containers of a start, whatever their state."""
    client = docker.from_env()
    try:
        found = client.containers.list(all=True, filters={"label": POOL_LABEL}, ignore_removed=True)
    finally:
        client.close()
    return [one for one in found if str(started.home) in json.dumps(one.attrs["Mounts"])]


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Hold a process still."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
