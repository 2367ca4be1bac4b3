"""Which run is next, so that one person's hundred do not starve another's one. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from prefect.client.schemas.objects import FlowRun
from prefect.types._datetime import now

BY = "by:"
"""How the tag begins that says whose a run is."""


@dataclass(frozen=True)
class Queued:
    """A run that waits, or is under way."""

    run_id: UUID
    by: str
    """Whose it is."""
    release: UUID | None
    """Its deployment's id."""
    since: datetime
    """When it was to start."""
    memory: int = 0
    """How much its container may use, in bytes."""


@dataclass(frozen=True)
class Room:
    """What may be used at once."""

    runs: int
    """How many runs."""
    memory: int
    """In bytes."""
    limits: Mapping[UUID, int]
    """How many trials of a release at once, where its author set a limit."""


def person_of(tags: Iterable[str]) -> str:
    """Return whose a run is, by its tags; all runs that do not say so are one person's."""
    return next((tag.removeprefix(BY) for tag in tags if tag.startswith(BY)), "")


def in_order(queued: Iterable[Queued], running: Collection[Queued]) -> list[Queued]:
    """Return the waiting runs in the order in which they will be started.

    Each place goes to the person who has the fewest runs under way or before it in the queue;
    among those, to the run that has waited longest.
    """
    having = Counter(run.by for run in running)
    left = sorted(queued, key=lambda run: (run.since, str(run.run_id)))
    ordered = []
    while left:
        following = min(left, key=lambda run: having[run.by])
        left.remove(following)
        having[following.by] += 1
        ordered.append(following)
    return ordered


def queued(run: FlowRun, memory: int = 0) -> Queued:
    """Return what the queue has to know of a flow run."""
    since = run.expected_start_time or run.created or now("UTC")
    return Queued(run.id, person_of(run.tags), run.deployment_id, since, memory)


def startable(queued: Iterable[Queued], running: Collection[Queued], room: Room) -> list[Queued]:
    """Return the runs to start now; none overtakes another that only waits for room.

    A run whose release is at its limit is passed over, since only its own release holds it up.
    A run alone is started even where it asks for more memory than there is.
    """
    places = room.runs - len(running)
    memory = room.memory - sum(run.memory for run in running)
    of_release = Counter(run.release for run in running)
    chosen: list[Queued] = []
    for run in in_order(queued, running):
        limit = room.limits.get(run.release) if run.release else None
        if limit is not None and of_release[run.release] >= limit:
            continue
        alone = not running and not chosen
        if places <= 0 or (run.memory > memory and not alone):
            break
        chosen.append(run)
        places, memory = places - 1, memory - run.memory
        of_release[run.release] += 1
    return chosen
