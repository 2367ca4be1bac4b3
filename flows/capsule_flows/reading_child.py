"""The process that opens an expert's file: it limits itself, reads, and leaves a table of text."""

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import feather, parquet

from capsule_flows.archives import ENDING as ARCHIVE_ENDING
from capsule_flows.archives import Archive, limit_itself, opened
from capsule_flows.cells_as_text import column_as_text
from capsule_flows.dialects import choose_delimiter
from capsule_flows.doubts import LOOKED_AT, seen
from capsule_flows.file_kinds import BOOKS, PARQUET, TEXT, NoTableError, kind_of
from capsule_flows.reading_choices import RECOGNISED, ReadAs, Seen
from capsule_flows.reading_columns import (
    Columns,
    read_parquet,
    read_plain_text,
    without_blank_rows,
)
from capsule_flows.reading_rows import Grid, place_in, read_text, split_header
from capsule_flows.recognising import Place, find_table

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
    seen: Seen


def main(path: Path, name: str, folder: Path, read_as: ReadAs) -> None:
    """Read `path`, known to the expert as `name`, and leave the table or the reason in `folder`."""
    brought = Archive(path, name)
    try:
        if name.lower().endswith(ARCHIVE_ENDING):
            brought = opened(path, name, folder)
            path, name = brought.table, brought.name
        found = read(path, name, read_as)
        _write_table(folder / "table.arrow", found)
        first, last = int(found.lines[0]), int(found.lines[-1])
        gaps = last - first + 1 != len(found.lines)
        blank = set(range(first, last + 1)).difference(map(int, found.lines)) if gaps else ()
        said: dict[str, object] = {
            "how": found.how + brought.told,
            "files": {one: (file.sha256, file.kinds) for one, file in brought.files.items()},
            "first_line": first,
            "skipped": sorted(blank),
            "seen": found.seen.model_dump(mode="json"),
        }
    except NoTableError as reason:
        grid = reason.so_far
        around = seen(kind_of(path, name), grid, _told(grid)) if grid else None
        said = {
            "unreadable": str(reason),
            "seen": around.model_dump(mode="json") if around else None,
        }
    (folder / "summary.json").write_text(json.dumps(said), encoding="utf-8")


def read(path: Path, name: str, read_as: ReadAs = RECOGNISED) -> Found:
    """Read a table by columns where it is plain, by rows where it is not; both give the same cells.

    Raises:
        NoTableError: it is no table that can be read like this.
    """
    kind = kind_of(path, name)
    content = path.read_bytes() if kind == TEXT else b""
    columns = None
    if kind == TEXT and not read_as.encoding:
        columns = read_plain_text(content, lambda text: read_as.delimiter or choose_delimiter(text))
    elif kind == PARQUET:
        columns = _read_parquet(path, name)
    if columns is not None and not _around_chosen(read_as) and _nothing_around(columns):
        cells, kept = without_blank_rows(columns.cells)
        if len(kept):
            around = seen(kind, *_sample(columns.header, cells, kept + 2, columns, read_as))
            return Found(columns.header, cells, kept + 2, columns.how, around)
    if columns is not None:
        grid = _as_rows(columns, read_as)
    elif kind in BOOKS:
        from capsule_flows.reading_books import read_book

        grid = read_book(path, name, kind, read_as)
    else:
        grid = read_text(content, name, read_as)
    try:
        place = place_in(grid, name)
        header, lines, rows = split_header(place, name)
    except NoTableError as reason:
        # What is wrong with the first of several sheets says nothing of the one that she means.
        asked = next((one.sentence for one in grid.doubts if one.about == "sheet"), None)
        raise NoTableError(f"{name}: {asked}" if asked else str(reason), grid) from None
    cells = [pa.array(column, type=pa.large_string()) for column in zip(*rows, strict=True)]
    how = "; ".join((grid.how, *place.told))
    return Found(header, cells, lines, how, seen(kind, grid, place))


def _around_chosen(read_as: ReadAs) -> bool:
    return any(one is not None for one in (read_as.header, read_as.units, read_as.last))


def _told(grid: Grid) -> Place | None:
    """Return the table's place in a grid that was refused; None where none can be told."""
    return find_table(grid.filled, grid.read_as) if grid.how and grid.filled else None


def _sample(
    header: list[str], cells: list[Any], lines: Any, columns: Columns, read_as: ReadAs
) -> tuple[Grid, Place]:
    """Return the first rows of a plain table and its last, as if they were all."""
    first = [column_as_text(one[:LOOKED_AT]).to_pylist() for one in cells]
    rows = list(zip(lines[:LOOKED_AT].tolist(), zip(*first, strict=True), strict=True))
    if len(lines) > LOOKED_AT:
        last = [column_as_text(one[-1:]).to_pylist()[0] for one in cells]
        rows.append((int(lines[-1]), tuple(last)))
    written = columns.read_as.delimiter is not None
    grid = Grid([], 1, columns.how, _given(columns, read_as), written=written)
    return grid, Place((1, header), None, rows)


def _given(columns: Columns, read_as: ReadAs) -> ReadAs:
    recognised = columns.read_as.model_dump(exclude_none=True, exclude_defaults=True)
    return read_as.model_copy(update=recognised)


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


def _as_rows(columns: Columns, read_as: ReadAs) -> Grid:
    by_row = zip(*(column_as_text(one).to_pylist() for one in columns.cells), strict=True)
    rows = [columns.header, *map(list, by_row)]
    written = columns.read_as.delimiter is not None
    return Grid(rows, 1, columns.how, _given(columns, read_as), written=written)


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
    except (pa.ArrowException, OSError, ValueError, OverflowError) as cause:
        if isinstance(cause, MemoryError):
            raise
        reason = str(cause).splitlines()[0].rstrip(".")
        if "crypt" in reason.lower():
            raise NoTableError(
                f"{name} is encrypted, in whole or in part. Write it without encryption, or bring"
                " the table as CSV."
            ) from None
        raise NoTableError(
            f"{name} is damaged or unlike any Parquet file that can be read"
            f" ({reason}). Write it again, or bring the table as CSV."
        ) from None


def _write_table(path: Path, found: Found) -> None:
    table = pa.table(found.cells, names=found.header)
    # In one piece a column need not be put together, and so held twice, by whoever reads it.
    feather.write_feather(table, path, compression="uncompressed", chunksize=max(1, len(table)))


if __name__ == "__main__":
    source, shown, scratch, memory, seconds, chosen = sys.argv[1:]
    limit_itself(int(memory), int(seconds))
    csv.field_size_limit(LARGEST_CELL)
    try:
        main(Path(source), shown, Path(scratch), ReadAs.model_validate_json(chosen))
    except MemoryError:
        sys.exit(137)
