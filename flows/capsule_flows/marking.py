"""Her own file as an Excel table, the cells to mend in colour with a note on each: to mend it there."""

import io
from collections.abc import Iterator

import numpy as np
import xlsxwriter

from capsule_flows.checking import Mark, Report
from capsule_flows.findings import Lines, sentence
from capsule_flows.fitting import Fitting, fitted
from capsule_flows.reading import Table

MOST_ROWS = 50_000
"""A longer table is written with the rows to mend alone; Excel takes minutes to open it otherwise."""
MOST_NOTES = 5_000
RED = "#f9d9d6"


def marked(table: Table, fitting: Fitting, report: Report) -> bytes:
    """Return an XLSX file's bytes: the table as it stands now, its cells marked.

    Every cell is written as text, so that what she sees is what is read.
    """
    now = fitted(table, fitting)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False})
    red = book.add_format({"bg_color": RED, "num_format": "@"})
    plain, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
    cases = book.add_worksheet("cases")
    lines = now.line_numbers
    chosen = np.arange(len(now)) if len(now) <= MOST_ROWS else np.flatnonzero(_any(report, lines))
    for place, (header, texts) in enumerate(now.cells.items()):
        cases.write_string(0, place, str(header), bold)
        cases.set_column(place, place, max(len(str(header)), 10) + 2, plain)
        bad = np.isin(lines, _lines_of(report, str(header)))
        for row, position in enumerate(chosen[:MOST_ROWS], start=1):
            cases.write_string(row, place, texts.iat[position], red if bad[position] else plain)
    rows = {int(lines[position]): row for row, position in enumerate(chosen[:MOST_ROWS], start=1)}
    places = {header: place for place, header in enumerate(now.columns)}
    for mark, line in _cells(report):
        if line in rows:
            text = str(now.cells[mark.header].iat[_at(lines, line)])
            said = sentence(mark.column, mark.mistake, text)
            cases.write_comment(rows[line], places[mark.header], said)
    cases.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()


def _cells(report: Report) -> Iterator[tuple[Mark, int]]:
    """Yield the first marked cells, each once: Excel holds one note to a cell."""
    seen: set[tuple[str, int]] = set()
    for mark in report.marks:
        for line in mark.lines.tolist():
            if len(seen) == MOST_NOTES:
                return
            if (mark.header, line) not in seen:
                seen.add((mark.header, line))
                yield mark, line


def _lines_of(report: Report, header: str) -> Lines:
    found = [mark.lines for mark in report.marks if mark.header == header]
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def _any(report: Report, lines: Lines) -> np.ndarray:
    bad = [mark.lines for mark in report.marks]
    return np.isin(lines, np.concatenate(bad) if bad else [])


def _at(lines: Lines, line: int) -> int:
    return int(np.searchsorted(lines, line))
