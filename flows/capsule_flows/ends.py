"""How a container's end is told, as the state of its flow run. Pure."""

import signal
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Crashed, Failed

from capsule_flows.containers import End
from capsule_flows.containment import Limits
from capsule_kit.model_words import plain
from capsule_kit.trial_flow import MODEL_FAILED

MB = 1 << 20
BY_SIGNAL = 128
"""An exit code above this one tells the signal that ended the process."""


def ended_state(end: End, limits: Limits) -> State[Any]:
    """Return the state of a run whose container ended and left it unfinished."""
    if end.out_of_memory:
        return Failed(
            name=MODEL_FAILED,
            message=f"The model failed: its container ran out of memory, of which it may use"
            f" {limits.memory // MB} MB. Fewer cases may do, or its author gives it more (the"
            f" deployment's job variable mem_limit).{_said(end)}",
        )
    return Crashed(message=_sentence(end) + _said(end))


def overdue_state(limits: Limits) -> State[Any]:
    """Return the state of a run that was stopped because its time was over."""
    return Failed(
        name=MODEL_FAILED,
        message=f"The model failed: it was still at work after {limits.seconds} s, its time limit,"
        " and was stopped.",
    )


def _sentence(end: End) -> str:
    if end.code == -1:
        return "Its container was removed before it had ended; run it again."
    if end.code > BY_SIGNAL:
        name = signal.Signals(end.code - BY_SIGNAL).name
        return f"Its container was ended by {name}; run it again."
    return f"Its container ended with exit code {end.code} and did not say how the trial went."


def _said(end: End) -> str:
    lines = "\n".join(plain(line) for line in end.last_lines.splitlines())
    return f" Its last lines were:\n{lines}" if lines else ""
