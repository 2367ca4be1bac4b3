"""The engine's own daemon dies and comes back: a trial at work is truthfully ended once, and the next one runs.

The engine is a private one, so that nobody else's containers are disturbed.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import pytest

from capsule_flows.docker_ground import POOL_LABEL
from e2e.conftest import Started, until
from e2e.plain_flows import FINAL, built, deployed, working

pytestmark = pytest.mark.docker

POOL = "restarted"
SLOW = """
import time
from prefect import flow

@flow
def slow(seconds: float = 0.0):
    print("at work", flush=True)
    time.sleep(seconds)
"""
NEEDED = ("dockerd", "containerd", "docker")


@dataclass
class Engine:
    """A Docker engine of our own, without networks."""

    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"unix://{self.folder}/engine.sock"

    def start(self) -> None:
        """Start its daemon and wait until it answers."""
        self.folder.joinpath("pid").unlink(missing_ok=True)
        words = [
            *("dockerd", "--host", self.address, "--pidfile", f"{self.folder}/pid"),
            *("--data-root", f"{self.folder}/data", "--exec-root", f"{self.folder}/exec"),
            *("--bridge", "none", "--iptables=false", "--ip6tables=false"),
        ]
        with (self.folder / "engine.log").open("ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log)
        until(lambda: self._answers() or None, 60, "an answer of the private engine")

    def _answers(self) -> bool:
        words = ["docker", "--host", self.address, "version"]
        return subprocess.run(words, capture_output=True, check=False).returncode == 0

    def client(self) -> Any:
        """Return a connection to it."""
        return docker.DockerClient(base_url=self.address)

    def kill(self) -> None:
        """Kill its daemon, as the kernel would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it and all its containers."""
        if self.process and self.process.poll() is None:
            with suppress(docker.errors.DockerException), closing(self.client()) as client:
                for one in client.containers.list(all=True):
                    one.remove(force=True)
            self.process.terminate()
            self.process.wait(timeout=60)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A private engine; it takes root and the daemon's programs."""
    lacking = [name for name in NEEDED if shutil.which(name) is None]
    if os.getuid() != 0 or lacking:
        pytest.skip(f"a private engine takes root and {', '.join(NEEDED)}")
    # A socket's path has room for 100 characters.
    folder = Path(f"/run/capsules-engine-{os.getpid()}")
    folder.mkdir()
    one = Engine(folder)
    try:
        one.start()
        yield one
    finally:
        one.stop()
        shutil.copy(folder / "engine.log", tmp_path)
        shutil.rmtree(folder, ignore_errors=True)


def lend(image: str, engine: Engine) -> None:
    """Give the private engine an image of the usual one."""
    with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as saved:
        words = ["docker", "--host", engine.address, "load", "-q"]
        subprocess.run(words, stdin=saved.stdout, check=True, capture_output=True)
    assert saved.returncode == 0


def test_a_killed_daemon_of_the_engine_ends_its_run_once_and_serves_the_next(
    started: Started, engine: Engine, tmp_path: Path
) -> None:
    image = built(started, "slow.py", SLOW)
    lend(image, engine)
    deployment = deployed(started, POOL, "slow", image)
    label = {"label": f"{POOL_LABEL}={POOL}"}

    def containers() -> list[Any]:
        with closing(engine.client()) as client:
            return list(client.containers.list(all=True, filters=label, ignore_removed=True))

    def run(**parameters: Any) -> str:
        asked = {"parameters": parameters}
        return str(started.post(f"/deployments/{deployment}/create_flow_run", asked)["id"])

    def ended(one: str) -> dict[str, Any] | None:
        found: dict[str, Any] = started.get(f"/flow_runs/{one}")
        return found if found["state_type"] in FINAL else None

    with working(started, POOL, tmp_path / "home", DOCKER_HOST=engine.address):
        struck = run(seconds=300)
        until(lambda: any(b"at work" in one.logs() for one in containers()) or None, 90, "the run")
        engine.kill()
        engine.start()
        told = until(lambda: ended(struck), 60, "the end of the run whose engine died")
        following = run()
        found = until(lambda: ended(following), 90, "the end of the run after it")
    assert told["state_type"] == "CRASHED", told["state"]
    assert told["run_count"] == 1
    assert told["state"]["message"]
    assert found["state_type"] == "COMPLETED", found["state"]
    assert ended(struck) == told
    until(lambda: not containers() or None, 30, "no container of the pool")
