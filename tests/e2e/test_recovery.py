"""After everything was killed during a trial nothing is lost, and in the end nothing is left.

What comes of killing one process alone is in the fault table, in test_faults.py.
"""

from contextlib import suppress
from pathlib import Path

import docker
import pytest

from capsule_blocks.tables import Upload
from e2e.conftest import EXAMPLE, until
from e2e.proving import Proving, seen

pytestmark = pytest.mark.docker


def test_after_everything_was_killed_a_new_start_settles_the_trial_once(proving: Proving) -> None:
    """The trial's container is held still meanwhile, so that it outlives what had started it."""
    started = proving.started
    proving.wait_warm()
    before = {row["name"] for row in started.json("cases")}
    uploads = proving.ledger.uploads()
    trial = proving.trial(predicting=1)
    seen(lambda: trial.says("now predicting"), 60, "the predicting model")
    container = trial.container()
    container.pause()
    try:
        assert started.process is not None
        started.process.kill()
        started.process.wait()
        until(
            lambda: proving.process("server") is None or None, 30, "the end of all it had started"
        )
        started.start()
    finally:
        with suppress(docker.errors.APIError):
            container.unpause()
    outcome = trial.outcome()
    assert outcome.kind in ("judged", "infrastructure failed"), outcome.sentence
    trial.wait_gone()
    assert {row["name"] for row in started.json("cases")} == before
    there = {one.id for one in proving.ledger.uploads()}
    assert {one.id for one in uploads} <= there
    assert all(kept(started.home, one) for one in uploads)
    assert started.json("try", "tumor_malignancy", str(EXAMPLE))["kind"] == "judged"


def kept(home: Path, upload: Upload) -> bool:
    """Whether the bytes of an upload are there."""
    folder = home / "store" / "uploads" / upload.sha256
    return any(one.stat().st_size == upload.size for one in folder.iterdir())


def test_in_the_end_nothing_is_left(proving: Proving) -> None:
    """Containers wait, each with its place; after the start's end no container, place or network is left."""

    def only_waiting() -> bool | None:
        places = {one.name for one in proving.staging.iterdir()}
        there = {str(one.id) for one in proving.containers()}
        return (
            len(places) == len(there) and all(one.startswith("open-") for one in places)
        ) or None

    until(only_waiting, 60, "nothing but waiting containers")
    assert list((proving.started.home / "store" / "incoming").iterdir()) == []
    proving.started.stop()
    until(lambda: not proving.containers() or None, 10, "the end of every container")
    assert list(proving.staging.iterdir()) == []
    assert [one.name for one in proving.docker.networks.list() if "capsule" in one.name] == []
