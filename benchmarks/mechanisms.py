"""Copies of the code that lack one mechanism each; a copy differs from the code in one line.

So nothing in the product has a switch for being measured without.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.start import PROJECT

PACKAGES = (
    "capsules/capsule_kit",
    "blocks/capsule_blocks",
    "flows/capsule_flows",
    "ui_panel/capsule_panel",
)


@dataclass(frozen=True)
class Mechanism:
    """One line of the code, and what it would be without."""

    file: str
    line: str
    without: str


MECHANISMS = {
    "everything": None,
    "waiting": Mechanism(
        "capsule_flows/docker_jobs.py",
        "waiting=configuration.waiting_containers,",
        "waiting=0,",
    ),
    "events": Mechanism("capsule_flows/run_watch.py", "tasks.start_soon(self._listen)", "pass"),
    "quick_submission": Mechanism(
        "capsule_flows/quick_submission.py", 'TRIED = "3.8."', 'TRIED = "none"'
    ),
    "patience": Mechanism(
        "capsule_kit/patience.py", "PAUSES_S = (0.02, 0.05, 0.1, 0.2, 0.4)", "PAUSES_S = ()"
    ),
    "unobserved": Mechanism(
        "capsule_kit/one_run.py", 'update={"deployment_id": None}', "update={}"
    ),
    "silent_heart": Mechanism(
        "capsule_kit/one_run.py", "updates={PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}", "updates={}"
    ),
    "warm_up": Mechanism("capsule_kit/container.py", "run.warm_up()", "pass"),
    "rehearsal": Mechanism(
        "capsule_kit/model_process.py", "module.load()\n        rehearse_tables()", "module.load()"
    ),
    "late_progress": Mechanism(
        "capsule_kit/trial_flow.py", "FIRST_PROGRESS_S = 0.5", "FIRST_PROGRESS_S = 0.0"
    ),
    "quiet_refill": Mechanism("capsule_flows/waiting.py", "REST_S = 1.0", "REST_S = 0.0"),
}


def python_path(code: Path) -> str:
    """Return the PYTHONPATH by which a start runs this copy."""
    return ":".join(str(code / Path(package).parent) for package in PACKAGES)


@contextmanager
def lacking(name: str) -> Iterator[Path]:
    """Hold a copy of the packages that lacks one mechanism."""
    with tempfile.TemporaryDirectory(prefix="capsules-without-") as place:
        _copy(Path(place), MECHANISMS[name])
        yield Path(place)


def _copy(place: Path, mechanism: Mechanism | None) -> None:
    for package in PACKAGES:
        shutil.copytree(PROJECT / package, place / package)
    if mechanism is not None:
        (file,) = place.glob(f"*/{mechanism.file}")
        text = file.read_text()
        if mechanism.line not in text:
            message = f"{mechanism.file} has no line {mechanism.line!r} any more"
            raise SystemExit(message)
        file.write_text(text.replace(mechanism.line, mechanism.without))
