"""Text becomes numbers, dates, choices, a column at a time; what cannot be read is marked.

Pure. A blank cell is no mistake here: it becomes the type's own missing value. Arrow reads whole
columns; Python looks at distinct values alone, and only where Arrow cannot tell.
"""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, assert_never

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from capsule_flows.cells_as_text import arrow_text, as_series, column_as_text
from capsule_flows.reading_choices import DecimalSign
from capsule_kit.columns import Column

POINT = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
COMMA = r"[+-]?(?:[0-9]+,[0-9]*|,[0-9]+)(?:[eE][+-]?[0-9]+)?"
PERHAPS_THOUSANDS = r"[+-]?[1-9][0-9]{0,2},[0-9]{3}"
PLAIN_INTEGER = r"-?[0-9]{1,18}"
INTEGER = r"[+-]?[0-9]+(?:\.0*)?"
STILL_GOING = "+"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]00:00(?::00(?:\.0+)?)?)?"
WORDS = {
    **dict.fromkeys(("yes", "y", "true", "t", "1"), True),
    **dict.fromkeys(("no", "n", "false", "f", "0"), False),
}

Cells = Any
"""An Arrow array of text, trimmed; null where a cell is blank. Arrow ships no types."""


@dataclass(frozen=True)
class Typed:
    """A column after reading."""

    values: pd.Series
    """float64, Int64, boolean, datetime64[us] or str; missing where blank or unread."""
    unread: pd.Series
    """True where a cell is neither blank nor readable as the column's kind."""
    blank: pd.Series
    """True where a cell holds nothing, or spaces alone."""


def type_cells(
    given: pd.Series | Cells, column: Column, decimal: DecimalSign | None = None
) -> Typed:
    """Read the cells of one column as its kind: text, or float64 where the file held numbers.

    `decimal` is the sign before decimals by a person's word; the other then separates thousands.
    Without it a comma is one where the column shows that it is. A choice that is not allowed is
    not unread: it stays as written, for the check to refuse.
    """
    texts = arrow_text(given) if isinstance(given, pd.Series) else given
    if pa.types.is_float64(texts.type):
        if column.kind == "number" and _all(pc.is_finite(texts)):
            return _held(texts)
        texts = column_as_text(texts)
    trimmed = pc.utf8_trim_whitespace(texts)
    blank = pc.equal(trimmed, "")
    cells = pc.if_else(blank, None, trimmed) if pc.any(blank).as_py() else trimmed
    cells = _with_points(cells, column, decimal)
    match column.kind:
        case "number":
            values = pd.Series(_numbers(cells).to_numpy(zero_copy_only=False))
        case "integer":
            values = _integers(cells).to_pandas(types_mapper=lambda _: pd.Int64Dtype())
        case "yes/no":
            words = _each(cells, _word, pa.bool_())
            values = words.to_pandas(types_mapper=lambda _: pd.BooleanDtype())
        case "date":
            days = _each(cells, _date, pa.date32()).cast(pa.timestamp("us"))
            values = pd.Series(days.to_numpy(zero_copy_only=False))
        case "choice":
            values = as_series(_choices(cells, column))
        case "text":
            values = as_series(cells)
        case "time":
            values = as_series(_times(cells))
        case _:
            assert_never(column.kind)
    empty = pd.Series(blank.to_numpy(zero_copy_only=False))
    return Typed(values=values, unread=values.isna() & ~empty, blank=empty)


def _with_points(cells: Cells, column: Column, decimal: DecimalSign | None) -> Cells:
    """Return numbers without separators of thousands and with a decimal point; null what cannot be one."""
    if decimal is None or column.kind not in ("number", "integer"):
        return cells
    other = "," if decimal == "." else "."
    one, two = (rf"\{sign}" for sign in (decimal, other))
    grouped = rf"[+-]?[0-9]{{1,3}}(?:{two}[0-9]{{3}})+(?:{one}[0-9]*)?"
    plain = rf"[+-]?[0-9]*(?:{one}[0-9]*)?(?:[eE][+-]?[0-9]+)?"
    cells = pc.if_else(_like(cells, grouped), pc.replace_substring(cells, other, ""), cells)
    if decimal == ".":
        return cells
    # What is written with a point is no number here.
    return pc.if_else(_like(cells, plain), pc.replace_substring(cells, ",", "."), None)


