"""What may have been read wrongly although it could be read: found and said, for a person to decide.

Pure. A doubt that she decided, by choosing or by saying that she looked, is none any more.
"""

import re
from collections.abc import Sequence

from capsule_flows.reading_choices import Doubt, Line, ReadAs, Role, Seen
from capsule_flows.reading_rows import Grid
from capsule_flows.recognising import NUMBER, Numbered, Place, second_header

LIKE_A_VALUE = re.compile(
    rf"{NUMBER.pattern}|[0-9]{{1,4}}[-./:][0-9]{{1,2}}(?:[-./:][0-9]{{1,4}})?"
)
CERTAIN_COMMA = re.compile(r"[+-]?(?:[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})|0,[0-9]+)")
PERHAPS_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")
LINES_NAMED = 3
LOOKED_AT = 500
CELLS_SHOWN, LONGEST_SHOWN = 12, 40
ABOVE_SHOWN, CASES_SHOWN, BELOW_SHOWN = 6, 4, 3


def seen(kind: str, grid: Grid, place: Place | None) -> Seen:
    """Return what was seen of a file; `place` is None where no table was told in it."""
    read_as, doubts = grid.read_as, list(grid.doubts)
    lines = [_line(one, "case") for one in grid.filled[: ABOVE_SHOWN + CASES_SHOWN]]
    if place is not None:
        doubts += [one for one in _found(grid, place) if one is not None]
        lines = _around(place)
        read_as = _in_force(grid, place)
    left = tuple(one for one in doubts if one.about not in read_as.sure)
    return Seen(kind=kind, read_as=read_as, sheets=grid.sheets, doubts=left, lines=tuple(lines))


def _in_force(grid: Grid, place: Place) -> ReadAs:
    found = {
        "header": place.header[0],
        "units": place.units[0] if place.units else 0,
        "last": place.body[-1][0] if place.body else None,
        "decimal": grid.read_as.decimal or _decimal(place),
    }
    return grid.read_as.model_copy(update=found)


def _found(grid: Grid, place: Place) -> Sequence[Doubt | None]:
    return (
        _header(place) if grid.read_as.header is None else None,
        _two_line_header(place) if grid.read_as.header is None else None,
        _separators(place) if grid.written else None,
        _second_table(place),
        _merged(grid, place),
        _mixed_signs(place) if grid.written and grid.read_as.decimal is None else None,
    )


def _header(place: Place) -> Doubt | None:
    """Doubt a header in which values stand, over values."""
    names, below = place.header[1], [row for _, row in place.body[:LOOKED_AT]]
    for at, name in enumerate(names):
        if LIKE_A_VALUE.fullmatch(name.strip()):
            cells = [row[at].strip() for row in below if at < len(row) and row[at].strip()]
            if cells and all(LIKE_A_VALUE.fullmatch(cell) for cell in cells):
                return Doubt(
                    about="header",
                    sentence=f"Line {place.header[0]} was taken for the header, but “{name.strip()}”"
                    " in it looks like a value. If it is a case, say that there is no header.",
                )
    return None


def _two_line_header(place: Place) -> Doubt | None:
    """Doubt a header directly beneath a line with several words: the names may stand in both."""
    if not place.above or place.above[-1][0] != place.header[0] - 1:
        return None
    line, row = place.above[-1]
    words = [cell.strip() for cell in row if cell.strip()]
    if len(words) < 2:
        return None
    return Doubt(
        about="two-line header",
        sentence=f"Line {line} directly above the header was left out; it says “{words[0]}” and"
        f" “{words[1]}”. If it belongs to the names, write one name over each column.",
    )


def _separators(place: Place) -> Doubt | None:
    """Doubt lines with more or fewer cells than the header: what stands in them may be shifted."""
    line, names = place.header
    width = len(names) if line else max(len(row) for _, row in place.body)
    odd = [(where, len(row)) for where, row in place.body if len(row) != width]
    if not odd:
        return None
    told = ", ".join(f"line {where} has {cells}" for where, cells in odd[:LINES_NAMED])
    more = f" and {len(odd) - LINES_NAMED:,} more differ" if len(odd) > LINES_NAMED else ""
    return Doubt(
        about="separators",
        sentence=f"The header has {width} cells, but {told}{more}. A separator may be missing or"
        " one too many, and then the cells behind it stand under the wrong names. Mend the file,"
        " or look at these lines and say that they are right.",
    )


def _second_table(place: Place) -> Doubt | None:
    line = second_header(place)
    if line is None:
        return None
    before = max(where for where, _ in place.body if where < line)
    return Doubt(
        about="second table",
        sentence=f"Line {line}, after a blank line, looks like the header of another table. If it"
        f" is one, say that your table ends in line {before}.",
    )


def _merged(grid: Grid, place: Place) -> Doubt | None:
    """Doubt merged cells: the first holds the value, the others are blank."""
    first, last = place.header[0], place.body[-1][0] if place.body else 0
    names = place.header[1]
    for (top, bottom), (left, right) in grid.merged:
        over_names = bottom in (first - 1, first) and left < right
        whole = left == 0 and right >= len(names) - 1
        if (over_names and not whole) or (first < bottom and top <= last):
            lines = f"line {top}" if top == bottom else f"lines {top} to {bottom}"
            beneath = (
                f"column {left + 1}" if left == right else f"columns {left + 1} to {right + 1}"
            )
            return Doubt(
                about="merged cells",
                sentence=f"Cells are merged in {lines}, {beneath}: the first alone holds what is"
                " written there, the others are blank. Write it into each cell it is meant for.",
            )
    return None


def _decimal(place: Place) -> str | None:
    cells = _numbers(place)
    if any(CERTAIN_COMMA.fullmatch(cell) for cell in cells):
        return None if any("." in cell for cell in cells) else ","
    return "." if any("." in cell for cell in cells) else None


def _mixed_signs(place: Place) -> Doubt | None:
    """Doubt `1.234` where other numbers of the file have a decimal comma: it may be a thousand."""
    cells = _numbers(place)
    comma = next((cell for cell in cells if CERTAIN_COMMA.fullmatch(cell)), None)
    point = next((cell for cell in cells if PERHAPS_THOUSANDS.fullmatch(cell)), None)
    if comma is None or point is None:
        return None
    return Doubt(
        about="decimal sign",
        sentence=f"“{comma}” has a decimal comma, so “{point}” may be over a thousand; it is read as"
        " a small number. Say which sign stands before the decimals.",
    )


def _numbers(place: Place) -> list[str]:
    cells = (cell.strip() for _, row in place.body[:LOOKED_AT] for cell in row)
    return [cell for cell in cells if NUMBER.fullmatch(cell)]


def _around(place: Place) -> list[Line]:
    cases = place.body[:CASES_SHOWN]
    if len(place.body) > CASES_SHOWN:
        cases = [*cases, place.body[-1]]
    return [
        *(_line(one, "above") for one in place.above[:ABOVE_SHOWN]),
        _line(place.header, "header"),
        *([_line(place.units, "units")] if place.units else []),
        *(_line(one, "case") for one in cases),
        *(_line(one, "below") for one in place.below[:BELOW_SHOWN]),
    ]


def _line(numbered: Numbered, role: Role) -> Line:
    number, row = numbered
    cells = tuple(_short(cell) for cell in row[:CELLS_SHOWN])
    return Line(number=number, role=role, cells=cells)


def _short(cell: str) -> str:
    return cell if len(cell) <= LONGEST_SHOWN else cell[: LONGEST_SHOWN - 1] + "…"
