"""A whole start of the product, as `capsules up` makes it, once for all end-to-end tests."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import Page

from capsule_flows.engine import docker_answers
from e2e.browsing import LATEST_MS, opened_browser
from machine import free_port, until
from private_postgres import binaries, private_postgres

if TYPE_CHECKING:
    from e2e.proving import Proving

PROJECT = Path(__file__).parents[2]
EXAMPLE = PROJECT / "capsules" / "tumor_malignancy" / "model" / "example.csv"
START_S = 400
GIVE_OUT = """
import sys
from uuid import UUID
from capsule_flows.home import resources, set_environment

set_environment()
from capsule_flows.releases import find_published
from capsule_flows.releasing import give_out

give_out(resources(), find_published(sys.argv[1]), UUID(sys.argv[2]), "the author")
"""


@dataclass
class Started:
    """One `capsules up`, asked through the same command and API as anybody would."""

    home: Path
    api_port: int = field(default_factory=free_port)
    app_port: int = field(default_factory=free_port)
    extra: dict[str, str] = field(default_factory=dict)
    project: Path = PROJECT
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a person at this start."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")
        }
        return {**kept, "CAPSULES_HOME": str(self.home), **self.extra}

    @property
    def api(self) -> str:
        """The Prefect API's address."""
        return f"http://127.0.0.1:{self.api_port}/api"

    @property
    def app(self) -> str:
        """The app's address."""
        return f"http://127.0.0.1:{self.app_port}"

    def start(self) -> None:
        """Start everything and wait until it serves."""
        ports = ["--api-port", str(self.api_port), "--app-port", str(self.app_port)]
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "capsule_flows.commands", "up", *ports],
                cwd=self.project,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        marker = self.home.joinpath("up.log").read_text().count("Serving until")

        def serving() -> bool | None:
            text = (self.home / "up.log").read_text()
            if self.process and self.process.poll() is not None:
                pytest.fail(f"capsules up ended:\n{text}")
            return text.count("Serving until") > marker or None

        until(serving, START_S, "a serving start")

    def stop(self, number: int = signal.SIGINT) -> None:
        """Stop everything and wait for it."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(timeout=90)

    def capsules(self, *words: str, code: int | None = 0, told: bool = False) -> str:
        """Run the command `capsules` and return its standard output; with `told`, what it told instead."""
        done = subprocess.run(
            [sys.executable, "-m", "capsule_flows.commands", *words],
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if code is not None:
            assert done.returncode == code, (
                f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done.stderr if told else done.stdout

    def prefect(self, *words: str) -> str:
        """Run the command `prefect` against this start's server."""
        return subprocess.run(
            [sys.executable, "-m", "prefect", *words],
            cwd=self.project,
            env={**self.environment, "PREFECT_PROFILES_PATH": str(self.home / "profiles.toml")},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout

    def json(self, *words: str, code: int | None = 0) -> Any:
        """Run a reading command with --json and return its document."""
        return json.loads(self.capsules(*words, "--json", code=code))

    def give_out(self, capsule: str, example: Path) -> None:
        """Have experts run what is deployed now; no release, as the tests run before a commit too."""
        trial = self.json("try", capsule, os.fspath(example))["trial"]
        done = subprocess.run(
            [sys.executable, "-c", GIVE_OUT, capsule, trial],
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def take_back(self, capsule: str) -> None:
        """Have experts run nothing of it any more, and only what is deployed be there, as at first."""
        there = self.get(f"/deployments/name/{capsule}/released")
        self.ask("DELETE", f"/deployments/{there['id']}").raise_for_status()

    @property
    def credential(self) -> str:
        """What the Prefect API asks for, as the start keeps it."""
        return (self.home / "prefect-credential").read_text().strip()

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Ask the Prefect API, with the start's credential."""
        user, _, password = self.credential.partition(":")
        url = f"{self.api}{path}"
        for _ in range(20):
            answer = httpx.request(method, url, json=body, auth=(user, password), timeout=30)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            # SQLite was busy with another write; nothing tells when it is free.
            time.sleep(0.1)
        return answer

    def get(self, path: str) -> Any:
        """Read from the Prefect API."""
        return self.ask("GET", path).raise_for_status().json()

    def post(self, path: str, body: Any) -> Any:
        """Post to the Prefect API."""
        return self.ask("POST", path, body).raise_for_status().json()

    def settled(self, run_id: str, seconds: float = 120) -> dict[str, Any]:
        """Wait until a trial is settled, by whoever settles it, and return what `show` says."""

        def look() -> dict[str, Any] | None:
            out = self.capsules("show", run_id, "--json", code=None)
            shown = json.loads(out) if out else {}
            return shown if shown.get("kind", "going on") != "going on" else None

        return until(look, seconds, f"the outcome of {run_id}")


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """Everything running, with Docker where an engine answers."""
    one = Started(tmp_path_factory.mktemp("home"))
    try:
        one.start()
        yield one
    finally:
        one.stop()


@pytest.fixture(scope="session")
def proving(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Proving"]:
    """A start that may be broken without disturbing other tests, with the faulty capsule on it.

    Where the tests are root it is on small disks. Its Prefect server is on PostgreSQL where there
    is one: on SQLite a request that is broken off may stop everything for a minute.
    """
    from e2e.proving import Proving
    from e2e.striking import disk_in_memory

    home = tmp_path_factory.mktemp("proving")
    with ExitStack() as ending:
        if os.getuid() == 0:
            ending.enter_context(disk_in_memory(home, "2g"))
            (home / "store").mkdir(mode=0o700)
            ending.enter_context(disk_in_memory(home / "store" / "staging", "256m"))
        extra = {}
        if programs := binaries():
            server = ending.enter_context(private_postgres(programs))
            url = server.url("asyncpg", server.new_database())
            extra["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = url
        one = Started(home, extra=extra)
        ending.callback(one.stop)
        one.start()
        yield ending.enter_context(closing(Proving(one)))


@pytest.fixture(scope="session")
def in_docker() -> bool:
    """Whether capsules run in Docker here."""
    return docker_answers()


@pytest.fixture
def example() -> bytes:
    """The example table of the capsule, answers included."""
    return EXAMPLE.read_bytes()


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a browser of its own."""
    with opened_browser() as browser:
        one = browser.new_page(viewport={"width": 1280, "height": 1600})
        one.set_default_timeout(LATEST_MS)
        yield one
