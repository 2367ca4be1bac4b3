"""A model that is written to do harm gets out of its capsule nowhere, and its harm is told as its failure."""

import json
import os
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import get_args

import pytest

from capsule_blocks.tables import Outcome
from e2e.proving import Proving, Trial
from faulty.declaration import Deed
from faulty.escapes import ATTEMPTS

pytestmark = pytest.mark.docker

PARTED = os.getuid() == 0
NEEDS_TWO_USERS = {
    name
    for name in ATTEMPTS
    if "kit" in name or "Prefect API" in name or name in ("read the receipt", "have more processes")
} | {"write the results itself", "write outside its folder", "be spared when memory runs out"}
"""What is kept apart by user alone, which only a worker that is root can do."""


@pytest.fixture(scope="module")
def escape(proving: Proving) -> Trial:
    """A trial whose model tries every way out, while another capsule's container waits beside it."""
    proving.wait_warm(2)
    facts = {
        "hosts": ["172.17.0.1", "192.168.0.1"],
        "ports": [proving.started.app_port, proving.started.api_port, 2375, 22],
        "api_port": proving.started.api_port,
        "others": ["172.17.0.2"],
        "home": str(proving.started.home),
    }
    one = proving.trial("escape", facts=json.dumps(facts))
    outcome = one.outcome()
    assert outcome.kind == "judged", outcome.sentence
    return one


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_model_cannot(escape: Trial, attempt: str) -> None:
    if attempt in NEEDS_TWO_USERS and not PARTED:
        pytest.skip("flow and model are one user where the worker is not root")
    told = json.loads((escape.results() / "files" / "attempts.json").read_text())
    assert not told[attempt]["succeeded"], told[attempt]["said"]


def test_nothing_that_a_model_leaves_for_the_flow_is_run_or_read(escape: Trial) -> None:
    """No planted module told of itself, and planted settings did not silence the flow's log."""
    names = [file.name for file in escape.results().rglob("*")]
    assert "planted.txt" not in names
    lines = escape.on.ask(
        "POST", "/logs/filter", {"logs": {"flow_run_id": {"any_": [escape.id]}}, "limit": 200}
    )
    assert [line for line in lines if line["message"].startswith("The model is loaded")]


@dataclass(frozen=True)
class Harm:
    """What comes of a deed."""

    deed: Deed
    kind: str
    said: str
    """A regular expression that the sentence fits."""
    seconds: int | None = None
    """Its time limit, where it has one of its own."""


JUDGED, FAILED = "judged", "model failed"
RIGHT = "agreed with you on 4 of 4"
OVERDUE = "still at work after 8 s, its time limit"
HARMS = (
    Harm("fork bomb", FAILED, OVERDUE, seconds=8),
    Harm("endless logs", FAILED, OVERDUE, seconds=8),
    Harm("endless progress", FAILED, OVERDUE, seconds=8),
    Harm("raise", FAILED, r"failed while predicting \(ValueError: the model's own error"),
    Harm("exit", FAILED, r"ended without an answer, exit code 7\..*a last word"),
    Harm("segfault", FAILED, "killed by SIGSEGV"),
    Harm("memory", FAILED, r"out of memory.*700 MB"),
    Harm("full disk", FAILED, "No space left on device"),
    Harm("many files", JUDGED, RIGHT),
    Harm("rubbish replies", JUDGED, RIGHT),
    Harm("forged reply", FAILED, "left neither predictions.parquet nor predictions.csv"),
    Harm("half a reply", FAILED, "ended without an answer"),
    Harm("odd files", JUDGED, RIGHT),
    Harm("endless file", JUDGED, RIGHT),
    Harm("growing file", JUDGED, RIGHT),
    Harm("deep folders", JUDGED, RIGHT),
    Harm("odd words", FAILED, "failed while predicting"),
    Harm("gigantic line", FAILED, "larger than so many predictions can be"),
    Harm("predictions as a link", FAILED, "no file that can be read"),
    Harm("predictions as a pipe", FAILED, "no file that can be read"),
    Harm("billion rows", FAILED, "1000000000 predictions for 4 cases"),
    Harm("gigantic string", FAILED, "a value of 524288 characters"),
    Harm("nested predictions", FAILED, "holds no single values"),
    Harm("few predictions", FAILED, "no prediction for 3 of 4 cases"),
)
Done = dict[str, "Future[tuple[Trial, Outcome]]"]


@pytest.fixture(scope="module")
def done(proving: Proving) -> Iterator[Done]:
    """Every harm, some side by side."""

    def one(harm: Harm) -> tuple[Trial, Outcome]:
        limit = {"time_limit": harm.seconds} if harm.seconds else {}
        trial = proving.trial(harm.deed, **limit)
        return trial, trial.outcome(180)

    with ThreadPoolExecutor(3) as pool:
        yield {harm.deed: pool.submit(one, harm) for harm in HARMS}


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.deed)
def test_its_harm_ends_in_a_true_state(done: Done, harm: Harm) -> None:
    trial, outcome = done[harm.deed].result()
    assert outcome.kind == harm.kind, outcome.sentence
    assert re.search(harm.said, outcome.sentence, re.DOTALL), outcome.sentence
    assert len(outcome.sentence) < 10_000
    assert all(sign.isprintable() or sign == "\n" for sign in outcome.sentence)
    trial.wait_gone()


def test_every_deed_has_its_test() -> None:
    tested = {harm.deed for harm in HARMS}
    elsewhere = {one for one in get_args(Deed) if "in C" in one} | {"block signals"}
    assert tested | elsewhere | {"none", "escape"} == set(get_args(Deed))


@pytest.mark.parametrize(
    "deed", ["odd files", "many files", "endless file", "growing file", "deep folders"]
)
def test_only_plain_files_of_a_bounded_size_are_kept(done: Done, deed: str) -> None:
    trial, _ = done[deed].result()
    kept = list(trial.results().rglob("*"))
    files = [one for one in kept if not one.is_dir()]
    assert all(one.is_file() and not one.is_symlink() for one in files)
    assert len(files) <= 1_010
    assert sum(one.stat().st_size for one in files) <= 64 << 20
    assert all(len(one.relative_to(trial.results()).parts) <= 20 for one in files)
    words = b"".join(one.read_bytes() for one in files if one.suffix == ".txt")
    assert b"contract_hash" not in words
    assert b"root:" not in words
    wanted = {"odd files": "plain.txt", "deep folders": "plain.txt"}.get(deed)
    assert wanted is None or wanted in [one.name for one in files]
