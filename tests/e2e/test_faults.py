"""Whatever befalls which process at which moment of a trial, the trial ends in a true state, once."""

import os
import random
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID

import pytest

from capsule_blocks.tables import Outcome
from e2e.conftest import until
from e2e.faults import CELLS, Cell
from e2e.proving import Proving, Trial
from e2e.striking import Striker, lacking, reach, wait_told
from machine import FAULT_SEED

pytestmark = pytest.mark.docker

ROUNDS = int(os.environ.get("CAPSULES_FAULT_ROUNDS", "0"))
"""How often each cell is tried, with other timing each time; 0 for a sample of the table, once."""
SEED = int(os.environ[FAULT_SEED])
ALONE = [cell for cell in CELLS if cell.alone]
OF_THE_START = [cell for cell in CELLS if not cell.alone]
SAMPLE = 22
TRIED = set(OF_THE_START if ROUNDS else random.Random(SEED).sample(OF_THE_START, SAMPLE))
TOLD_WITHIN_S = 5.0
Result = tuple[Trial, Outcome]


@pytest.fixture(scope="module")
def striker(proving: Proving) -> Striker:
    """Does the faults, with a timing that follows from a seed that is printed."""
    print(f"The faults' timing follows from CAPSULES_FAULT_SEED={SEED}", file=sys.stderr)
    return Striker(proving, random.Random(SEED))


def done(striker: Striker, cell: Cell) -> Result:
    """Take a trial to the cell's moment, do the fault, and return how the trial ended."""
    striker.spare(cell.process)
    with striker.beginning(cell) as trial:
        reach(trial, cell.moment)
        striker.strike(cell, trial)
    if cell.alone and cell.fault == "killed":
        wait_told(trial, TOLD_WITHIN_S)
    return trial, trial.outcome(120)


@pytest.fixture(scope="module")
def side_by_side(striker: Striker) -> Iterator[dict[Cell, "Future[Result]"]]:
    """All faults that befall their own trial alone, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        yield {cell: pool.submit(done, striker, cell) for cell in ALONE}


def insist(striker: Striker, cell: Cell, result: Result) -> None:
    """Insist on the expected end, told once; what is left behind is looked for afterwards."""
    trial, outcome = result
    striker.ended.append(trial)
    told = f"{outcome.sentence} (CAPSULES_FAULT_SEED={SEED})"
    assert outcome.kind in cell.ends, told
    assert cell.said in outcome.sentence, told
    settled_once(striker.on, trial, outcome)


def settled_once(on: Proving, trial: Trial, outcome: Outcome) -> None:
    """Insist on one outcome, and each artifact once."""

    def told() -> list[str] | None:
        asked = {"artifacts": {"flow_run_id": {"any_": [trial.id]}}}
        found = on.ask("POST", "/artifacts/filter", asked)
        keys = sorted(one["key"] for one in found if one["key"] != "predicting")
        return keys if "result-page" in keys else None

    judged = outcome.kind == "judged"
    expected = ["disagreements-first"] * judged + ["headline", "result-page"]
    assert until(told, 60, "the artifacts") == expected
    assert (on.started.home / "store" / "judged" / f"{trial.id}.parquet").is_file() == judged
    after = on.ledger.outcome(UUID(trial.id))
    assert after is not None
    assert after.settled_at == outcome.settled_at


@pytest.mark.parametrize("cell", ALONE, ids=lambda one: one.name)
def test_a_fault_inside_one_container(
    striker: Striker, side_by_side: dict[Cell, "Future[Result]"], cell: Cell
) -> None:
    insist(striker, cell, side_by_side[cell].result())
    for _ in range(ROUNDS - 1):
        insist(striker, cell, done(striker, cell))


@pytest.mark.parametrize(
    "cell", [one for one in OF_THE_START if one in TRIED], ids=lambda one: one.name
)
def test_a_fault_of_the_start(striker: Striker, cell: Cell) -> None:
    if reason := lacking(cell):
        pytest.skip(reason)
    for _ in range(max(ROUNDS, 1)):
        insist(striker, cell, done(striker, cell))


def test_nothing_of_any_of_these_trials_is_left(striker: Striker) -> None:
    """No container and no staging folder, at the latest when a worker has looked around twice."""
    for trial in striker.ended:
        trial.wait_gone()


def test_at_least_forty_cells_are_tried() -> None:
    assert len(set(CELLS)) == len(CELLS)
    assert len(ALONE) + len(TRIED) >= 40
