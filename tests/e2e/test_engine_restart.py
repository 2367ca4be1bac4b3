"""The engine's own daemon dies and comes back: a trial at work is truthfully ended once, and the next one runs.

The engine is a private one, so that nobody else's containers are disturbed.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
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
    """A Docker engine of our own, without networks; what runs containers outlives its daemon, as on any server."""

    folder: Path
    runtime: subprocess.Popen[bytes] | None = field(default=None)
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"unix://{self.folder}/engine.sock"

    def start(self) -> None:
        """Start its daemon and wait until it answers."""
        self.folder.joinpath("pid").unlink(missing_ok=True)
        if self.runtime is None:
            self.runtime = self._started(
                *("containerd", "--address", f"{self.folder}/containerd.sock"),
                *("--root", f"{self.folder}/containerd", "--state", f"{self.folder}/state"),
            )
        self.process = self._started(
            *("dockerd", "--host", self.address, "--pidfile", f"{self.folder}/pid"),
            *("--containerd", f"{self.folder}/containerd.sock"),
            *("--data-root", f"{self.folder}/data", "--exec-root", f"{self.folder}/exec"),
            *("--bridge", "none", "--iptables=false", "--ip6tables=false"),
        )
        until(lambda: self._answers() or None, 60, "an answer of the private engine")

    def _started(self, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / "engine.log").open("ab") as log:
            return subprocess.Popen(words, stdout=log, stderr=log)

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
        """End it and all its containers, whatever became of its daemon."""
        if self.process is None or self.process.poll() is not None:
            self.start()
        with closing(self.client()) as client:
            for one in client.containers.list(all=True):
                one.remove(force=True)
        for one in (self.process, self.runtime):
            assert one is not None
            one.terminate()
            one.wait(timeout=60)


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
