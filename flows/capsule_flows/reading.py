"""A file becomes a table of text, read by a child process that may fail without taking us along."""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from pyarrow import feather

from capsule_flows.cells_as_text import arrow_text, as_series, column_as_text
from capsule_flows.file_types import BroughtFile, Files
from capsule_flows.reading_choices import RECOGNISED, ReadAs, Seen

MEMORY_BYTES = 2 * 1024**3
"""The address space that reading one file may use; the reader alone takes a sixth of it."""
CPU_SECONDS = 60
WALL_SECONDS = 90.0
TABLE_FILE = "table.arrow"
SUMMARY_FILE = "summary.json"

TOO_LARGE = (
    "{name} asks for more memory or time than a table of cases may take."
    " Save the cases alone as a CSV file, or split them over several files."
)


class Table:
    """A file's cells, and where they stood.

    Attributes:
        columns: Arrow arrays by header, spaces around it removed: text, blank as ""; or float64,
            null where blank, where the file itself holds numbers.
        first_line: The line of the first row after the header, as a spreadsheet counts rows.
        how: One sentence that says how the file was read, guesses included.
        skipped: The lines after `first_line` that were wholly blank and are not among the cells.
        seen: What the reader saw of the file, doubts included; None of a table from elsewhere.
        files: The files that came with it in one archive; none of a table by itself.
    """

    def __init__(
        self,
        cells: pd.DataFrame | Mapping[str, Any],
        first_line: int,
        how: str,
        skipped: tuple[int, ...] = (),
        seen: Seen | None = None,
        files: Files = MappingProxyType({}),
    ) -> None:
        """Hold a frame with text in every cell, or Arrow arrays as `columns` has them."""
        if isinstance(cells, pd.DataFrame):
            cells = {str(name): arrow_text(texts) for name, texts in cells.items()}
        self.columns: Mapping[str, Any] = cells
        self.first_line, self.how, self.skipped, self.seen = first_line, how, skipped, seen
        self.files = files

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The same as a frame with text in every cell, numbers as a person would write them."""
        texts = {name: as_series(column_as_text(held)) for name, held in self.columns.items()}
        return pd.DataFrame(texts, copy=False)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(next(iter(self.columns.values()), ()))

    @property
    def lines(self) -> tuple[int, ...]:
        """The line in the file of each row."""
        return tuple(self.line_numbers.tolist())

    @property
    def line_numbers(self) -> np.ndarray[tuple[Any, ...], np.dtype[np.int64]]:
        """The same lines, shape (n_rows,)."""
        last = self.first_line + len(self) + len(self.skipped)
        every = np.arange(self.first_line, last, dtype=np.int64)
        return every[~np.isin(every, self.skipped)] if self.skipped else every


@dataclass(frozen=True)
class Unreadable:
    """Why a file is no table, and what to do."""

    sentence: str
    seen: Seen | None = None
    """What the reader saw of it until then; None where it is no table of any kind."""


def read_table(
    path: Path, *, filename: str | None = None, read_as: ReadAs = RECOGNISED
) -> Table | Unreadable:
    """Read the file at `path`, with what a person chose about it.

    `filename` is the expert's name for it, where `path` has another.
    """
    name = filename or path.name
    with tempfile.TemporaryDirectory(prefix="reading-") as scratch:
        folder = Path(scratch)
        ended_well = _run_child(path, name, folder, read_as)
        try:
            summary: dict[str, Any] = json.loads((folder / SUMMARY_FILE).read_bytes())
        except (FileNotFoundError, ValueError):
            return Unreadable(TOO_LARGE.format(name=name))
        seen = Seen.model_validate(summary["seen"]) if summary["seen"] else None
        if "unreadable" in summary:
            return Unreadable(summary["unreadable"], seen)
        if not ended_well:
            return Unreadable(TOO_LARGE.format(name=name))
        held = feather.read_table(folder / TABLE_FILE, memory_map=False)
    columns = zip(held.column_names, held.columns, strict=True)
    return Table(
        cells={name: _in_one_piece(column) for name, column in columns},
        first_line=summary["first_line"],
        how=summary["how"],
        skipped=tuple(summary["skipped"]),
        seen=seen,
        files={
            name: BroughtFile(sha256, tuple(kinds))
            for name, (sha256, kinds) in summary["files"].items()
        },
    )


def _in_one_piece(column: Any) -> Any:
    # Arrow copies even what is one piece already.
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _run_child(path: Path, name: str, folder: Path, read_as: ReadAs) -> bool:
    # -P: a file in the current folder must not shadow a module of the child.
    command = [sys.executable, "-P", "-m", "capsule_flows.reading_child"]
    limits = [str(MEMORY_BYTES), str(CPU_SECONDS)]
    chosen = read_as.model_dump_json(exclude_defaults=True)
    try:
        done = subprocess.run(
            [*command, str(path.absolute()), name, str(folder), *limits, chosen],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    by_signal = done.returncode < 0 or done.returncode == 128 + signal.SIGKILL
    if done.returncode and not by_signal and not (folder / SUMMARY_FILE).exists():
        raise ReaderBrokenError(name, done.returncode, done.stderr.decode(errors="replace"))
    return done.returncode == 0


class ReaderBrokenError(RuntimeError):
    """The reading process failed in a way that is not the file's doing."""

    def __init__(self, name: str, code: int, stderr: str) -> None:
        """Say what was read, how the process ended, and its last words."""
        last = stderr.strip().splitlines()[-1:] or ["it said nothing"]
        super().__init__(
            f"The process that reads {name} ended with code {code}: {last[0]}."
            " Run `capsules doctor`, then try the file again."
        )
