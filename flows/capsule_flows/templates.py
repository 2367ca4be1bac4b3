"""A contract as an empty Excel table that explains itself: notes, units, drop-downs, bounds, one example row.

`example_row` knows the example again when the table comes back.
"""

import datetime
import io
from collections.abc import Mapping
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from capsule_flows.example_row import EXAMPLE_LINE, as_example
from capsule_flows.findings import allowed
from capsule_kit.columns import Column
from capsule_kit.contract import Contract

SHEET, LISTS = "cases", "lists"
LAST_ROW = 10_000
"""The last row, counted from 0, that a drop-down or a bound covers."""
LONGEST_LIST, LONGEST_MESSAGE, LONGEST_TITLE = 255, 255, 32
"""Excel's limits on a drop-down's values, commas included, and on what it says beside a cell."""
SAYS_EXAMPLE = (
    "The grey row is an example. Write over it, or leave it as it is: unchanged it is no case."
)


def template_of(contract: Contract) -> bytes:
    """Return an XLSX file's bytes: the contract's headers, notes, allowed values and one example."""
    buffer = io.BytesIO()
    # Otherwise a text that starts with "=" becomes a formula.
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "in_memory": True})
    sheet = book.add_worksheet(SHEET)
    lists = Lists(book)
    columns = contract.all_columns
    for place, column in enumerate(columns):
        _write_column(book, sheet, place, column)
        sheet.data_validation(1, place, LAST_ROW, place, _validation(column, lists))
    sheet.write_comment(EXAMPLE_LINE - 1, 0, SAYS_EXAMPLE, {"x_scale": 1.6})
    beside = {"width": 330, "height": 44, "fill": {"color": "#f4f6f8"}, "line": {"none": True}}
    sheet.insert_textbox(EXAMPLE_LINE - 1, len(columns) + 1, f"← {SAYS_EXAMPLE}", beside)
    sheet.freeze_panes(1, 0)
    # A fixed date: the same contract gives the same bytes.
    book.set_properties({"created": datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)})
    book.close()
    return buffer.getvalue()


def note_of(column: Column) -> str:
    """Return what a person must know to fill a column: meaning, unit, what is allowed, blanks."""
    unit = [f"Unit: {column.unit}."] if column.unit else []
    blank = "Must not be blank." if column.required else "May be blank."
    return "\n".join([column.meaning, *unit, f"Write {allowed(column)}.", blank])


class Lists:
    """The hidden sheet with the values of drop-downs that are too long for a cell's own rule."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book, self._held = book, 0
        self._sheet: Worksheet | None = None

    def source(self, values: list[str]) -> list[str] | str:
        """Return the values as a rule takes them, or where on the hidden sheet they stand."""
        if len(",".join(values)) <= LONGEST_LIST and "," not in "".join(values):
            return values
        if self._sheet is None:
            self._sheet = self._book.add_worksheet(LISTS)
            self._sheet.very_hidden()
        self._sheet.write_column(0, self._held, values)
        letters = xlsxwriter.utility.xl_col_to_name(self._held)
        self._held += 1
        return f"={LISTS}!${letters}$1:${letters}${len(values)}"


def _write_column(book: xlsxwriter.Workbook, sheet: Worksheet, place: int, column: Column) -> None:
    numeric = column.kind in ("number", "integer")
    # Text, so that Excel turns neither a date nor a code into something else.
    as_text = {} if numeric else {"num_format": "@"}
    header: Format = book.add_format({"bold": True, "bottom": 1})
    example = book.add_format(
        {"italic": True, "font_color": "#6b7682", "bg_color": "#f1f3f5", **as_text}
    )
    width = max(len(column.name), 12) + 2
    sheet.set_column(place, place, width, book.add_format(as_text))
    sheet.write_string(0, place, column.name, header)
    sheet.write_comment(0, place, note_of(column), {"x_scale": 1.6, "y_scale": 1.4})
    written = as_example(column)
    if numeric:
        sheet.write_number(EXAMPLE_LINE - 1, place, float(written), example)
    else:
        sheet.write_string(EXAMPLE_LINE - 1, place, written, example)


def _validation(column: Column, lists: Lists) -> Mapping[str, Any]:
    """Return what Excel says beside a cell of the column, and what it does not take."""
    says: dict[str, Any] = {
        "input_title": _cut(column.name, LONGEST_TITLE),
        "input_message": _cut(note_of(column), LONGEST_MESSAGE),
        "error_title": "Not like this",
        "ignore_blank": True,
    }
    values = ["yes", "no"] if column.kind == "yes/no" else list(column.choices)
    if values:
        wrong = column.says.get("choices", f"Write {allowed(column)}.")
        return {
            **says,
            "validate": "list",
            "source": lists.source(values),
            "error_message": _cut(wrong, LONGEST_MESSAGE),
        }
    if column.kind in ("number", "integer"):
        wrong = column.says.get("bounds", f"Write {allowed(column)}.")
        kind = "integer" if column.kind == "integer" else "decimal"
        return {
            **says,
            "validate": kind,
            **_bounds(column),
            "error_type": "warning" if column.inferred else "stop",
            "error_message": _cut(wrong, LONGEST_MESSAGE),
        }
    # Days are kept as text, which no rule of Excel's for dates takes.
    return {**says, "validate": "any"}


def _bounds(column: Column) -> Mapping[str, Any]:
    low, high = column.at_least, column.at_most
    if low is None and high is None:
        return {"criteria": ">=", "value": -1e300 if column.kind == "number" else -(10**15)}
    if low is None or high is None:
        return {"criteria": ">=" if high is None else "<=", "value": low if high is None else high}
    return {"criteria": "between", "minimum": low, "maximum": high}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
