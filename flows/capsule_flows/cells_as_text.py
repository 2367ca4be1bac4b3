"""A cell's value as a person would write it: the shortest exact number, ISO dates; one by one or a column at once."""

import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

LONGEST_WHOLE = 1e15
# Between these Arrow writes a number as Python does, unless it is whole.
WRITTEN_ALIKE = (1e-4, 1e10)

Column = Any
"""An Arrow array; Arrow ships no types."""


def as_text(value: object) -> str:
    """Return one value as text."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            whole = value.is_integer() and abs(value) < LONGEST_WHOLE
            return str(int(value)) if whole else repr(value)
        case datetime.datetime() if value.time() == datetime.time() and value.tzinfo is None:
            return value.date().isoformat()
        case datetime.date() | datetime.time():
            return value.isoformat()
        case bytes():
            return value.decode("utf-8")
        case int() | Decimal():
            return str(value)
        case _:
            return str(value)


def column_as_text(column: Column) -> Column:
    """Return the same texts for a whole Arrow array, blank where it is null."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind):
        texts = column.cast(pa.large_string())
    elif pa.types.is_float32(kind) or pa.types.is_float64(kind):
        texts = _numbers(column.cast(pa.float64()))
    elif pa.types.is_dictionary(kind):
        return column_as_text(column.dictionary_decode())
    else:
        texts = _each(column)
    return pc.fill_null(texts, "")


def _numbers(values: Column) -> Column:
    size = pc.abs(values)
    whole = pc.and_(pc.equal(pc.floor(values), values), pc.less(size, LONGEST_WHOLE))
    low, high = WRITTEN_ALIKE
    alike = pc.and_(pc.greater_equal(size, low), pc.less(size, high))
    digits = pc.if_else(whole, values, 0).cast(pa.int64()).cast(pa.large_string())
    texts = pc.if_else(whole, digits, values.cast(pa.large_string()))
    other = pc.invert(pc.or_(whole, alike))
    if not pc.any(other).as_py():
        return texts
    said = [as_text(value) for value in values.filter(other).to_pylist()]
    return pc.replace_with_mask(
        texts, pc.fill_null(other, False), pa.array(said, pa.large_string())
    )


def _each(column: Column) -> Column:
    """Return the text of each value, written once for each distinct one."""
    try:
        encoded = column.dictionary_encode()
    except pa.ArrowNotImplementedError:
        return pa.array([as_text(value) for value in column.to_pylist()], pa.large_string())
    known = [as_text(value) for value in encoded.dictionary.to_pylist()]
    return pa.array(known, pa.large_string()).take(encoded.indices)


def arrow_text(texts: Any) -> Column:
    """Return a pandas column of text as one Arrow array."""
    found = pa.array(texts, type=pa.large_string(), from_pandas=True)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def as_series(texts: Column) -> Any:
    """Return an Arrow array of text as a pandas column, missing where it is null."""
    return texts.to_pandas().astype("str")
