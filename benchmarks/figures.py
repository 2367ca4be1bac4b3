"""A figure: one measured number with its unit, its bound and the machine it was measured on."""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Machine:
    """What a figure depends on of the machine; no name, no address."""

    cores: int
    """Processors the system counts."""
    memory_gib: float
    """Memory in all, in GiB."""
    python: str


@dataclass(frozen=True)
class Figure:
    """One number."""

    value: float | None
    """The number, in `unit`; None where it was not measured."""
    unit: str
    """"s" for seconds, "times" for a ratio, "share" of a whole, or what is counted."""
    note: str
    """What was measured, or why it was not."""
    bound: float | None = None
    """The largest value allowed, or the smallest, in `unit`; None where none is set."""
    met: bool | None = None
    """Whether the value keeps the bound; None where there is no bound or no value."""
    date: str = field(default_factory=lambda: datetime.now(UTC).date().isoformat())
    """The day of the measurement, in UTC."""
    at_least: bool = False
    """Whether the bound is the smallest value allowed."""


def bounded(value: float, unit: str, note: str, bound: float, *, at_least: bool = False) -> Figure:
    """Return a figure with its bound: the largest value allowed, or the smallest."""
    met = value >= bound if at_least else value <= bound
    return Figure(round(value, 3), unit, note, bound, met, at_least=at_least)


def this_machine() -> Machine:
    """Return the facts of this machine."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return Machine(
        cores=os.cpu_count() or 1,
        memory_gib=round(pages * size / 2**30, 1),
        python=platform.python_version(),
    )


def table(figures: Mapping[str, Figure]) -> str:
    """Return the figures as a table for a terminal."""
    width = max(map(len, figures))
    lines = []
    for name, one in figures.items():
        shown = "-" if one.value is None else f"{one.value:.2f}"
        lines.append(f"{name:<{width}}  {shown:>7} {one.unit:<5}  {one.note}")
    return "\n".join(lines)


def write(figures: Mapping[str, Figure], file: Path) -> None:
    """Write the figures with their machine into the map from name to figure; others in it stay."""
    machine = asdict(this_machine())
    content = json.loads(file.read_text()) if file.is_file() else {}
    content |= {name: {**asdict(one), "machine": machine} for name, one in figures.items()}
    file.write_text(json.dumps(content, indent=2) + "\n")


def read(file: Path) -> dict[str, Figure]:
    """Return the figures of a map that `write` wrote."""
    content = json.loads(file.read_text())
    names = [one.name for one in fields(Figure)]
    return {
        figure: Figure(**{name: told[name] for name in names if name in told})
        for figure, told in content.items()
    }
