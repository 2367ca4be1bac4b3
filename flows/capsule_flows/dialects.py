"""How a text table is written: what separates its cells, and how a cell that holds the separator is quoted.

Pure. Another way of quoting than the usual is taken only where it alone makes every row as wide
as the header; so it is no guess.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from capsule_flows.reading_choices import DELIMITERS

SAMPLE_ROWS = 500
TOLD_APART = tuple(DELIMITERS)[:4]
"""The separators that are looked for."""
SIGNS = frozenset(TOLD_APART)
DECIMAL = re.compile(r"[+-]?[0-9]*,[0-9]+")
FEWEST_ALIKE = 0.5
"""A sign that splits fewer rows alike than this share separates no cells."""


@dataclass(frozen=True)
class Dialect:
    """One way of quoting."""

    said: str
    """What is said of it; blank for the usual."""
    sign: str
    """A text without this is not written so."""
    options: Mapping[str, object] = field(default_factory=dict)
    escaped: bool = False
    """Whether a quotation mark in a cell is written behind a backslash; any other backslash is one."""


USUAL = Dialect("", "")
UNUSUAL = (
    Dialect("a space after each separator", " ", {"skipinitialspace": True}),
    Dialect("quotation marks behind backslashes", '\\"', escaped=True),
    Dialect("cells between single quotation marks", "'", {"quotechar": "'"}),
)
ESCAPED = re.compile(r'(?<!\\)\\"')


def choose_delimiter(text: str) -> str:
    """Return the delimiter that splits most rows alike, into cells that hold no other; a comma if none does."""
    best, best_score = ",", (0.0, 0)
    for delimiter in TOLD_APART:
        try:
            rows = [row for row in islice(split(text, delimiter), SAMPLE_ROWS) if any(row)]
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows if len(row) > 1)
        width = max(widths, key=lambda width: (widths[width], width), default=0)
        alike = widths[width] / max(len(rows), 1)
        score = (alike * _whole(rows, width), width)
        if alike >= FEWEST_ALIKE and score > best_score:
            best, best_score = delimiter, score
    return best


def _whole(rows: list[list[str]], width: int) -> float:
    """Return the share of cells that are a number, or hold nothing that may separate cells."""
    cells = [cell.strip() for row in rows if len(row) == width for cell in row]
    whole = sum(bool(DECIMAL.fullmatch(cell)) or not set(cell) & SIGNS for cell in cells)
    return whole / max(len(cells), 1)


def split(text: str, delimiter: str, dialect: Dialect = USUAL) -> Iterator[list[str]]:
    """Yield a text's rows.

    Raises:
        csv.Error: a quotation mark is opened and not closed, or other text follows it.
    """
    if dialect.escaped:
        text = ESCAPED.sub('""', text)
    # strict: otherwise one stray quotation mark swallows the rest of the file into a cell.
    lines = io.StringIO(text, newline="")
    return csv.reader(lines, delimiter=delimiter, strict=True, **dialect.options)  # type: ignore[arg-type]


def split_as_it_is(text: str, delimiter: str) -> tuple[list[list[str]], Dialect]:
    """Return all rows, quoted the usual way unless another alone makes them a table.

    Raises:
        csv.Error: as `split` does, where no way of quoting fits.
    """
    try:
        usual, broken = list(split(text, delimiter)), None
        if _even(usual) and not _between_single_marks(usual):
            return usual, USUAL
    except csv.Error as error:
        usual, broken = [], error
    for dialect in UNUSUAL:
        if dialect.sign in text:
            try:
                rows = list(split(text, delimiter, dialect))
            except csv.Error:
                continue
            if _even(rows):
                return rows, dialect
    if broken is not None:
        raise broken
    return usual, USUAL


def stray_mark(text: str, delimiter: str) -> str | None:
    """Return what stands around a quotation mark within a cell, where a separator may be missing.

    A doubled mark, and one at a cell's end such as in `12"`, is none of these.
    """
    around = re.escape(delimiter)
    quoted = re.search(rf'(?:^|[{around}\n])"', text)
    # Where nothing else is quoted, `5" pipe` is five inches of it.
    after = "" if quoted else r"\s"
    found = re.search(rf'\\"(?!")|[^"{around}\r\n]"[^"{around}\r\n{after}]', text)
    if found is None:
        return None
    start, end = max(0, found.start() - 8), found.end() + 8
    return text[start:end].splitlines()[0]


def _even(rows: list[list[str]]) -> bool:
    """Say whether all rows with something in them are equally wide, and wider than one cell."""
    widths = {len(row) for row in rows if any(row)}
    return len(widths) == 1 and widths != {1}


def _between_single_marks(rows: list[list[str]]) -> bool:
    filled = [row for row in rows[1:] if any(row)]
    return len(filled) > 1 and any(
        all(cell.startswith("'") and cell.endswith("'") and len(cell) > 1 for cell in column)
        for column in zip(*filled, strict=True)
    )
