"""What becomes of a run that no worker follows any more. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from prefect.client.schemas.objects import State, StateType
from prefect.states import Cancelled, Crashed, Failed, Scheduled

from capsule_kit.trial_flow import MODEL_FAILED

PENDING_GRACE_SECONDS = 5.0
"""How long a pending run may be without a container or process before it is put back."""


class Trace(StrEnum):
    """What is found of the container or process of a run."""

    ALIVE = "alive"
    ENDED = "ended"
    UNSEEN = "unseen"
    """Nothing here, and nothing says that it ever began."""
    ELSEWHERE = "elsewhere"
    """It began on another machine or engine, which cannot be seen from here."""


class Mend(StrEnum):
    """What is to be done with a run that nobody follows."""

    CRASH = "crash"
    CANCEL = "cancel"
    PUT_BACK = "put back"
    STOP = "stop"


class Ground(Protocol):
    """Where a worker's runs live: a Docker engine, or the processes of this machine."""

    what: str
    """What one run lives in, as a word for a person."""

    def look(self, flow_run_id: UUID, pid: str | None) -> Trace:
        """Say what is there of the run."""

    def kill(self, flow_run_id: UUID, pid: str | None) -> None:
        """End whatever is there of the run, at once; nothing there is no error."""

    def clear(self) -> None:
        """Remove what is left here of what has ended."""

    def overdue(self, pid: str | None, seconds: float) -> bool:
        """Say whether a run that has gone on for so long is past its time limit."""


@dataclass(frozen=True)
class Orphan:
    """What is known of a run that this worker does not follow."""

    state: StateType
    trace: Trace
    seconds: float
    """How long it has been in this state."""
    alone: bool
    """Whether no other worker serves the pool."""
    overdue: bool = False
    """Whether it has been at work for longer than it may."""


def mend_for(orphan: Orphan) -> Mend | None:
    """Return what is to be done with a run that nobody here follows; None to leave it."""
    cancelling = orphan.state is StateType.CANCELLING
    if orphan.trace is Trace.ALIVE:
        if cancelling:
            return Mend.CANCEL
        return Mend.STOP if orphan.overdue else None
    if orphan.trace is not Trace.ENDED and not orphan.alone:
        return None
    if cancelling:
        return Mend.CANCEL
    if orphan.state is StateType.PENDING and orphan.trace is not Trace.ELSEWHERE:
        # It never said that it runs, so it cannot run twice.
        return Mend.PUT_BACK if orphan.seconds > PENDING_GRACE_SECONDS else None
    return Mend.CRASH


def mended_state(mend: Mend, trace: Trace, what: str) -> State[Any]:
    """Return the state that a mended run gets, with its sentence."""
    if mend is Mend.CANCEL:
        return Cancelled(message=f"Cancelled; its {what} is gone.")
    if mend is Mend.STOP:
        return Failed(
            name=MODEL_FAILED,
            message="The model failed: it was still at work when its time limit was over.",
        )
    if mend is Mend.PUT_BACK:
        return Scheduled(message=f"The worker ended before it started a {what}; put back in line.")
    if trace is Trace.ELSEWHERE:
        return Crashed(
            message=f"Its {what} was on a machine where no worker answers any more; run it again."
        )
    return Crashed(message=f"Its {what} ended without saying so; run it again.")
