"""What has to be done next for a replay, by what the ledger holds of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

from capsule_flows.trial_words import INFRASTRUCTURE_FAILED, JUDGED

RunPart = Literal["first", "again"]
PARTS: tuple[RunPart, ...] = get_args(RunPart)
"""The cases are run; and once more on the same release, where that leaves doubts."""
MOST_ATTEMPTS = 2
"""How often a run is asked for that the infrastructure loses."""


@dataclass(frozen=True)
class Ran:
    """A flow run of a replay."""

    part: RunPart
    attempt: int
    """Counts from 1."""
    flow_run_id: UUID
    kind: str | None
    """How it ended; None while it is not settled."""


@dataclass(frozen=True)
class Start:
    """A flow run has to be asked for."""

    part: RunPart
    attempt: int


@dataclass(frozen=True)
class Await:
    """A flow run has to be waited for and settled."""

    flow_run_id: UUID


@dataclass(frozen=True)
class Conclude:
    """All is known that will be."""

    first: Ran | None = None
    """The run whose predictions count; None where there was nothing to run."""
    again: Ran | None = None


Step = Start | Await | Conclude


def next_step(ran: Sequence[Ran], *, to_run: bool, doubts: bool) -> Step:
    """Return the next step.

    Args:
        ran: Every run of the replay so far.
        to_run: Whether any case fits the contract.
        doubts: Whether the first part, once judged, left doubts.
    """
    if not to_run:
        return Conclude()
    newest: dict[RunPart, Ran] = {one.part: one for one in sorted(ran, key=lambda one: one.attempt)}
    for part in PARTS:
        if part == "again" and not doubts:
            break
        last = newest.get(part)
        if last is None:
            return Start(part, 1)
        if last.kind is None:
            return Await(last.flow_run_id)
        if last.kind == INFRASTRUCTURE_FAILED and last.attempt < MOST_ATTEMPTS:
            return Start(part, last.attempt + 1)
        if last.kind != JUDGED:
            break
    return Conclude(newest.get("first"), newest.get("again"))


def run_key(replay_id: UUID, part: RunPart, attempt: int) -> str:
    """Return the key by which the server knows a run again that was asked for before."""
    return f"replay-{replay_id}-{part}-{attempt}"
