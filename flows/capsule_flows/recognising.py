"""Where a table stands among the rows of a file: lines above it, its header, a row of units, lines below it.

Pure. What cannot be told for certain is left where it is, for the check to find.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from capsule_flows.reading_choices import RECOGNISED, ReadAs

Row = Sequence[str]
Numbered = tuple[int, Row]
"""A row that is not blank, behind its line in the file."""

NUMBER = re.compile(r"[+-]?[0-9]*[.,]?[0-9]+(?:[eE][+-]?[0-9]+)?")
UNIT = re.compile(r"[(\[]?(?:[A-Za-zµμ°%Å/·*^0-9²³ .-]{1,16})[)\]]?")
UNIT_SIGNS = re.compile(
    r"[(\[]|[/%°µμ²³^]|^(?:[kmcµnpd]?(?:g|l|L|m|M|mol|s|Hz|Pa|V|A|K|J|cal|Da|U|IU)|years?|days?|h|min|a\.?u\.?)$"
)
MOST_ABOVE = 30
"""More lines than these above a header are another table."""
FEWEST_COLUMNS = 3
"""In a narrower table a lone cell may be a row of it."""


@dataclass(frozen=True)
class Place:
    """Which rows are the table."""

    header: Numbered
    """Line 0 where the file has no header and the columns are numbered."""
    units: Numbered | None
    """The row of units beneath the header."""
    body: Sequence[Numbered]
    above: Sequence[Numbered] = ()
    below: Sequence[Numbered] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """What was left out or joined, for the expert."""
        return tuple(
            said
            for true, said in (
                (not self.header[0], "no header, the columns are numbered"),
                (self.above, f"{_lines(self.above)} above the header left out"),
                (self.units, f"line {(self.units or (0,))[0]} taken for the columns' units"),
                (self.below, f"{_lines(self.below)} below the table left out"),
            )
            if true
        )


def find_table(filled: Sequence[Numbered], read_as: ReadAs = RECOGNISED) -> Place:
    """Tell the table from what stands around it, in the rows that are not blank; there is at least one.

    A line that was chosen is taken; one that is not there, or is blank, counts as the next.
    """
    width = _usual_width(filled)
    if read_as.header is None:
        start = _header_place(filled, width)
        header, body = filled[start], list(filled[start + 1 :])
    elif read_as.header == 0:
        start = 0
        most = max(_last(row) for _, row in filled)
        header, body = (0, [f"Column {place + 1}" for place in range(most)]), list(filled)
    else:
        start = next((i for i, (line, _) in enumerate(filled) if line >= read_as.header), 0)
        header, body = filled[start], list(filled[start + 1 :])
    units = _chosen_units(header, body, read_as.units)
    if units is not None:
        body = [one for one in body if one[0] > units[0]]
    last = read_as.last
    end = _end(body, width) if last is None else sum(line <= last for line, _ in body)
    return Place(header, units, body[:end], filled[:start], body[end:])


def with_unit(header: str, unit: str) -> str:
    """Return a header with the unit that stood beneath it in brackets behind it."""
    bare = unit.strip().strip("()[] ")
    return f"{header} ({bare})" if bare and header and not header.endswith(")") else header


def _header_place(filled: Sequence[Numbered], width: int) -> int:
    """Return which row is the header: the first, unless rows of less stand above one that names every column."""
    if width < FEWEST_COLUMNS or _count(filled[0][1]) > width // 2:
        return 0
    for place, (_, row) in enumerate(filled[: MOST_ABOVE + 1]):
        names = [cell.strip() for cell in row if cell.strip()]
        if len(names) <= width // 2:
            continue
        if any(NUMBER.fullmatch(name) for name in names):
            return 0
        if len(names) == _last(row) >= width and len(set(names)) == len(names):
            return place
    return 0


def _chosen_units(
    header: Numbered, body: Sequence[Numbered], chosen: int | None
) -> Numbered | None:
    if chosen is None:
        return body[0] if header[0] and _units(header[1], body) else None
    return next((one for one in body if chosen and one[0] == chosen), None)


def _units(header: Row, body: Sequence[Numbered]) -> Row | None:
    """Return the first row beneath the header if it is units: no number in it, numbers under it."""
    if len(body) < 2:
        return None
    first, second = body[0][1], body[1][1]
    cells = [cell.strip() for cell in first]
    said = [cell for cell in cells if cell]
    over_numbers = [
        cell
        for cell, below in zip(cells, second, strict=False)
        if cell and NUMBER.fullmatch(below.strip())
    ]
    if not over_numbers or len(first) > len(header):
        return None
    units = all(UNIT.fullmatch(cell) and not NUMBER.fullmatch(cell) for cell in said)
    telling = sum(UNIT_SIGNS.search(cell) is not None for cell in over_numbers)
    return first if units and telling * 2 >= len(over_numbers) else None


def _end(body: Sequence[Numbered], width: int) -> int:
    """Return how many rows there are before the notes at the end: lone cells after a blank line."""
    if width < FEWEST_COLUMNS:
        return len(body)
    end = len(body)
    while end and _count(body[end - 1][1]) == 1:
        end -= 1
    if end == len(body) or not end:
        return len(body)
    after_a_gap = body[end][0] > body[end - 1][0] + 1
    return end if after_a_gap else len(body)


def _usual_width(filled: Sequence[Numbered]) -> int:
    widths = Counter(_last(row) for _, row in filled[:500])
    return max(widths, key=lambda width: (widths[width], width))


def _last(row: Row) -> int:
    return max((place + 1 for place, cell in enumerate(row) if cell.strip()), default=0)


def second_header(place: Place) -> int | None:
    """Return the line after a blank one that looks like the header of another table."""
    before = 0
    for i, (line, row) in enumerate(place.body[:-1]):
        if i and line > place.body[i - 1][0] + 1:
            # A title may stand alone above the names.
            named = row if _count(row) > 1 else place.body[i + 1][1]
            if _names_over_numbers(place.body[before:i], named):
                return line
            before = i
    return None


def _names_over_numbers(rows: Sequence[Numbered], named: Row) -> bool:
    """Say whether a row has a word in each column that holds numbers alone above it."""
    numbers = [
        place
        for place, cell in enumerate(named)
        if cell.strip()
        and rows
        and all(place < len(row) and NUMBER.fullmatch(row[place].strip()) for _, row in rows)
    ]
    return bool(numbers) and not any(NUMBER.fullmatch(named[place].strip()) for place in numbers)


def _count(row: Row) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _lines(rows: Sequence[Numbered]) -> str:
    return f"{len(rows)} line{'s' * (len(rows) != 1)}"
