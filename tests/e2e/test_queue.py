"""Who waits is told for what, and one person's many trials do not keep another's one from its turn."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from capsule_flows.worker_docker import RUNS_PER_CORE
from e2e.conftest import PROJECT, until
from e2e.proving import Proving, Trial

pytestmark = pytest.mark.docker

READ = """
import sys
from uuid import UUID
from capsule_flows.home import set_environment
set_environment()
from capsule_flows.following import read_run
view = read_run(UUID(sys.argv[1]))
print(view.sentence)
"""


def told(proving: Proving, trial: Trial) -> str:
    """Return the sentence on the trial, as the app shows it."""
    return subprocess.run(
        [sys.executable, "-c", READ, trial.id],
        cwd=PROJECT,
        env=proving.started.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.strip()


@contextmanager
def limited_to_one(proving: Proving) -> Iterator[None]:
    path = f"/deployments/{proving.deployment}"
    proving.ask("PATCH", path, {"concurrency_limit": 1})
    try:
        yield
    finally:
        proving.ask("PATCH", path, {"concurrency_limit": None})


def trial_by(proving: Proving, person: str, predicting: float) -> Trial:
    body = {
        "parameters": {"cases": "four", "settings": {"predicting": predicting}},
        "tags": [f"by:{person}"],
    }
    made = proving.ask("POST", f"/deployments/{proving.deployment}/create_flow_run", body)
    return Trial(proving, str(made["id"]))


def test_a_model_at_its_limit_says_so_to_the_next_in_line(proving: Proving) -> None:
    """The author's limit is Prefect's own; the trial that it holds up starts when the other has ended."""
    with limited_to_one(proving):
        first = trial_by(proving, "Ada", 20)
        first.wait_state("RUNNING", seconds=60)
        second = trial_by(proving, "Bob", 0)
        until(lambda: "only 1 trial of this model" in told(proving, second) or None, 20, "why")
        assert second.record()["start_time"] is None
        first.wait_state("COMPLETED", seconds=60)
        second.wait_state("COMPLETED", seconds=90)


def test_one_trial_does_not_wait_for_all_of_somebody_elses(proving: Proving) -> None:
    places = (os.cpu_count() or 1) * RUNS_PER_CORE
    many = [trial_by(proving, "busy", 3) for _ in range(places + 3)]
    one = trial_by(proving, "quiet", 0)
    for trial in (*many, one):
        trial.wait_state("COMPLETED", seconds=180)
    after = [trial for trial in many if trial.record()["start_time"] > one.record()["start_time"]]
    assert len(after) >= 2, "the quiet one came before those that still waited"
