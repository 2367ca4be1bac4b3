"""Text becomes numbers, dates, choices, a column at a time; what cannot be read is marked.

Pure. A blank cell is no mistake here: it becomes the type's own missing value.
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import assert_never

import numpy as np
import pandas as pd

from capsule_kit.columns import Column

POINT = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
COMMA = r"[+-]?(?:[0-9]+,[0-9]*|,[0-9]+)(?:[eE][+-]?[0-9]+)?"
PERHAPS_THOUSANDS = r"[+-]?[1-9][0-9]{0,2},[0-9]{3}"
INTEGER = r"[+-]?[0-9]+(?:\.0*)?"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]00:00(?::00(?:\.0+)?)?)?"
WORDS = {
    **dict.fromkeys(("yes", "y", "true", "t", "1"), True),
    **dict.fromkeys(("no", "n", "false", "f", "0"), False),
}


@dataclass(frozen=True)
class Typed:
    """A column after reading."""

    values: pd.Series
    """float64, Int64, boolean, datetime64[us] or str; missing where blank or unread."""
    unread: pd.Series
    """True where a cell is neither blank nor readable as the column's kind."""


def type_cells(texts: pd.Series, column: Column) -> Typed:
    """Read the cells of one column as its kind.

    A choice that is not allowed is not unread: it stays as written, for the check to refuse.
    """
    cells = texts.str.strip()
    blank = cells == ""
    match column.kind:
        case "number":
            values = _numbers(cells)
        case "integer":
            values = _integers(cells)
        case "yes/no":
            values = cells.str.lower().map(WORDS).astype("boolean")
        case "date":
            values = _dates(cells)
        case "choice":
            values = _choices(cells, column).mask(blank)
        case "text":
            values = cells.mask(blank)
        case _:
            assert_never(column.kind)
    return Typed(values=values, unread=values.isna() & ~blank)


def has_decimal_comma(cells: pd.Series) -> bool:
    """Say whether a column writes decimals with a comma and nothing in it speaks against that.

    `1,234` alone may be a thousand: some cell must show that it is none, and none may use a point.
    """
    with_comma = cells.str.fullmatch(COMMA)
    certain = with_comma & ~cells.str.fullmatch(PERHAPS_THOUSANDS)
    return bool(certain.any()) and not bool(cells.str.contains(".", regex=False).any())


def _numbers(cells: pd.Series) -> pd.Series:
    if has_decimal_comma(cells):
        cells = cells.str.replace(",", ".", regex=False)
    readable = cells.where(cells.str.fullmatch(POINT))
    values = pd.to_numeric(readable, errors="coerce").astype("float64")
    return values.replace([np.inf, -np.inf], np.nan)


def _integers(cells: pd.Series) -> pd.Series:
    limits = np.iinfo(np.int64)

    def exact(text: str) -> int | None:
        value = int(text.partition(".")[0]) if len(text) < 40 else None
        return value if value is not None and limits.min <= value <= limits.max else None

    return _each(cells, INTEGER, exact).astype("Int64")


def _dates(cells: pd.Series) -> pd.Series:
    def exact(text: str) -> datetime.date | None:
        try:
            return datetime.date.fromisoformat(text[:10])
        except ValueError:
            return None

    days = _each(cells, DATE, exact)
    return pd.Series(days.to_numpy(dtype="datetime64[us]"), index=cells.index)


def _each(cells: pd.Series, pattern: str, read: Callable[[str], object]) -> pd.Series:
    readable = cells.str.fullmatch(pattern)
    known: Mapping[str, object] = {text: read(text) for text in cells[readable].unique()}
    values = [known.get(text) for text in cells]
    return pd.Series(values, index=cells.index, dtype="object")


def _choices(cells: pd.Series, column: Column) -> pd.Series:
    spellings = {choice.strip().casefold(): choice for choice in reversed(column.choices)}
    exact = {choice: choice for choice in column.choices}
    known = {t: exact.get(t, spellings.get(t.casefold(), t)) for t in cells.unique()}
    return cells.map(known).astype("str")
