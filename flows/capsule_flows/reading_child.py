"""The process that opens an expert's file: it limits itself, reads, and leaves a table of text."""

import csv
import json
import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import feather, parquet

from capsule_flows.cells_as_text import as_text, column_as_text
from capsule_flows.file_kinds import BOOKS, PARQUET, TEXT, NoTableError, kind_of
from capsule_flows.reading_columns import (
    Columns,
    read_parquet,
    read_plain_text,
    without_blank_rows,
)
from capsule_flows.reading_rows import Grid, choose_delimiter, read_text, split_header
from capsule_flows.recognising import find_table

LARGEST_CELL = 10_000_000


@dataclass(frozen=True)
class Found:
    """What is to be handed over of a table."""

    header: list[str]
    cells: list[Any]
    """An Arrow array for each column: text, blank as ""; or float64, null where blank."""
    lines: Sequence[int]
    """The line of each row, ascending."""
    how: str


def main(path: Path, name: str, folder: Path) -> None:
    """Read `path`, known to the expert as `name`, and leave the table or the reason in `folder`."""
    try:
        found = read(path, name)
        _write_table(folder / "table.arrow", found)
        first, last = int(found.lines[0]), int(found.lines[-1])
        gaps = last - first + 1 != len(found.lines)
        blank = set(range(first, last + 1)).difference(map(int, found.lines)) if gaps else ()
        said: dict[str, object] = {
            "how": found.how,
            "first_line": first,
            "skipped": sorted(blank),
        }
    except NoTableError as reason:
        said = {"unreadable": str(reason)}
    (folder / "summary.json").write_text(json.dumps(said), encoding="utf-8")


def read(path: Path, name: str) -> Found:
    """Read a table by columns where it is plain, by rows where it is not; both give the same cells."""
    kind = kind_of(path, name)
    content = path.read_bytes() if kind == TEXT else b""
    columns = None
    if kind == TEXT:
        columns = read_plain_text(content, choose_delimiter)
    elif kind == PARQUET:
        columns = _read_parquet(path, name)
    if columns is not None and _nothing_around(columns):
        cells, kept = without_blank_rows(columns.cells)
        if len(kept):
            return Found(columns.header, cells, kept + 2, columns.how)
    if columns is not None:
        grid = _as_rows(columns)
    else:
        grid = _read_book(path, name, kind) if kind in BOOKS else read_text(content, name)
    header, lines, rows, told = split_header(grid, name)
    cells = [pa.array(column, type=pa.large_string()) for column in zip(*rows, strict=True)]
    return Found(header, cells, lines, "; ".join((grid.how, *told)))


def _nothing_around(columns: Columns) -> bool:
    """Say whether a table is its header and rows alone: no row of units, no note below."""
    header = columns.header
    if not all(header) or len(set(header)) < len(header):
        return False
    ends = [
        [column_as_text(one[place : place + 2]).to_pylist() for one in columns.cells]
        for place in (0, -2)
    ]
    first, last = (list(zip(*rows, strict=True)) for rows in ends)
    around = [(1, header), *enumerate(first, start=2), *enumerate(last, start=9)]
    filled = [(line, row) for line, row in around if any(row)]
    return not find_table(filled).told and not _repeats(columns)


def _repeats(columns: Columns) -> bool:
    """Say whether a row repeats the header, as where two tables stand below each other."""
    if not all(pa.types.is_large_string(one.type) for one in columns.cells):
        return False
    same: Any = pa.scalar(value=True)
    for name, texts in zip(columns.header, columns.cells, strict=True):
        same = pc.and_(same, pc.equal(texts, name))
        if not pc.any(same).as_py():
            return False
    return True


def _as_rows(columns: Columns) -> Grid:
    by_row = zip(*(column_as_text(one).to_pylist() for one in columns.cells), strict=True)
    return Grid([columns.header, *map(list, by_row)], 1, columns.how)


def _read_book(path: Path, name: str, kind: str) -> Grid:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(path) as book:
            names = book.sheet_names
            sheets = (book.get_sheet_by_index(place) for place in range(len(names)))
            sheet = next((one for one in sheets if one.start is not None), None)
            start = (sheet and sheet.start) or (0, 0)
            rows = [[as_text(cell) for cell in row] for row in sheet.to_python()] if sheet else []
    except BaseException as cause:
        # A panic in the Rust reader is a BaseException of a type that cannot be imported.
        panicked = type(cause).__name__ == "PanicException"
        if not panicked and not isinstance(
            cause, CalamineError | OSError | ValueError | IndexError
        ):
            raise
        raise NoTableError(
            f"{name} is damaged and cannot be opened as {kind} ({cause})."
            " Open it in a spreadsheet program and save it again as .xlsx."
        ) from None
    rows = [[_without_nulls(cell, name) for cell in row] for row in rows]
    how = f"read as {kind}, sheet “{sheet.name if sheet else ''}”"
    return Grid(rows, start[0] + 1, how + (f" alone, of {len(names)}" if len(names) > 1 else ""))


def _without_nulls(cell: str, name: str) -> str:
    """Return a cell whose letters an old workbook stores two bytes wide as what it says."""
    if "\0" not in cell:
        return cell
    if set(cell[1::2]) == {"\0"} and "\0" not in cell[::2]:
        return cell[::2]
    raise NoTableError(f"{name} holds letters that cannot be told. Save it again as .xlsx.")


def _read_parquet(path: Path, name: str) -> Columns:
    try:
        schema = parquet.ParquetFile(path).schema_arrow
        nested = next((field.name for field in schema if pa.types.is_nested(field.type)), None)
        if nested is not None:
            raise NoTableError(
                f"{name}: the column {nested} holds lists or records, not single values."
                " Bring a table with one value in each cell."
            )
        return read_parquet(path)
    except (pa.ArrowException, OSError, ValueError) as cause:
        if isinstance(cause, MemoryError):
            raise
        reason = str(cause).splitlines()[0].rstrip(".")
        raise NoTableError(
            f"{name} is damaged, encrypted or unlike any Parquet file that can be read"
            f" ({reason}). Write it again, or bring the table as CSV."
        ) from None


def _write_table(path: Path, found: Found) -> None:
    table = pa.table(found.cells, names=found.header)
    feather.write_feather(table, path, compression="uncompressed")


if __name__ == "__main__":
    source, shown, scratch, memory, seconds = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    csv.field_size_limit(LARGEST_CELL)
    try:
        main(Path(source), shown, Path(scratch))
    except MemoryError:
        sys.exit(137)
