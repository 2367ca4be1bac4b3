"""A trial case by case as a file to take away, CSV or Excel; no cell of it is ever a formula. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import xlsxwriter

from capsule_kit.contract import Contract
from capsule_kit.receipt import CASE_ID, ROW

SAID = {
    "case": "case",
    "row": "line in the file",
    "answer": "your answer",
    "prediction": "it said",
    "score": "its score",
    "right": "agrees",
    "placed": "pairs in the right order",
    "cost": "cost",
}
"""The columns of a table case by case, and what they are called in a file."""
YOUR_WORD = "your word on it"
COMPARED = {
    "change": "what became of it",
    "critical": "critical",
    "case": "case",
    "answer": "your answer",
    "before": "it said before",
    "after": "it says after",
}
"""The columns of two trials side by side, and what they are called in a file."""
LONGEST_EXCEL_CELL = 32_000
MOST_EXCEL_ROWS = 1_000_000
_OBEYED = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula."""
_NUMBER = re.compile(r"[+-]?[\d.,]+([eE][+-]?\d+)?")


class TooManyRows(Exception):
    """A table does not fit into an Excel file."""

    def __init__(self, rows: int) -> None:
        super().__init__(
            f"Excel holds a million rows and there are {rows:,} cases. Take them away as CSV."
        )


def cases_as_table(
    judged: pd.DataFrame,
    inputs: pd.DataFrame,
    contract: Contract,
    words: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return each case with what was said of it, then what the model was given, worst first.

    `words` is what was said of a case so far, by case id.
    """
    chosen = [name for name in SAID if name in judged]
    table = judged[chosen].rename(columns=SAID)
    table["agrees"] = judged["right"].map({True: "yes", False: "no"}).fillna("")
    if words:
        table[YOUR_WORD] = judged[CASE_ID].map(words).fillna("")
    given = inputs.set_index(CASE_ID).drop(columns=ROW, errors="ignore")
    given = given.reindex(judged[CASE_ID]).reset_index(drop=True)
    for column in contract.columns:
        if column.name in given and not column.identifier:
            name = f"{column.name} (given)" if column.name in table else column.name
            table[name] = given[column.name].to_numpy()
    return table


def compared_as_table(compared: pd.DataFrame) -> pd.DataFrame:
    """Return two trials case by case, as `weighing.weigh` returns them, in its order."""
    table = compared[list(COMPARED)].rename(columns=COMPARED)
    table["critical"] = compared["critical"].map({True: "yes", False: ""})
    return table.astype({"what became of it": str})


def as_csv(table: pd.DataFrame) -> bytes:
    """Return the table as CSV that a spreadsheet opens as it is; a text that it would obey is quoted."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(tamed(str(name)) for name in table)
    writer.writerows(map(_tamed_row, table.itertuples(index=False, name=None)))
    # The mark lets Excel read letters beyond ASCII.
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(table: pd.DataFrame) -> bytes:
    """Return the table as an Excel file with its header fixed and filters on it.

    Raises:
        TooManyRows: there are more than Excel holds.
    """
    if len(table) > MOST_EXCEL_ROWS:
        raise TooManyRows(len(table))
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    book = xlsxwriter.Workbook(buffer, options)
    sheet, bold = book.add_worksheet("cases"), book.add_format({"bold": True})
    for place, name in enumerate(table):
        sheet.set_column(place, place, max(len(str(name)), 10) + 2)
        sheet.write_string(0, place, str(name), bold)
    for line, row in enumerate(table.itertuples(index=False, name=None), start=1):
        for place, value in enumerate(row):
            _write(sheet, line, place, value)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(table), max(len(table.columns) - 1, 0))
    book.close()
    return buffer.getvalue()


def tamed(text: str) -> str:
    """Return a text as a spreadsheet shows it rather than obeys it; a number in a text stays one."""
    if text.startswith(_OBEYED) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _tamed_row(row: Iterable[Any]) -> list[Any]:
    return [tamed(one) if isinstance(one, str) else "" if pd.isna(one) else one for one in row]


def _write(sheet: xlsxwriter.worksheet.Worksheet, line: int, place: int, value: Any) -> None:
    if value is None or pd.isna(value):
        return
    if isinstance(value, bool):
        sheet.write_string(line, place, "yes" if value else "no")
    elif isinstance(value, int | float) or hasattr(value, "dtype"):
        sheet.write_number(line, place, float(value))
    else:
        sheet.write_string(line, place, str(value)[:LONGEST_EXCEL_CELL])
