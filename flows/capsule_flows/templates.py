"""A contract as an empty Excel table that explains itself, one example row in it."""

import datetime
import io

import xlsxwriter

from capsule_flows.findings import allowed
from capsule_kit.columns import Column
from capsule_kit.contract import Contract

LAST_ROW = 10_000
"""The last row, counted from 0, that a drop-down covers."""
LONGEST_LIST = 255
"""Excel's limit on the text of a drop-down's values, commas included."""


def template_of(contract: Contract) -> bytes:
    """Return an XLSX file's bytes: the contract's headers, notes, drop-downs and one example."""
    buffer = io.BytesIO()
    # Otherwise a text that starts with "=" becomes a formula.
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "in_memory": True})
    sheet = book.add_worksheet("cases")
    bold = book.add_format({"bold": True})
    # Text, so that Excel turns neither a date nor a code into something else.
    as_text = book.add_format({"num_format": "@"})
    for place, column in enumerate(contract.all_columns):
        plain = column.kind in ("number", "integer")
        width = max(len(column.name), 12) + 2
        sheet.set_column(place, place, width, None if plain else as_text)
        sheet.write_string(0, place, column.name, bold)
        sheet.write_comment(0, place, note_of(column))
        values = ["yes", "no"] if column.kind == "yes/no" else list(column.choices)
        if values and len(",".join(values)) <= LONGEST_LIST and "," not in "".join(values):
            validation = {"validate": "list", "source": values, "ignore_blank": True}
            sheet.data_validation(1, place, LAST_ROW, place, validation)
        _write_example(sheet, place, column)
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


def _write_example(sheet: xlsxwriter.worksheet.Worksheet, place: int, column: Column) -> None:
    if column.kind in ("number", "integer"):
        sheet.write_number(1, place, float(column.example))
    elif column.kind == "yes/no":
        says_yes = column.example.strip().lower() in ("true", "yes", "1")
        sheet.write_string(1, place, "yes" if says_yes else "no")
    else:
        sheet.write_string(1, place, column.example)
