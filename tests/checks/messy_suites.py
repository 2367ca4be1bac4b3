"""Public suites of messy files, and ours: each file with the cells that were meant, and what became of it.

They lie in `../shared/data/messy` beside the project; a suite that is not there yields nothing.
"""

import csv
import datetime
import io
import json
import math
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree as ET

import pyarrow as pa
import xlsxwriter
from pyarrow import parquet

from capsule_flows.cells_as_text import column_as_text
from capsule_flows.file_kinds import NoTableError
from capsule_flows.reading import Unreadable, read_table
from capsule_flows.reading_child import LARGEST_CELL, Found, read

from .pollution import spoilt

MESSY = Path(__file__).parents[2] / ".." / "shared" / "data" / "messy"
HOSTILE = "large_string_map.brotli.parquet"
# It asks for a gigabyte; it holds days of the year 290000.
NO_CELLS = {HOSTILE, "int96_from_spark.parquet"}
# A valid file since Arrow mended its reader: a dictionary of one value.
READABLE = {"ARROW-GH-43605.parquet"}

Outcome = Literal["right", "right once confirmed", "asked", "refused", "wrong"]
Rows = Sequence[Sequence[object]]


@dataclass(frozen=True)
class Messy:
    """One file of a suite."""

    suite: str
    name: str
    path: Path
    meant: Rows | None
    """Header and rows; None where it must be refused, or nobody says what is in it."""
    refuse: bool = False
    """Whether nothing but a refusal is right."""


@dataclass(frozen=True)
class Became:
    """What became of one file."""

    file: Messy
    outcome: Outcome
    told: str
    """The sentence of a refusal or of a doubt, or the first row that differs."""


def became(file: Messy) -> Became:
    """Read one file and compare it with what was meant."""
    header, rows, doubts, refusal = _read(file)
    if refusal is not None:
        return Became(file, "refused", refusal)
    if file.refuse:
        return Became(file, "asked" if doubts else "wrong", doubts or "read, but it is broken")
    got = [header, *rows]
    differs = file.meant and next(
        (
            f"{one!r} for {other!r}"
            for one, other in zip_longest(got, file.meant, fillvalue=())
            if not _same_row(one, other)
        ),
        None,
    )
    if differs:
        return Became(file, "asked" if doubts else "wrong", doubts or differs)
    return Became(file, "right once confirmed" if doubts else "right", doubts)


def suites(scratch: Path) -> Iterator[Messy]:
    """Yield every file of every suite that is there; some are made in `scratch`."""
    yield from _spoilt(scratch)
    yield from _spectrum()
    yield from _naughty(scratch)
    yield from _parquet()
    yield from _workbooks()
    yield from _pollock()


def _read(file: Messy) -> tuple[list[str], list[tuple[str, ...]], str, str | None]:
    if file.path.name == HOSTILE:  # only in a process of its own
        table = read_table(file.path)
        assert isinstance(table, Unreadable), "it asks for a gigabyte"
        return [], [], "", table.sentence
    csv.field_size_limit(LARGEST_CELL)
    try:
        found = read(file.path, file.name)
    except NoTableError as reason:
        return [], [], "", str(reason)
    doubts = " ".join(doubt.sentence for doubt in found.seen.doubts)
    columns = [column_as_text(cells).to_pylist() for cells in found.cells]
    return found.header, list(zip(*columns, strict=True)), doubts, None


def _same_row(one: Sequence[object], other: Sequence[object]) -> bool:
    return len(one) == len(other) and all(map(_same, one, other))


def _same(text: object, meant: object) -> bool:
    """Say whether a cell's text says what a value is."""
    match meant:
        case None:
            return text == ""
        case str():
            return text == meant
        case bool():
            return text == ("TRUE" if meant else "FALSE")
        case bytes():
            return str(text).encode() == meant
        case float() if math.isnan(meant):
            return text in ("", "nan")
        case int():
            return _number(str(text)) == meant
        case float():
            number = _number(str(text))
            return number is not None and math.isclose(number, meant, rel_tol=1e-15)
        case datetime.datetime():
            return datetime.datetime.fromisoformat(str(text)) == meant
        case _:
            return text == str(meant)


def _number(text: str) -> float | int | None:
    try:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    except ValueError:
        return None


def _spoilt(scratch: Path) -> Iterator[Messy]:
    for place, one in enumerate(spoilt()):
        path = scratch / f"spoilt-{place}.csv"
        path.write_bytes(one.content)
        yield Messy("spoilt", f"{one.name}.csv", path, one.meant, refuse=one.meant is None)


def _spectrum() -> Iterator[Messy]:
    for path in sorted(MESSY.glob("csv-spectrum/csvs/*.csv")):
        told = path.parents[1] / "json" / f"{path.stem}.json"
        rows = json.loads(told.read_text(encoding="utf-8"))
        meant = [list(rows[0]), *(list(row.values()) for row in rows)]
        yield Messy("csv-spectrum", path.name, path, meant)


def _naughty(scratch: Path) -> Iterator[Messy]:
    """Every naughty string as a cell, in each kind of file that holds it."""
    file = MESSY / "blns" / "blns.json"
    if not file.is_file():
        return
    strings = json.loads(file.read_text(encoding="utf-8"))
    meant = [["id", "cell"], *([f"S-{at}", text] for at, text in enumerate(strings))]
    for name, write in (
        ("csv", _as_csv),
        ("tsv", _as_tsv),
        ("xlsx", _as_xlsx),
        ("parquet", _as_parquet),
    ):
        path = scratch / f"naughty.{name}"
        # The XML of a workbook cannot hold what is no character.
        rows = [row for row in meant if "\ufffe" not in row[1]] if name == "xlsx" else meant
        write(path, rows)
        yield Messy("blns", path.name, path, rows)


