"""How a container's end is told, as the state of its flow run. Pure."""

import signal
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Crashed, Failed

from capsule_flows.containers import End
from capsule_flows.containment import Limits
from capsule_kit.trial_flow import MODEL_FAILED

MB = 1 << 20
BY_SIGNAL = 128
"""An exit code above this one tells the signal that ended the process."""


def ended_state(end: End, limits: Limits) -> State[Any]:
    """Return the state of a run whose container ended and left it unfinished."""
    return Crashed(message=_sentence(end, limits) + _said(end))


def overdue_state(limits: Limits) -> State[Any]:
    """Return the state of a run that was stopped because its time was over."""
    return Failed(
        name=MODEL_FAILED,
        message=f"The model failed: it was still at work after {limits.seconds} s, its time limit,"
        " and was stopped.",
    )


def _sentence(end: End, limits: Limits) -> str:
    if end.out_of_memory:
        return (
            f"Its container ran out of memory: it may use {limits.memory // MB} MB."
            " Raise the deployment's job variable mem_limit, or bring fewer cases."
        )
    if end.code == -1:
        return "Its container was removed before it had ended; run it again."
    if end.code > BY_SIGNAL:
        name = signal.Signals(end.code - BY_SIGNAL).name
        return f"Its container was ended by {name}; run it again."
    return f"Its container ended with exit code {end.code} and did not say how the trial went."


def _said(end: End) -> str:
    return f" Its last lines were:\n{end.last_lines}" if end.last_lines else ""
