"""One table of ours, spoilt in the ways in which published CSV files are spoilt, beside the cells that were meant.

The ways are those that Vitagliano et al. found in open data (Pollock: a data loading benchmark,
PVLDB 16(8), 2023): of the whole file, and of one row in one place.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

Rows = list[list[str]]

HEADER = ["id", "name", "size", "grade", "remark"]
CASES: Rows = [
    ["S-1", "left, upper", "1.5", "low", 'so-called "cyst"'],
    ["S-2", "right", "2.25", "high", ""],
    ["S-3", "left, lower", "0.75", "low", "seen twice, by two"],
    ["S-4", "O'Neill's sign", "11.5", "low", ""],
    ["S-5", "right", "3.5", "high", "none"],
    ["S-6", "left", "4.75", "low", ""],
]
CLEAN: Rows = [HEADER, *CASES]


@dataclass(frozen=True)
class Spoilt:
    """One file."""

    name: str
    content: bytes
    meant: Rows | None
    """The header and the cases; None if there is no table in it."""


def spoilt() -> Iterator[Spoilt]:
    """Yield every file."""
    yield from _whole_files()
    yield from _rows()


def _text(rows: Rows, **options: object) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, **{"lineterminator": "\n", **options}).writerows(rows)  # type: ignore[arg-type]
    return buffer.getvalue()


def _whole_files() -> Iterator[Spoilt]:
    plain = _text(CLEAN)
    for sign in ",;\t| ":
        yield _file(f"delimiter {ord(sign):#x}", _text(CLEAN, delimiter=sign))
    yield _file("a space after commas", "".join(_spaced(row) for row in CLEAN))
    yield _file("all quoted", _text(CLEAN, quoting=csv.QUOTE_ALL))
    yield _file("single marks", _text(CLEAN, quotechar="'", quoting=csv.QUOTE_ALL))
    yield _file("backslashes", _text(CLEAN, escapechar="\\", doublequote=False))
    for end in ("\n", "\r\n", "\r"):
        yield _file(f"line ends {end.encode().hex()}", _text(CLEAN, lineterminator=end))
    yield _file("no last line end", plain.rstrip("\n"))
    yield _file("two last line ends", plain + "\n")
    yield _file("blank lines", plain.replace("\nS-3", "\n\n\nS-3"))
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        yield _file(encoding, plain, encoding=encoding)
    for encoding, name in (
        ("utf-8", "Åström"),
        ("cp1252", "Müller"),
        ("cp1250", "Dvořák"),
        ("cp1251", "Петров"),
        ("mac_roman", "Núñez"),
        ("cp932", "田中太郎"),
    ):
        rows = [HEADER, *([row[0], name, *row[2:]] for row in CASES)]
        yield Spoilt(f"letters {encoding}", _text(rows).encode(encoding), rows)
    yield from _headers(plain)
    yield from _several(plain)


def _headers(plain: str) -> Iterator[Spoilt]:
    cases = _text(CASES)
    yield Spoilt("no header", cases.encode(), CASES)
    yield Spoilt("header alone", _text([HEADER]).encode(), None)
    yield Spoilt("nothing", b"", None)
    yield Spoilt("blank", b"\n\n ,\n", None)
    yield Spoilt("one case", _text(CLEAN[:2]).encode(), CLEAN[:2])
    yield _file("one line above", "Results,,,,\n" + plain)
    yield _file("lines above", "Results\nof the ward\n\n" + plain)
    yield _file("words above", "Ward:,7\nDay:,2026-01-31\n" + plain)
    yield _file("notes below", plain + "\n* fasting\n")
    yield _file("header twice", _text([HEADER]) + plain)
    two = _text([["", "Case", "", "Result", ""]]) + plain
    yield _file("header of two lines", two)
    merged = [["", "Left", "", "Right", ""], ["id", "a", "b", "a", "b"], ["S", "1", "2", "3", "4"]]
    yield Spoilt("names in two lines", _text(merged).encode(), None)
    named = [*HEADER[:2], "size (cm)", *HEADER[3:]]
    units = _text([HEADER, ["", "", "cm", "", ""], *CASES]).encode()
    yield Spoilt("units", units, [named, *CASES])


def _several(plain: str) -> Iterator[Spoilt]:
    for gap in ("", "\n", "\n\n"):
        yield _file(f"two tables, gap {len(gap)}, same", plain + gap + plain)
        less = _text([["case", "size"], ["S-7", "1.5"], ["S-8", "2.5"]])
        yield _file(f"two tables, gap {len(gap)}, narrower", plain + gap + less)
        more = _text([[*HEADER, "more"], ["S-7", "a", "1.5", "low", "b", "c"]])
        yield _file(f"two tables, gap {len(gap)}, wider", plain + gap + more)
    names = ["code", "organ", "length", "stage", "note"]
    yield _file("two tables, other names", plain + "\n" + _text([names, *CASES]))
    beside = _text([[*row, "", *row[:2]] for row in CLEAN])
    yield _file("two tables side by side", beside)


def _rows() -> Iterator[Spoilt]:
    lines = [_text([row]) for row in CLEAN]
    for at, row in enumerate(CLEAN):
        other = _text([row], delimiter=";")
        yield _with(lines, at, other, f"row {at}, another separator")
        for place in range(len(HEADER)):
            cells = [_text([[cell, "x"]]).removesuffix(",x\n") for cell in row]
            told = f"row {at}, cell {place}"
            more = ",".join([*cells[:place], "", *cells[place:]]) + "\n"
            yield _with(lines, at, more, f"{told}, a separator more")
            quoted = ",".join([*cells[:place], '"' + cells[place], *cells[place + 1 :]]) + "\n"
            yield _with(lines, at, quoted, f"{told}, a quotation mark more")
            if place:
                joined = [*cells[: place - 1], cells[place - 1] + cells[place], *cells[place + 1 :]]
                yield _with(lines, at, ",".join(joined) + "\n", f"{told}, a separator less")


def _with(lines: list[str], at: int, line: str, name: str) -> Spoilt:
    return _file(name, "".join([*lines[:at], line, *lines[at + 1 :]]))


def _file(name: str, text: str, encoding: str = "utf-8") -> Spoilt:
    return Spoilt(name, text.encode(encoding), CLEAN)


def _spaced(row: list[str]) -> str:
    cells = [_text([[cell, "x"]]).removesuffix(",x\n") for cell in row]
    return ", ".join(cells) + "\n"
