"""One cell as what it is: a molecule as its structure, an image, a sequence, a date, a number; escaped HTML."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from capsule_blocks.named_files import NamedFiles
from capsule_blocks.shelves import CasesMissing
from capsule_kit.columns import DIMENSIONLESS, Column, Drawing
from capsule_kit.named_files import digest_column
from capsule_panel import markup
from capsule_panel.molecule import structure
from capsule_panel.thumbnail import small_picture, thumbnail

GROUP, GROUPS_A_LINE = 10, 3
MOST_LETTERS = 2_000
MOST_TEXT = 600


def drawn(column: Column, value: object) -> str:
    """Return the cell as HTML; what cannot be drawn is shown as it stands."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return "<i>blank</i>"
    if column.draws is not None:
        return DRAWINGS[column.draws](str(value))
    if column.kind in ("number", "integer"):
        return escape(_number(column, value))
    if column.kind == "date":
        return escape(_date(value))
    if column.kind == "yes/no":
        return "yes" if value else "no"
    text = str(value)
    return escape(text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}…")


def given_of(
    row: Mapping[Any, Any] | pd.Series,
    columns: Sequence[Column],
    most: int = 6,
    files: NamedFiles | None = None,
) -> str:
    """Return what the model was given of one case, each column drawn as what it is; `most` are not folded.

    `files` are those that cases name; without them they are told by their names alone.
    """
    # What can be seen at a glance comes before numbers.
    columns = sorted(columns, key=lambda one: one.draws is None)
    items = [
        f'<dt class="{whole}">{escape(one.name.replace("_", " "))}</dt>'
        f'<dd class="{whole}">{_file(one, row, files) if one.file else drawn(one, row.get(one.name))}</dd>'
        for one in columns
        if not one.identifier
        for whole in ["whole" if one.draws else ""]
    ]
    first = f'<dl class="given">{"".join(items[:most])}</dl>'
    more = "".join(items[most:])
    if not more:
        return first
    title = f"{len(items) - most} more columns"
    return first + markup.folded(title, f'<dl class="given">{more}</dl>')


def _file(column: Column, row: Mapping[Any, Any] | pd.Series, files: NamedFiles | None) -> str:
    """Return the name that the expert wrote, beneath the image it names where the author says so."""
    plain = drawn(column.model_copy(update={"draws": None}), row.get(column.name))
    digest = row.get(digest_column(column.name))
    if files is None or column.draws != "image" or pd.isna(digest):
        return plain
    try:
        small = small_picture(files.file(str(digest)))
    except CasesMissing:
        small = ""
    return f"{small}<br>{plain}" if small else plain


def sequence(text: str) -> str:
    """Return a sequence in groups of ten letters, with the place of each line's first."""
    letters = "".join(text.split())
    lines = []
    line = GROUP * GROUPS_A_LINE
    for start in range(0, min(len(letters), MOST_LETTERS), line):
        part = letters[start : start + line]
        groups = " ".join(part[at : at + GROUP] for at in range(0, len(part), GROUP))
        lines.append(f"{start + 1:>4} {groups}")
    more = len(letters) - MOST_LETTERS
    if more > 0:
        lines.append(f"and {more} more")
    return f'<pre style="white-space:pre;font-size:12px">{escape(chr(10).join(lines))}</pre>'


DRAWINGS: Mapping[Drawing, Callable[[str], str]] = {
    "molecule": structure,
    "image": thumbnail,
    "sequence": sequence,
}


def _number(column: Column, value: object) -> str:
    shown = f"{value:.6g}" if isinstance(value, float) else str(value)
    return shown if column.unit in (None, DIMENSIONLESS) else f"{shown} {column.unit}"


def _date(value: object) -> str:
    if isinstance(value, datetime.date):
        return f"{value.day} {value:%b %Y}"
    return str(value)
