"""Tables read a column at a time, as large ones must be: Parquet, and text so plain that nothing in it is doubtful.

What is not plain is left to the reading by rows, so that both give the same cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

from capsule_flows.cells_as_text import column_as_text
from capsule_flows.dialects import SAMPLE_ROWS, TOLD_APART
from capsule_flows.reading_choices import DELIMITERS, RECOGNISED, ReadAs

SAMPLE_BYTES = 1 << 20
UTF8_MARK = b"\xef\xbb\xbf"
TEXT_BLOCK = 1 << 20


@dataclass(frozen=True)
class Columns:
    """A table of text by columns, its header told from its data."""

    header: list[str]
    """Every column's name, spaces around removed; may be blank or stand there twice."""
    cells: list[Any]
    """An Arrow array for each column: text, blank as ""; or float64, null where blank."""
    how: str
    """How the file was read."""
    read_as: ReadAs = RECOGNISED
    """What was recognised."""


class _NotPlain(Exception):
    """The text needs the reading by rows."""


def read_plain_text(content: bytes, delimiter_of: Any) -> Columns | None:
    """Split a text table where every line is a row, every row as wide as the header; None where that is not so.

    Args:
        content: The file's bytes.
        delimiter_of: Says what separates the cells of a text's first lines.
    """
    try:
        header, delimiter, start = _head(content, delimiter_of)
        cells = _split(content, start, delimiter, len(header))
    except (_NotPlain, pa.ArrowInvalid, UnicodeDecodeError):
        return None
    how = f"read as text, separated by {DELIMITERS[delimiter]}, encoding UTF-8"
    return Columns(header, cells, how, ReadAs(encoding="utf-8", delimiter=delimiter))


def _head(content: bytes, delimiter_of: Any) -> tuple[list[str], str, int]:
    """Return the header, the delimiter, and where the rows start."""
    doubtful = b'"' in content or b"\0" in content
    if doubtful or content.count(b"\r") != content.count(b"\r\n"):
        raise _NotPlain
    start = len(UTF8_MARK) if content.startswith(UTF8_MARK) else 0
    end = content.rfind(b"\n", 0, SAMPLE_BYTES) + 1 if len(content) > SAMPLE_BYTES else len(content)
    sample = content[start:end].decode("utf-8")
    signs = "".join(TOLD_APART)
    lines = sample.replace("\r", "").split("\n")
    if end < len(content) and sum(bool(line.strip(signs)) for line in lines) <= SAMPLE_ROWS:
        raise _NotPlain
    delimiter: str = delimiter_of(sample)
    header = [name.strip() for name in lines[0].split(delimiter)]
    if not all(header):
        raise _NotPlain
    return header, delimiter, content.find(b"\n") + 1 or len(content)


def _split(content: bytes, start: int, delimiter: str, width: int) -> list[Any]:
    end = len(content.rstrip(b"\r\n"))
    if end <= start:
        raise _NotPlain
    names = [str(place) for place in range(width)]
    table = csv.read_csv(
        pa.BufferReader(memoryview(content)[start:end]),
        csv.ReadOptions(use_threads=False, block_size=TEXT_BLOCK, column_names=names),
        csv.ParseOptions(
            delimiter=delimiter, quote_char=False, double_quote=False, ignore_empty_lines=False
        ),
        csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
        ),
    )
    if any(column[0].as_py().startswith("'") for column in table.columns):
        raise _NotPlain  # perhaps the mark that cells are quoted with
    return [column.combine_chunks() for column in table.columns]


def read_parquet(path: Path) -> Columns:
    """Return a Parquet file's columns, numbers as float64; Arrow's own exceptions say what is wrong with it."""
    # Days of another reckoning (int96) run over in nanoseconds, and would be others.
    file = parquet.ParquetFile(
        path, page_checksum_verification=True, coerce_int96_timestamp_unit="us"
    )
    table = file.read(use_threads=False)
    header = [name.strip() for name in table.column_names]
    cells = [_held(column.combine_chunks()) for column in table.columns]
    return Columns(header, cells, "read as a Parquet file; the header counts as line 1")


def _held(column: Any) -> Any:

    floating = pa.types.is_float32(column.type) or pa.types.is_float64(column.type)
    return column.cast(pa.float64()) if floating else column_as_text(column)


def without_blank_rows(cells: Sequence[Any]) -> tuple[list[Any], Any]:
    """Return the columns without the rows that are blank in all of them, and which rows are kept, from 0."""
    filled: Any = pa.scalar(value=False)
    for column in cells:
        filled = pc.or_(filled, _filled(column))
        if pc.all(filled).as_py():
            return list(cells), np.arange(len(column))
    kept = np.flatnonzero(filled.to_numpy(zero_copy_only=False))
    return [column.filter(filled) for column in cells], kept


def _filled(column: Any) -> Any:
    if pa.types.is_float64(column.type):
        return pc.is_valid(column)
    return pc.not_equal(pc.utf8_trim_whitespace(column), "")
