"""What a person decided so that her file fits the contract, and her table with it applied.

Her file itself is never changed: it is kept as it came, and the decisions beside it.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field

from capsule_flows.cells_as_text import column_as_text
from capsule_flows.reading import Table
from capsule_flows.reading_choices import RECOGNISED, ReadAs


class Fitting(BaseModel):
    """Decisions about one file; those on its kind, columns, units and words serve the next one like it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    read_as: ReadAs = RECOGNISED
    """How the file is to be read, where that was not recognised."""
    headers: Mapping[str, str | None] = Field(default_factory=dict)
    """Contract column → the header chosen for it; None if she said that no header stands for it."""
    units: Mapping[str, str] = Field(default_factory=dict)
    """Header → the unit that the numbers beneath it are in."""
    words: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    """Contract column → a word of the file → the contract's word for it."""
    cells: Mapping[int, Mapping[str, str]] = Field(default_factory=dict)
    """Line of the file → header → what she wrote there instead."""
    left_out: tuple[int, ...] = ()
    """Lines of the file that she left out knowingly."""

    def __bool__(self) -> bool:
        """Say whether anything was decided."""
        return self != Fitting()

    @property
    def habits(self) -> "Fitting":
        """The part that says nothing of single rows."""
        said = {"cells": {}, "left_out": (), "read_as": self.read_as.habits}
        return self.model_copy(update=said)


def fitted(table: Table, fitting: Fitting) -> Table:
    """Return the table with her changes of cells, and without the rows that she left out.

    A change of a cell that the table does not have changes nothing.
    """
    if not fitting.cells and not fitting.left_out:
        return table
    lines = table.line_numbers
    columns = {name: _mended(held, name, lines, fitting) for name, held in table.columns.items()}
    out = np.isin(lines, np.array(fitting.left_out, dtype=np.int64))
    if out.any():
        kept = pa.array(~out)
        columns = {name: held.filter(kept) for name, held in columns.items()}
    skipped = tuple(sorted({*table.skipped, *(int(line) for line in lines[out])}))
    return Table(columns, table.first_line, table.how, skipped, table.seen, table.files)


def _mended(held: pa.Array, header: str, lines: np.ndarray, fitting: Fitting) -> pa.Array:
    written = {line: cells[header] for line, cells in fitting.cells.items() if header in cells}
    mask = np.isin(lines, np.fromiter(written, dtype=np.int64, count=len(written)))
    if not mask.any():
        return held
    texts = column_as_text(held)
    replaced = [written[int(line)] for line in lines[mask]]
    return pc.replace_with_mask(texts, pa.array(mask), pa.array(replaced, type=texts.type))
