"""The rows with something to mend: cells changed, rows left out, a page of them at a time."""

from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import panel_material_ui as pmui
import pyarrow as pa
from panel.viewable import Viewable

import panel as pn
from capsule_flows.cells_as_text import column_as_text
from capsule_flows.checking import Report
from capsule_flows.reading import Table
from capsule_flows.wording import count
from capsule_panel import markup
from capsule_panel.frame import column, html
from capsule_panel.mending_cells import Cells

PAGE = 10

OnCell = Callable[[int, str, str], Awaitable[None]]
"""Told the line, the header and the new text."""
OnLeftOut = Callable[[tuple[int, ...]], Awaitable[None]]
OnNothingLeft = Callable[[], None]
"""Told when the last row has gone while she stood in it."""


class Grid:
    """Shows what it is given; tells what was done in it."""

    def __init__(
        self, on_cell: OnCell, on_left_out: OnLeftOut, on_nothing_left: OnNothingLeft
    ) -> None:
        self._on_cell, self._on_left_out = on_cell, on_left_out
        self._on_nothing_left = on_nothing_left
        self._table: Table | None = None
        self._report: Report | None = None
        self._lines: tuple[int, ...] = ()
        self._said = html()
        self.cells = Cells(self.heard, sizing_mode="stretch_width", margin=(0, 0, 8, 0))
        self._pages = pmui.Pagination(count=1, shape="rounded", visible=False)
        self._pages.param.watch(lambda _: self._draw(), "value")
        self._leave = pmui.Button(
            label="Leave the ticked rows out", variant="outlined", margin=(8, 12, 8, 0)
        )
        self._leave.on_click(self._on_leave)
        self._leave_all = pmui.Button(variant="outlined", margin=(8, 0))
        self._leave_all.on_click(self._on_leave_all)
        self.view: Viewable = column(
            self._said, self.cells, self._pages, pn.Row(self._leave, self._leave_all)
        )
        self.view.visible = False

    def show(self, table: Table, report: Report) -> None:
        """Show the rows of a table in which the report marks cells; nothing where it marks none."""
        self._table, self._report = table, report
        self._lines = tuple(sorted({line for mark in report.marks for line in mark.lines.tolist()}))
        pages = max(1, -(-len(self._lines) // PAGE))
        page = min(self._pages.value or 0, pages - 1)
        self._pages.param.update(count=pages, value=page, visible=pages > 1)
        self._leave_all.label = f"Leave all {count(len(self._lines), 'row')} out"
        self._said.object = told(len(self._lines))
        self._draw()
        self.view.visible = bool(self._lines)

    def _draw(self) -> None:
        if self._table is None or self._report is None:
            return
        headers = shown_headers(self._table, self._report)
        start = (self._pages.value or 0) * PAGE
        rows = rows_to_mend(self._table, self._report, self._lines[start : start + PAGE], headers)
        self.cells.param.update(headers=headers, rows=rows)

    async def heard(self, message: dict[str, Any]) -> None:
        """Take a change as the browser tells it, by the line and header for which it was written."""
        if message.get("nothing_left"):
            self._on_nothing_left()
        else:
            await self._on_cell(int(message["line"]), str(message["header"]), str(message["text"]))

    async def _on_leave(self, _: object) -> None:
        lines = tuple(sorted({*self.cells.ticked} & {*self._lines}))
        if lines:
            await self._on_left_out(lines)
            self.cells.ticked = []

    async def _on_leave_all(self, _: object) -> None:
        await self._on_left_out(self._lines)


def told(rows: int) -> str:
    """Return how many rows have something to mend, and how it is done."""
    about = "Write over a coloured cell and press Enter; it is checked again at once."
    return f"<h3>{count(rows, 'row')} to mend</h3>" + markup.paragraph(about, "quiet")


def shown_headers(table: Table, report: Report) -> list[str]:
    """Return the headers of the columns that were taken, in her file's order."""
    taken = set(report.matching.headers.values())
    return [header for header in table.columns if header in taken]


def rows_to_mend(
    table: Table, report: Report, lines: tuple[int, ...], headers: list[str]
) -> list[dict[str, Any]]:
    """Return rows as `Cells` takes them: each with its line in the file, its texts, the places marked."""
    chosen = np.isin(table.line_numbers, np.array(lines, dtype=np.int64))
    numbers = table.line_numbers[chosen]
    kept = pa.array(chosen)
    columns = [column_as_text(table.columns[one].filter(kept)).to_pylist() for one in headers]
    marked: list[set[int]] = [set() for _ in numbers]
    for mark in report.marks:
        for row in np.flatnonzero(np.isin(numbers, mark.lines)):
            marked[row].add(headers.index(mark.header))
    return [
        {"line": line, "cells": list(cells), "marked": sorted(places)}
        for line, *cells, places in zip(numbers.tolist(), *columns, marked, strict=True)
    ]
