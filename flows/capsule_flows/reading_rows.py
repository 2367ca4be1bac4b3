"""A text table read row by row, as any must be that is not plain; a header told from its data."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from capsule_flows.file_kinds import TEXT, NoTableError, disguised
from capsule_flows.reading_columns import DELIMITERS, SAMPLE_ROWS
from capsule_flows.recognising import Place, find_table, with_unit


@dataclass(frozen=True)
class Grid:
    """Rows of text as they stand in the file, header not yet told from data."""

    rows: list[list[str]]
    """Every row, blank ones included, so that positions are lines."""
    offset: int
    """The line of the first row."""
    how: str


def read_text(content: bytes, name: str) -> Grid:
    """Decode a text table, choose what separates its cells, and split it."""
    text, encoding = _decode(content, name)
    delimiter = choose_delimiter(text)
    try:
        rows = list(_split(text, delimiter))
    except csv.Error:
        raise NoTableError(
            f"{name}: {_open_quote(text, delimiter)} a quotation mark is opened and not closed,"
            " or is followed by other text. Remove it, or double every quotation mark in a cell."
        ) from None
    if any("\0" in cell for row in rows for cell in row):
        raise NoTableError(disguised(name, TEXT, "not text"))
    how = f"read as text, separated by {DELIMITERS[delimiter]}, encoding {encoding}"
    return Grid(rows, 1, how)


def _decode(content: bytes, name: str) -> tuple[str, str]:
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    marked = next((codec for mark, codec in marks if content.startswith(mark)), None)
    tries = [marked] if marked else ["utf-8", "cp1252"]
    names = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16"}
    for codec in tries:
        try:
            return content.decode(codec), names.get(codec, "Windows-1252 (a guess: not UTF-8)")
        except UnicodeDecodeError:
            continue
    raise NoTableError(
        f"{name} holds letters in an encoding that could not be told."
        " Save it again as CSV UTF-8, or as an Excel workbook."
    )


def choose_delimiter(text: str) -> str:
    """Return the delimiter that splits most rows as it does the header; a comma if none does."""
    best, best_score = ",", (0.5, 0)
    for delimiter in DELIMITERS:
        try:
            rows = [row for row in islice(_split(text, delimiter), SAMPLE_ROWS) if any(row)]
        except csv.Error:
            continue
        width = len(rows[0]) if rows else 0
        if width > 1:
            alike = sum(len(row) == width for row in rows[1:]) / max(len(rows) - 1, 1)
            if (alike, width) > best_score:
                best, best_score = delimiter, (alike, width)
    return best


def _split(text: str, delimiter: str) -> Iterable[list[str]]:
    # strict: otherwise one stray quotation mark swallows the rest of the file into a cell.
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _open_quote(text: str, delimiter: str) -> str:
    line = 1
    try:
        for _ in _split(text, delimiter):
            line += 1
    except csv.Error:
        pass
    return f"in line {line}"


def split_header(
    grid: Grid, name: str
) -> tuple[list[str], list[int], list[list[str]], tuple[str, ...]]:
    """Return the header, of each row its line and its cells, and what was told of the lines around."""
    filled = [(grid.offset + i, row) for i, row in enumerate(grid.rows) if _has_text(row)]
    if not filled:
        raise NoTableError(f"{name} is empty. Save the table again and bring that file.")
    place = find_table(filled)
    line, first = place.header
    header = [cell.strip() for cell in first]
    within = [place.header, *place.body]
    width = max((i + 1 for _, row in within for i, c in enumerate(row) if c.strip()), default=0)
    header = header[:width]
    _refuse_header(header, line, name)
    if not place.body:
        raise NoTableError(f"{name} has a header and no row under it. Add at least one case.")
    wide = next((where for where, row in place.body if _has_text(row[len(header) :])), None)
    if wide is not None:
        raise NoTableError(
            f"{name}: line {wide} has more cells than the header in line {line} has names."
            " Put quotation marks around a cell that holds the separator, or name every column."
        )
    _refuse_second_table(place, name)
    kept = [i for i, title in enumerate(header) if title]
    rows = [[row[i] if i < len(row) else "" for i in kept] for _, row in place.body]
    units = [*(place.units or ()), *[""] * width]
    named = [with_unit(header[i], units[i]) for i in kept]
    return named, [where for where, _ in place.body], rows, place.told


def _refuse_second_table(place: Place, name: str) -> None:
    names = [cell.strip() for cell in place.header[1]]
    again = next((line for line, row in place.body if [c.strip() for c in row] == names), None)
    if again is not None:
        raise NoTableError(
            f"{name}: line {again} repeats the header, so two tables stand below each other."
            " Bring them as one table, or as two files."
        )


def _has_text(row: Sequence[str]) -> bool:
    return any(cell and not cell.isspace() for cell in row)


def _refuse_header(header: list[str], line: int, name: str) -> None:
    twice = next((title for i, title in enumerate(header) if title and title in header[:i]), None)
    if twice is not None:
        raise NoTableError(
            f"{name}: the header in line {line} names “{twice}” twice."
            " Give every column a name of its own."
        )
    if "" in header:
        raise NoTableError(
            f"{name}: column {header.index('') + 1} has no name in line {line}, which is taken for"
            " the header. Name every column, and remove lines above the header."
        )
