"""How a moment of a trial is reached, and how each fault is done to a real start and undone."""

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker.errors
import httpx
import pytest

from e2e.conftest import until
from e2e.faults import Cell, Moment
from e2e.proving import FINAL, Proving, Trial, seen, stopped

COLD: tuple[Moment, ...] = ("staged", "started", "loaded")
PREDICTING_S = WRITING_S = 2.0
OVERDUE_S = 15
"""The time limit of a trial whose model is stopped for good; its container is made within it."""
AWAY_S = (1.0, 3.0)
"""How long something is stopped, full or cut."""
MOST_KILLS, WITHIN_S = 4, 62.0
"""`capsules up` gives up where a process dies more often."""


def reach(trial: Trial, moment: Moment) -> None:
    """Return as soon as the trial is at this moment."""
    home = trial.on.started.home
    looks: dict[Moment, Callable[[], Any]] = {
        "submitted": lambda: True,
        "staged": (trial.on.staging / trial.id).exists,
        "started": trial.container,
        "loaded": lambda: trial.says('"op": "ready"'),
        "predicting": lambda: trial.says("now predicting"),
        "writing": lambda: trial.says("now writing"),
        "written": lambda: (
            (trial.on.staging / trial.id / "results" / "predictions.parquet").exists()
            or trial.record()["state_type"] in FINAL
        ),
        "settling": (home / "store" / "locks" / trial.id).exists,
    }
    seen(looks[moment], 90, f"{moment} of {trial.id}")


@dataclass
class Striker:
    """Does faults to one start."""

    on: Proving
    rng: random.Random
    kills: dict[str, list[float]] = field(default_factory=dict)
    ended: list[Trial] = field(default_factory=list)

    @contextmanager
    def beginning(self, cell: Cell) -> Iterator[Trial]:
        """Start the trial of a cell."""
        cold = cell.moment in COLD
        if not cold:
            self.on.wait_warm()
        held: dict[str, Any] = {}
        if cell.moment in ("predicting", "loaded"):
            held["predicting"] = PREDICTING_S
        if cell.moment == "writing":
            held["writing"] = WRITING_S
        if cell.fault == "stopped for good":
            held["time_limit"] = OVERDUE_S
        with ExitStack() as ending:
            if cell.moment == "submitted" and cell.process == "worker":
                # Held still before, since it would have the run within a tenth of a second.
                ending.enter_context(stopped(self._pid("worker")))
            yield self.on.trial(cold=cold, **held)

    def _pid(self, which: str) -> int:
        pid = self.on.process(which)
        assert pid is not None, which
        return pid

    def strike(self, cell: Cell, trial: Trial) -> None:
        """Do the fault, and undo it after a while; returns when it is undone."""
        held = cell.moment in ("predicting", "writing")
        time.sleep(self.rng.uniform(0, 0.5 if held else 0.02))
        name = f"_{cell.process}_{cell.fault}".replace(" ", "_")
        specific: Callable[[Trial], None] | None = getattr(self, name, None)
        if specific:
            specific(trial)
        elif cell.fault == "killed":
            self._kill(cell.process)
        else:
            self._hold(self._pid(cell.process))

    def away(self) -> None:
        """Let a while go by."""
        time.sleep(self.rng.uniform(*AWAY_S))

    def _hold(self, pid: int) -> None:
        with stopped(pid):
            self.away()

    def spare(self, which: str) -> None:
        """Return when this process may be killed without `capsules up` giving up."""

        def rested() -> bool | None:
            young = [one for one in self.kills.get(which, []) if time.monotonic() - one < WITHIN_S]
            return len(young) < MOST_KILLS or None

        until(rested, WITHIN_S, f"a rest of the {which}")

    def _kill(self, which: str) -> None:
        pid = self._pid(which)
        os.kill(pid, signal.SIGKILL)
        self.kills.setdefault(which, []).append(time.monotonic())

        def again() -> int | None:
            new = self.on.process(which)
            return new if new != pid else None

        until(again, 30, f"a new {which}")
        started = self.on.started
        address = {"server": f"{started.api}/health", "app": f"{started.app}/health"}.get(which)
        if address:
            until(lambda: answers(address), 60, f"the {which} answering")

    def _everything_killed(self, trial: Trial) -> None:
        del trial
        started = self.on.started
        assert started.process is not None
        started.process.kill()
        started.process.wait()
        until(lambda: self.on.process("server") is None or None, 30, "the end of all it started")
        started.start()

    def _kit_killed(self, trial: Trial) -> None:
        with suppress(ProcessLookupError, docker.errors.NotFound):
            if kit := trial.kit():
                os.kill(kit, signal.SIGKILL)

    def _kit_stopped_and_continued(self, trial: Trial) -> None:
        self._hold(trial.kit())

    def _model_killed(self, trial: Trial) -> None:
        os.kill(trial.model(), signal.SIGKILL)

    def _model_stopped_and_continued(self, trial: Trial) -> None:
        self._hold(trial.model())

    def _model_stopped_for_good(self, trial: Trial) -> None:
        os.kill(trial.model(), signal.SIGSTOP)

    def _container_killed(self, trial: Trial) -> None:
        with suppress(docker.errors.APIError):
            trial.container().kill()

    def _network_cut(self, trial: Trial) -> None:
        del trial
        with network_cut(self.on.started.api_port):
            self.away()

    def _API_slow(self, trial: Trial) -> None:  # noqa: N802
        pid = self._pid("server")
        ended = threading.Event()

        def stutter() -> None:
            until_then = time.monotonic() + 8
            while time.monotonic() < until_then and not ended.is_set():
                with stopped(pid):
                    ended.wait(0.2)
                ended.wait(0.1)

        slowing = threading.Thread(target=stutter)
        slowing.start()
        try:
            trial.wait_state(*FINAL, seconds=90)
        finally:
            ended.set()
            slowing.join()

    def _disk_of_results_full(self, trial: Trial) -> None:
        with full_disk(self.on.staging):
            trial.wait_state(*FINAL, seconds=30)

    def _whole_disk_full(self, trial: Trial) -> None:
        del trial
        with full_disk(self.on.started.home):
            self.away()