def _as_csv(path: Path, rows: list[list[str]], delimiter: str = ",") -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    path.write_bytes(buffer.getvalue().encode())


def _as_tsv(path: Path, rows: list[list[str]]) -> None:
    _as_csv(path, rows, "\t")


def _as_xlsx(path: Path, rows: list[list[str]]) -> None:
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    for at, row in enumerate(rows):
        for place, cell in enumerate(row):
            sheet.write_string(at, place, cell)
    book.close()


def _as_parquet(path: Path, rows: list[list[str]]) -> None:
    header, *cells = rows
    columns = [pa.array(column, pa.string()) for column in zip(*cells, strict=True)]
    parquet.write_table(pa.table(columns, names=header), path)


def _parquet() -> Iterator[Messy]:
    folder = MESSY / "parquet-testing"
    for path in sorted([*folder.glob("data/*.parquet*"), *folder.glob("bad_data/*.parquet")]):
        broken = path.parent.name == "bad_data" and path.name not in READABLE
        encrypted = path.suffix == ".encrypted"
        refuse = broken or encrypted or "corrupt-checksum" in path.name or path.name in NO_CELLS
        meant = None if refuse else _values(path)
        yield Messy("parquet-testing", path.name, path, meant, refuse=meant is None)


def _values(path: Path) -> Rows | None:
    """Return what Arrow says is in a file, by rows; None of records, which are no cells, and of no rows."""
    try:
        table = parquet.ParquetFile(path, coerce_int96_timestamp_unit="us").read()
    except (pa.ArrowException, OSError):
        return None
    if any(pa.types.is_nested(field.type) for field in table.schema):
        return None
    columns = [column.to_pylist() for column in table.columns]
    header = [name.strip() for name in table.column_names]
    rows = [row for row in zip(*columns, strict=True) if any(map(_says, row))]
    return [header, *rows] if rows else None


def _says(cell: object) -> bool:
    """Say whether a cell holds something; a row of none that does is blank."""
    return cell is not None and (not isinstance(cell, str | bytes) or bool(cell.strip()))


def _workbooks() -> Iterator[Messy]:
    for path in sorted((MESSY / "readxl").rglob("*.xls*")):
        new = path.with_name(path.name.replace("-xls.xls", "-xlsx.xlsx")).with_suffix(".xlsx")
        meant = _cells_of(new) if new.is_file() else None
        yield Messy("readxl", path.name, path, meant)


@cache
def _cells_of(path: Path) -> Rows | None:
    """Return the first filled sheet's table as its XML has it; None where it cannot be read."""
    try:
        found = read(path, path.name)
    except NoTableError:
        return None
    raw = _raw_cells(path)
    return None if raw is None else [found.header, *_as_stored(found, raw)]


def _as_stored(table: Found, raw: dict[int, list[object]]) -> Iterator[list[object]]:
    """Yield each row's cells as stored, a day where the reader has a day and the file a number."""
    columns = [column_as_text(cells).to_pylist() for cells in table.cells]
    for line, row in zip(table.lines, zip(*columns, strict=True), strict=True):
        stored = [cell for cell in raw[int(line)] if cell not in (None, "")]
        places = [at for at, cell in enumerate(row) if cell != ""]
        meant: list[object] = [None] * len(row)
        for at, value in zip(places, stored, strict=False):
            like_a_day = isinstance(value, float) and _number(str(row[at])) is None
            meant[at] = _day(value) if like_a_day else value  # type: ignore[arg-type]
        yield meant


def _day(serial: float) -> datetime.datetime:
    # Excel has a 29 February 1900 that never was.
    start = datetime.datetime(1899, 12, 30 if serial >= 60 else 31)
    return start + datetime.timedelta(seconds=round(serial * 86_400))


CHARACTER = re.compile("_x([0-9A-F]{4})_")
NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _raw_cells(path: Path) -> dict[int, list[object]] | None:
    """Return the stored values by line, of a workbook with one plain sheet; None of others."""
    with zipfile.ZipFile(path) as book:
        names = set(book.namelist())
        sheets = sorted(name for name in names if name.startswith("xl/worksheets/sheet"))
        if not sheets:
            return None
        strings: list[str] = []
        if "xl/sharedStrings.xml" in names:
            root = ET.fromstring(book.read("xl/sharedStrings.xml"))
            strings = [
                "".join(t.text or "" for t in si.iter(f"{NS}t")) for si in root.iter(f"{NS}si")
            ]
        root = ET.fromstring(book.read(sheets[0]))
    return {
        int(row.get("r", "0")): [_raw(cell, strings) for cell in row.iter(f"{NS}c")]
        for row in root.iter(f"{NS}row")
    }


def _raw(cell: ET.Element, strings: list[str]) -> Any:
    value, kind = cell.findtext(f"{NS}v"), cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(t.text or "" for t in cell.iter(f"{NS}t"))
    if value is None:
        return None
    if value is not None and kind == "s":
        return CHARACTER.sub(lambda found: chr(int(found[1], 16)), strings[int(value)])
    read: dict[str, Callable[[str], object]] = {
        "b": lambda text: text == "1",
        "n": float,
    }
    return read.get(kind, str)(value)


def _pollock() -> Iterator[Messy]:
    folder = MESSY / "pollock" / "polluted_files"
    for path in sorted(folder.glob("csv/*.csv")):
        clean = (folder / "clean" / path.name).read_text(encoding="utf-8")
        meant = list(csv.reader(io.StringIO(clean, newline="")))
        yield Messy("pollock", path.name, path, meant or None, refuse=not meant)


def all_outcomes() -> list[Became]:
    """Read every file of every suite."""
    with tempfile.TemporaryDirectory(prefix="messy-") as scratch:
        return [became(file) for file in suites(Path(scratch))]
