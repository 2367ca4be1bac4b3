"""The fault table: which process, what befalls it, at which moment of a trial, and how the trial ends then."""

from dataclasses import dataclass
from typing import Literal

Process = Literal[
    "worker",
    "server",
    "app",
    "sweep",
    "everything",
    "kit",
    "model",
    "container",
    "disk of results",
    "whole disk",
    "network",
    "API",
]
Fault = Literal["killed", "stopped and continued", "stopped for good", "full", "cut", "slow"]
Moment = Literal[
    "submitted",
    "staged",
    "started",
    "loaded",
    "predicting",
    "writing",
    "written",
    "settling",
]
MOMENTS: dict[Moment, str] = {
    "submitted": "the flow run is there, and no worker has looked at it",
    "staged": "its cases are laid before a container that is made for it",
    "started": "that container runs, and imports",
    "loaded": "that container has said that it is ready",
    "predicting": "the model has begun to predict",
    "writing": "the model has begun to write",
    "written": "the flow has written the predictions",
    "settling": "the run has ended, and is being settled",
}
JUDGED, FAILED, INFRASTRUCTURE = "judged", "model failed", "infrastructure failed"
EITHER = (JUDGED, INFRASTRUCTURE)
"""Where the fault and the trial's own end meet, whichever comes first is true."""


@dataclass(frozen=True)
class Cell:
    """One cell of the table."""

    process: Process
    fault: Fault
    moment: Moment
    ends: tuple[str, ...] = (JUDGED,)
    """The kinds of outcome of which one is expected."""
    said: str = ""
    """What its sentence contains."""

    @property
    def name(self) -> str:
        """Return its words."""
        return f"{self.process} {self.fault}, {self.moment}"

    @property
    def alone(self) -> bool:
        """Whether it befalls its own trial and nothing else."""
        return self.process in ("kit", "model", "container")


def _cells(
    process: Process,
    fault: Fault,
    *moments: Moment,
    ends: tuple[str, ...] = (JUDGED,),
    said: str = "",
) -> tuple[Cell, ...]:
    return tuple(Cell(process, fault, moment, ends, said) for moment in moments)


CRASHED = (INFRASTRUCTURE,)
CELLS: tuple[Cell, ...] = (
    *_cells("kit", "killed", "started", "loaded", "predicting", "writing", ends=CRASHED),
    *_cells("kit", "killed", "written", ends=EITHER),
    *_cells("kit", "stopped and continued", "started", "predicting", "writing"),
    *_cells("model", "killed", "predicting", "writing", ends=(FAILED,), said="killed by SIGKILL"),
    *_cells("model", "stopped and continued", "loaded", "predicting"),
    *_cells("model", "stopped for good", "predicting", ends=(FAILED,), said="its time limit"),
    *_cells(
        "container", "killed", "staged", "started", "loaded", "predicting", "writing", ends=CRASHED
    ),
    *_cells("container", "killed", "written", ends=EITHER),
    *_cells("worker", "killed", "submitted", "staged", "started"),
    *_cells("server", "killed", "submitted", "started"),
    *_cells("worker", "stopped and continued", "submitted", "started", "predicting", "written"),
    *_cells("worker", "killed", "loaded", "predicting"),
    *_cells("server", "killed", "predicting", "written"),
    *_cells("server", "stopped and continued", "submitted", "started", "predicting", "written"),
    *_cells("server", "stopped and continued", "settling"),
    *_cells("network", "cut", "submitted", "predicting", "written"),
    *_cells("worker", "killed", "writing", "written", "settling"),
    *_cells("API", "slow", "submitted", "predicting"),
    *_cells("sweep", "killed", "predicting", "settling"),
    *_cells("sweep", "stopped and continued", "settling"),
    *_cells("app", "killed", "predicting"),
    *_cells("disk of results", "full", "predicting", "writing", ends=CRASHED, said="No space left"),
    *_cells("whole disk", "full", "submitted", "settling", ends=EITHER),
    *_cells("server", "killed", "settling"),
    *_cells("everything", "killed", "settling", ends=EITHER),
)


def as_table() -> str:
    """Return the table as Markdown: a row for each process and fault, a column for each moment."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for cell in CELLS:
        rows.setdefault((cell.process, cell.fault), {})[cell.moment] = " or ".join(cell.ends)
    lines = [
        "| | " + " | ".join(MOMENTS) + " |",
        "|---" * (len(MOMENTS) + 1) + "|",
    ]
    for (process, fault), ends in sorted(rows.items()):
        told = " | ".join(ends.get(moment, "") for moment in MOMENTS)
        lines.append(f"| {process} {fault} | {told} |")
    return "\n".join(lines) + "\n"
