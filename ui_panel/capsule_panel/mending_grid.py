"""The rows with something to mend, as a grid in which cells are changed and rows left out."""

from collections.abc import Awaitable, Callable
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_flows.checking import Report
from capsule_flows.reading import Table
from capsule_flows.wording import count
from capsule_panel import markup
from capsule_panel.frame import column, html
from capsule_panel.look import TABLE
from capsule_panel.spoken_table import SpokenTable

MOST_ROWS = 1_000
"""Whoever has more rows to mend mends the file, not the grid."""
PAGE = 10
LINE = "line"
MARKED = (
    "color: var(--ink); background-color: var(--marked); box-shadow: inset 0 0 0 1px var(--problem)"
)

OnCell = Callable[[int, str, str], Awaitable[None]]
"""Told the line, the header and the new text."""
OnLeftOut = Callable[[tuple[int, ...]], Awaitable[None]]


class Grid:
    """Shows what it is given; tells what was done in it."""

    def __init__(self, on_cell: OnCell, on_left_out: OnLeftOut) -> None:
        self._on_cell, self._on_left_out = on_cell, on_left_out
        self._headers: list[str] = []
        self._rows = pd.DataFrame()
        self._table: SpokenTable | None = None
        self._said = html()
        self._leave = pmui.Button(
            label="Leave the ticked rows out", variant="outlined", margin=(8, 12, 8, 0)
        )
        self._leave.on_click(self._on_leave)
        self._leave_all = pmui.Button(variant="outlined", margin=(8, 0))
        self._leave_all.on_click(self._on_leave_all)
        self._lines: tuple[int, ...] = ()
        self._marks: pd.DataFrame = pd.DataFrame()
        self.view: Viewable = column()

    def show(self, table: Table, report: Report) -> None:
        """Show the rows of a table in which the report marks cells; nothing where it marks none."""
        self._lines = tuple(sorted({line for mark in report.marks for line in mark.lines.tolist()}))
        if self._lines:
            self._put(table, report)
        elif self._table is not None:
            self._table, self.view[:] = None, []

    def _put(self, table: Table, report: Report) -> None:
        taken = set(report.matching.headers.values())
        self._headers = [header for header in table.columns if header in taken]
        before = self._marks
        self._rows, self._marks = _marked_rows(
            table, report, self._lines[:MOST_ROWS], self._headers
        )
        if self._table is None or list(self._table.value.columns) != list(self._rows.columns):
            self._table = self._made()
            self.view[:] = [self._said, self._table, pn.Row(self._leave, self._leave_all)]
        # Drawn anew only where something changed: a redraw throws away the cell she has just opened.
        elif not (self._rows.equals(self._table.value) and self._marks.equals(before)):
            self._table.param.update(value=self._rows.copy(deep=True), selection=[])
        self._leave_all.label = f"Leave all {count(len(self._lines), 'row')} out"
        self._said.object = told(len(self._lines), len(self._rows))

    def _made(self) -> SpokenTable:
        names = [name for name in self._rows.columns if name != LINE]
        table = SpokenTable(
            self._rows.copy(deep=True),
            titles={LINE: "Line"}
            | {name: escape(h) for name, h in zip(names, self._headers, strict=True)},
            editors={LINE: None} | {name: {"type": "input"} for name in names},
            formatters={name: {"type": "plaintext"} for name in self._rows.columns},
            widths={LINE: 70},
            layout="fit_data_stretch",
            pagination="remote",
            page_size=PAGE,
            show_index=False,
            selectable="checkbox",
            sortable=False,
            theme="simple",
            stylesheets=[TABLE],
            sizing_mode="stretch_width",
        )
        table.style.apply(lambda shown: self._marks.loc[shown.index, shown.columns], axis=None)
        table.on_edit(self._on_edit)
        return table

    async def _on_edit(self, event: Any) -> None:
        place = list(self._rows.columns).index(event.column) - 1
        line = int(self._rows[LINE].iloc[event.row])
        await self._on_cell(line, self._headers[place], str(event.value or ""))

    async def _on_leave(self, _: object) -> None:
        if self._table is not None and self._table.selection:
            await self._on_left_out(tuple(self._rows[LINE].iloc[self._table.selection]))

    async def _on_leave_all(self, _: object) -> None:
        await self._on_left_out(self._lines)


def told(rows: int, shown: int) -> str:
    """Return how many rows have something to mend and how it is done; fewer are shown where they are many."""
    some = f" The first {shown} are shown." if shown < rows else ""
    about = "Change a coloured cell with a double click; it is checked again at once."
    return f"<h3>{count(rows, 'row')} to mend</h3>" + markup.paragraph(about + some, "quiet")


def _marked_rows(
    table: Table, report: Report, lines: tuple[int, ...], headers: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows of text under plain names c0, c1, … and, of the same shape, each cell's style."""
    # A header may be anything, and Tabulator takes a dot in a column's name for a nested table.
    names = [f"c{place}" for place in range(len(headers))]
    chosen = np.isin(table.line_numbers, np.array(lines))
    rows = table.cells.loc[chosen, headers].set_axis(names, axis=1).reset_index(drop=True)
    rows.insert(0, LINE, table.line_numbers[chosen])
    marks = pd.DataFrame("", index=rows.index, columns=rows.columns)
    for mark in report.marks:
        name = names[headers.index(mark.header)]
        marks.loc[np.isin(rows[LINE], mark.lines), name] = MARKED
    return rows, marks