@contextmanager
def network_cut(port: int) -> Iterator[None]:
    """Have the kernel refuse every packet to a port of this machine's loopback."""
    rule = ["-i", "lo", "-p", "tcp", "--dport", str(port)]
    rule += ["-j", "REJECT", "--reject-with", "tcp-reset"]
    subprocess.run(["iptables", "-w", "-I", "INPUT", *rule], check=True)
    try:
        yield
    finally:
        subprocess.run(["iptables", "-w", "-D", "INPUT", *rule], check=True)


@contextmanager
def full_disk(place: Path) -> Iterator[None]:
    """Leave no byte free on the file system in memory that is mounted there."""
    size = _size_and_used(place)[0]
    _shrink_to_what_is_used(place)
    try:
        yield
    finally:
        _remount(place, size)


def _size_and_used(place: Path) -> tuple[int, int]:
    facts = os.statvfs(place)
    return facts.f_blocks * facts.f_frsize, (facts.f_blocks - facts.f_bfree) * facts.f_frsize


def _shrink_to_what_is_used(place: Path) -> None:
    """The kernel refuses a size that what was written since has passed; then it is asked again."""
    for _ in range(100):
        used = max(_size_and_used(place)[1], 1 << 12)
        with suppress(subprocess.CalledProcessError):
            return _remount(place, used)
        assert _size_and_used(place)[1] > used, f"{place} was not made full"
    raise AssertionError(f"{place} is written to faster than it can be made full")


def _remount(place: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(place)], check=True)


@contextmanager
def disk_in_memory(place: Path, size: str) -> Iterator[None]:
    """Mount a file system in memory."""
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tests", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def answers(address: str) -> bool | None:
    """Whether something serves at the address."""
    with suppress(httpx.HTTPError):
        return httpx.get(address, timeout=2).is_success or None
    return None


def lacking(cell: Cell) -> str | None:
    """Return what this machine lacks for a cell; None where it can be tried."""
    if cell.process in ("disk of results", "whole disk") and os.getuid() != 0:
        return "a small disk can only be made by root"
    if cell.process == "network" and os.getuid() != 0:
        return "the network can only be cut by root"
    return None


def wait_told(trial: Trial, seconds: float) -> None:
    """Insist that the end of a run is told within so many seconds."""
    begun = time.monotonic()
    trial.wait_state(*FINAL, seconds=30)
    if time.monotonic() - begun > seconds:
        pytest.fail(f"the end of {trial.id} was told after {time.monotonic() - begun:.1f} s")
