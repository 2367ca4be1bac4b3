"""Whatever is killed while a trial is going on, the trial ends in a true state, once, with nothing lost."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import docker
import httpx
import pytest
from pydantic import SecretStr

from capsule_blocks import Ledger
from e2e.conftest import EXAMPLE, Started, until

pytestmark = pytest.mark.docker

RUN_LABEL = "io.prefect.flow-run-id"
PROCESSES = {
    "worker": ("worker", "start", "--pool", "capsules"),
    "server": ("server", "start"),
    "app": ("capsule_panel",),
    "sweep": ("capsule_flows.sweeping",),
}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """A start that may be broken without disturbing other tests."""
    one = Started(tmp_path_factory.mktemp("broken"))
    try:
        one.start()
        yield one
    finally:
        one.stop()


def process_of(started: Started, which: str) -> int | None:
    """Return the id of one process of this start, found by its home and its words."""
    mark = f"CAPSULES_HOME={started.home}\0".encode()
    wanted = PROCESSES[which]
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (entry / "cmdline").read_bytes().decode().split("\0")
            at = words.index(wanted[0]) if wanted[0] in words else -1
            named = at > 0 and tuple(words[at : at + len(wanted)]) == wanted
            if named and mark in (entry / "environ").read_bytes():
                return int(entry.name)
    return None


def submitted(started: Started) -> str:
    deployment = started.get("/deployments/name/tumor_malignancy/trial")
    asked = {"parameters": {"cases": "example", "settings": {"threshold": 0.5}}}
    return str(started.post(f"/deployments/{deployment['id']}/create_flow_run", asked)["id"])


class Held:
    """A trial whose container is held still while something else is killed."""

    def __init__(self, started: Started) -> None:
        self.run_id = submitted(started)
        self._client = docker.from_env()
        self._container = until(self._running, 60, "the trial's container")
        until(
            lambda: started.get(f"/flow_runs/{self.run_id}")["state_type"] == "RUNNING" or None,
            60,
            "the running trial",
        )
        self._container.pause()

    def _running(self) -> Any:
        wanted = {"label": f"{RUN_LABEL}={self.run_id}", "status": "running"}
        found = self._client.containers.list(filters=wanted, ignore_removed=True)
        return next(iter(found), None)

    def go_on(self) -> None:
        """Let it go on, if it is still there."""
        with suppress(docker.errors.APIError):
            self._container.unpause()

    def gone(self) -> bool | None:
        """Whether no container of the trial is left."""
        wanted = {"label": f"{RUN_LABEL}={self.run_id}"}
        left = self._client.containers.list(all=True, filters=wanted, ignore_removed=True)
        return not left or None

    def close(self) -> None:
        """Leave nothing of it."""
        with suppress(docker.errors.APIError):
            self._container.remove(force=True)
        self._client.close()


@pytest.fixture
def held(own: Started) -> Iterator[Held]:
    one = Held(own)
    try:
        yield one
    finally:
        one.close()


def settled_once(started: Started, run_id: str) -> None:
    """Insist on one outcome, each artifact once, and the bytes of every case still there."""
    ledger = Ledger(url=SecretStr(f"sqlite:///{started.home / 'ledger.db'}"))
    outcome = ledger.outcome(UUID(run_id))
    assert outcome is not None
    names = [one.name for one in ledger.case_sets("tumor_malignancy")]
    ledger.close()
    assert "example" in names
    store = started.home / "store"

    def told() -> list[str] | None:
        found = started.post(
            "/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run_id]}}}
        )
        keys = sorted(one["key"] for one in found if one["key"] != "predicting")
        return keys if "result-page" in keys else None

    judged = outcome.kind == "judged"
    expected = ["disagreements-first"] * judged + ["headline", "result-page"]
    assert until(told, 30, "the artifacts") == expected
    assert (store / "judged" / f"{run_id}.parquet").is_file() == judged
    settled_at = outcome.settled_at
    started.capsules("show", run_id)
    again = Ledger(url=SecretStr(f"sqlite:///{started.home / 'ledger.db'}"))
    after = again.outcome(UUID(run_id))
    again.close()
    assert after is not None
    assert after.settled_at == settled_at


@pytest.mark.parametrize("which", ["worker", "server", "app", "sweep"])
def test_what_is_killed_during_a_trial_is_started_again_and_the_trial_is_judged_once(
    own: Started, held: Held, which: str
) -> None:
    pid = process_of(own, which)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    def again() -> int | None:
        new = process_of(own, which)
        return new if new != pid else None

    until(again, 30, f"a new {which}")
    address = {"server": f"{own.api}/health", "app": f"{own.app}/health"}.get(which)
    if address:
        until(lambda: answers(address), 60, f"the {which} answering")
    held.go_on()
    shown = own.settled(held.run_id)
    assert shown["kind"] == "judged", shown["sentence"]
    settled_once(own, held.run_id)
    until(held.gone, 40, "the end of the trial's container")


def test_after_everything_was_killed_a_new_start_settles_the_trial_once(
    own: Started, held: Held
) -> None:
    before = {row["name"] for row in own.json("cases")}
    assert own.process is not None
    own.process.kill()
    own.process.wait()
    until(lambda: process_of(own, "server") is None or None, 30, "the end of what it had started")
    own.start()
    held.go_on()
    shown = own.settled(held.run_id)
    assert shown["kind"] in ("judged", "infrastructure failed"), shown["sentence"]
    settled_once(own, held.run_id)
    assert {row["name"] for row in own.json("cases")} == before
    until(held.gone, 40, "the end of the trial's container")
    assert own.json("try", "tumor_malignancy", str(EXAMPLE))["kind"] == "judged"


def answers(address: str) -> bool | None:
    """Whether something serves at the address."""
    with suppress(httpx.HTTPError):
        return httpx.get(address, timeout=2).is_success or None
    return None
