"""A text table read row by row, as any must be that is not plain; a header told from its data."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from capsule_flows.decoding import ENCODINGS, decode
from capsule_flows.dialects import (
    SAMPLE_ROWS,
    USUAL,
    choose_delimiter,
    split,
    split_as_it_is,
    stray_mark,
)
from capsule_flows.file_kinds import TEXT, NoTableError, disguised
from capsule_flows.reading_choices import DELIMITERS, RECOGNISED, Doubt, ReadAs
from capsule_flows.recognising import NUMBER, Place, find_table, with_unit

Merged = tuple[tuple[int, int], tuple[int, int]]
"""The first and the last line of merged cells, then their first and last column, from 0."""


@dataclass(frozen=True)
class Grid:
    """Rows of text as they stand in the file, header not yet told from data."""

    rows: list[list[str]]
    """Every row, blank ones included, so that positions are lines."""
    offset: int
    """The line of the first row."""
    how: str
    read_as: ReadAs = RECOGNISED
    """What was chosen or recognised so far."""
    doubts: tuple[Doubt, ...] = ()
    """What is in doubt of that."""
    written: bool = False
    """Whether a separator stands between the cells, so that one may be missing."""
    merged: tuple[Merged, ...] = ()
    sheets: tuple[str, ...] = ()

    @property
    def filled(self) -> list[tuple[int, list[str]]]:
        """The rows that are not blank, behind their lines."""
        return [(self.offset + i, row) for i, row in enumerate(self.rows) if _has_text(row)]


def read_text(content: bytes, name: str, read_as: ReadAs = RECOGNISED) -> Grid:
    """Decode a text table, choose what separates its cells, and split it.

    Raises:
        NoTableError: the letters cannot be told, or a quotation mark has no end.
    """
    text, encoding, doubt = decode(content, name, read_as.encoding)
    delimiter = read_as.delimiter or choose_delimiter(text)
    read_as = read_as.model_copy(update={"encoding": encoding, "delimiter": delimiter})
    doubts = (doubt,) if doubt else ()
    try:
        rows, dialect = split_as_it_is(text, delimiter)
    except csv.Error:
        rows = [[line] for line in text.splitlines()[:SAMPLE_ROWS]]
        raise NoTableError(
            f"{name}: {_open_quote(text, delimiter)} a quotation mark is opened and not closed,"
            " or is followed by other text. Remove it, or double every quotation mark in a cell.",
            Grid(rows, 1, "", read_as, doubts),
        ) from None
    if any("\0" in cell for row in rows for cell in row):
        raise NoTableError(disguised(name, TEXT, "not text"))
    guess = " (a guess)" if doubt else ""
    letters = ENCODINGS.get(encoding, encoding)
    how = f"read as text, separated by {DELIMITERS[delimiter]}, encoding {letters}{guess}"
    said = f"{how}, {dialect.said}" if dialect.said else how
    if dialect == USUAL and (stray := _stray(text, delimiter)):
        doubts = (*doubts, stray)
    return Grid(rows, 1, said, read_as, doubts, written=True)


def _stray(text: str, delimiter: str) -> Doubt | None:
    around = stray_mark(text, delimiter) if '"' in text else None
    if around is None:
        return None
    return Doubt(
        about="quotation marks",
        sentence=f"In “{around}” a quotation mark stands within a cell. A separator may be missing"
        " before or after it, and then cells are joined or cut. Look at that line.",
    )


def _open_quote(text: str, delimiter: str) -> str:
    line = 1
    try:
        for _ in split(text, delimiter):
            line += 1
    except csv.Error:
        pass
    return f"in line {line}"


def place_in(grid: Grid, name: str) -> Place:
    """Return where the table stands in a grid.

    Raises:
        NoTableError: nothing stands in it.
    """
    filled = grid.filled
    if not filled:
        raise NoTableError(f"{name} is empty. Save the table again and bring that file.")
    return find_table(filled, grid.read_as)


def split_header(place: Place, name: str) -> tuple[list[str], list[int], list[list[str]]]:
    """Return the header, of each row its line, and its cells.

    Raises:
        NoTableError: the header does not name the columns, or the rows do not fit it.
    """
    line, first = place.header
    header = [cell.strip() for cell in first]
    within = [place.header, *place.body]
    width = max((i + 1 for _, row in within for i, c in enumerate(row) if c.strip()), default=0)
    header = header[:width]
    _refuse_header(place, header, name)
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
    units = [*(place.units or (0, ()))[1], *[""] * width]
    named = [with_unit(header[i], units[i]) for i in kept]
    return named, [where for where, _ in place.body], rows


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


def _refuse_header(place: Place, header: list[str], name: str) -> None:
    line = place.header[0]
    if "" in header and _names_the_rest(place, header):
        raise NoTableError(
            f"{name}: the header stands over two lines, {line} and {place.body[0][0]}, as where"
            " cells were merged. Write one name over each column, in one line."
        )
    place_of = header.index("") if "" in header else None
    if place_of is not None and not any(
        _has_text(row[place_of : place_of + 1]) for _, row in place.body
    ):
        raise NoTableError(
            f"{name}: column {place_of + 1} is blank from top to bottom, so two tables may stand"
            " beside each other. Keep the one with your cases, or remove the blank column."
        )
    twice = next((title for i, title in enumerate(header) if title and title in header[:i]), None)
    if twice is not None:
        raise NoTableError(
            f"{name}: the header in line {line} names “{twice}” twice."
            " Give every column a name of its own."
        )
    if place_of is not None:
        raise NoTableError(
            f"{name}: column {place_of + 1} has no name in line {line}, which is taken for"
            " the header. Name every column, and remove lines above the header."
        )


def _names_the_rest(place: Place, header: list[str]) -> bool:
    """Say whether the next line has a text beneath every blank and every name of the header."""
    if len(place.body) < 2 or not any(header):
        return False
    beneath, case = ([*row, *[""] * len(header)][: len(header)] for _, row in place.body[:2])
    names_it = all(cell.strip() and not NUMBER.fullmatch(cell.strip()) for cell in beneath)
    return names_it and any(NUMBER.fullmatch(cell.strip()) for cell in case)