def _held(numbers: Any) -> Typed:
    # Zero is added because a negative one would be another case.
    values = pd.Series(numbers.to_numpy(zero_copy_only=False) + 0.0)
    return Typed(
        values=values, unread=pd.Series(data=False, index=values.index), blank=values.isna()
    )


def _numbers(cells: Cells) -> Any:
    try:
        values = cells.cast(pa.float64())
    except pa.ArrowInvalid:
        return _some_numbers(cells)
    # Arrow takes "nan" and "inf" for numbers.
    return values if _all(pc.is_finite(values)) else _some_numbers(cells)


def _some_numbers(cells: Cells) -> Any:
    if _has_decimal_comma(cells):
        cells = pc.replace_substring(cells, ",", ".")
    values = pc.if_else(_like(cells, POINT), cells, None).cast(pa.float64())
    return pc.if_else(pc.is_finite(values), values, None)


def _has_decimal_comma(cells: Cells) -> bool:
    """Say whether a column writes decimals with a comma and nothing in it speaks against that.

    `1,234` alone may be a thousand: some cell must show that it is none, and none may use a point.
    """
    certain = pc.and_not(_like(cells, COMMA), _like(cells, PERHAPS_THOUSANDS))
    return bool(pc.any(certain).as_py()) and not pc.any(pc.match_substring(cells, ".")).as_py()


def _times(cells: Cells) -> Any:
    """Return each time as a number from 0 on, with + behind it where it was still going."""
    goes_on = pc.ends_with(cells, STILL_GOING)
    number = _some_numbers(pc.utf8_rtrim(cells, characters=f"{STILL_GOING} "))
    text = pc.if_else(pc.greater_equal(number, 0), number, None).cast(pa.large_string())
    mark = pc.if_else(goes_on, pa.scalar(STILL_GOING, pa.large_string()), "")
    return pc.binary_join_element_wise(text, mark, pa.scalar("", pa.large_string()))


def _integers(cells: Cells) -> Any:
    if _all(_like(cells, PLAIN_INTEGER)):
        return cells.cast(pa.int64())
    return _each(cells, _integer, pa.int64())


def _integer(text: str) -> int | None:
    limits = np.iinfo(np.int64)
    value = int(text.partition(".")[0]) if len(text) < 40 and _is(text, INTEGER) else None
    return value if value is not None and limits.min <= value <= limits.max else None


def _word(text: str) -> bool | None:
    return WORDS.get(text.lower())


def _date(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text[:10]) if _is(text, DATE) else None
    except ValueError:
        return None


def _choices(cells: Cells, column: Column) -> Any:
    spellings = {
        **{word.strip().casefold(): choice for word, choice in column.words.items()},
        **{choice.strip().casefold(): choice for choice in reversed(column.choices)},
    }
    exact = {**column.words, **{choice: choice for choice in column.choices}}

    def declared(text: str) -> str:
        return exact.get(text, spellings.get(text.casefold(), text))

    return _each(cells, declared, pa.large_string())


def _each(cells: Cells, read: Callable[[str], object], kind: Any) -> Any:
    """Return what `read` makes of each cell; it is asked once for each distinct one."""
    encoded = cells.dictionary_encode()
    known = pa.array([read(text) for text in encoded.dictionary.to_pylist()], type=kind)
    return known.take(encoded.indices)


def _like(cells: Cells, pattern: str) -> Any:
    return pc.match_substring_regex(cells, rf"\A(?:{pattern})\z")


def _is(text: str, pattern: str) -> bool:
    return re.fullmatch(pattern, text) is not None


def _all(flags: Any) -> bool:
    """Say whether no flag is false; nulls, and no flags at all, speak against nothing."""
    return pc.all(flags).as_py() is not False
