"""What is done next follows from the ledger's rows alone."""

from uuid import UUID

import pytest

from capsule_flows.replay_plan import Await, Conclude, Ran, RunPart, Start, Step, next_step

ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))
LOST, GONE = "infrastructure failed", None


def ran(part: RunPart, attempt: int, run: UUID, kind: str | None = "judged") -> Ran:
    return Ran(part, attempt, run, kind)


FIRST, AGAIN = ran("first", 1, ONE), ran("again", 1, TWO)
LATER = ran("first", 2, TWO)

PLANS: list[tuple[str, list[Ran], bool, Step]] = [
    ("nothing was asked for yet", [], False, Start("first", 1)),
    ("a run is under way", [ran("first", 1, ONE, GONE)], False, Await(ONE)),
    ("it was judged and left no doubt", [FIRST], False, Conclude(FIRST)),
    ("it left doubts", [FIRST], True, Start("again", 1)),
    ("it is run again", [FIRST, ran("again", 1, TWO, GONE)], True, Await(TWO)),
    ("both are judged", [AGAIN, FIRST], True, Conclude(FIRST, AGAIN)),
    ("the machine lost it", [ran("first", 1, ONE, LOST)], False, Start("first", 2)),
    ("and it ran the second time", [LATER, ran("first", 1, ONE, LOST)], False, Conclude(LATER)),
    (
        "it was lost twice",
        [ran("first", 1, ONE, LOST), ran("first", 2, TWO, LOST)],
        False,
        Conclude(ran("first", 2, TWO, LOST)),
    ),
    (
        "the second part was lost once",
        [FIRST, ran("again", 1, TWO, LOST)],
        True,
        Start("again", 2),
    ),
    (
        "a failing model is not asked twice",
        [ran("first", 1, ONE, "model failed")],
        False,
        Conclude(ran("first", 1, ONE, "model failed")),
    ),
    (
        "nor is a run that somebody stopped",
        [ran("first", 1, ONE, "cancelled")],
        False,
        Conclude(ran("first", 1, ONE, "cancelled")),
    ),
]


@pytest.mark.parametrize(("what", "there", "doubts", "step"), PLANS, ids=[one[0] for one in PLANS])
def test_the_next_step(what: str, there: list[Ran], doubts: bool, step: Step) -> None:
    assert next_step(there, to_run=True, doubts=doubts) == step


def test_where_no_case_fits_nothing_is_run() -> None:
    assert next_step([], to_run=False, doubts=False) == Conclude()
