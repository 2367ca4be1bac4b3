"""The process that opens an expert's file: it limits itself, reads, and leaves a table of text."""

import csv
import datetime
import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
SAMPLE_ROWS = 500
LARGEST_CELL = 10_000_000
LARGEST_UNPACKED = 1024**3
EXCEL, PARQUET, TEXT = "an Excel workbook (.xlsx)", "a Parquet file", "a text table"
FORMATS = {
    ".csv": TEXT,
    ".tsv": TEXT,
    ".tab": TEXT,
    ".txt": TEXT,
    ".xlsx": EXCEL,
    ".parquet": PARQUET,
}
LONGEST_WHOLE = 1e15


class NoTableError(Exception):
    """The file is no table we can read; the sentence says why and what to do."""


@dataclass(frozen=True)
class Grid:
    """Rows of text as they stand in the file, header not yet told from data."""

    rows: list[list[str]]
    """Every row, blank ones included, so that positions are lines."""
    offset: int
    """The line of the first row."""
    how: str


def main(path: Path, name: str, folder: Path) -> None:
    """Read `path`, known to the expert as `name`, and leave the table or the reason in `folder`."""
    try:
        grid = read_grid(path, name)
        header, lines, rows = split_header(grid, name)
        _write_table(folder / "table.arrow", header, rows)
        blank = set(range(lines[0], lines[-1] + 1)).difference(lines)
        said: dict[str, object] = {
            "how": grid.how,
            "first_line": lines[0],
            "skipped": sorted(blank),
        }
    except NoTableError as reason:
        said = {"unreadable": str(reason)}
    (folder / "summary.json").write_text(json.dumps(said), encoding="utf-8")


def read_grid(path: Path, name: str) -> Grid:
    """Return the file's rows by its format; the content must be what the name says."""
    suffix = Path(name).suffix.lower()
    named = FORMATS.get(suffix)
    if path.stat().st_size == 0:
        raise NoTableError(f"{name} is empty. Save the table again and bring that file.")
    if suffix in (".xls", ".ods"):
        raise NoTableError(f"{name} is not in a format that can be read. Save it as .xlsx.")
    if named is None:
        raise NoTableError(
            f"{name} is none of the tables that can be read."
            " Save it as CSV, TSV, XLSX or Parquet, with the matching ending."
        )
    found = content_of(path)
    if found != named:
        raise NoTableError(_disguised(name, named, found))
    if named == EXCEL:
        return _read_excel(path, name)
    if named == PARQUET:
        return _read_parquet(path, name)
    return read_text(path.read_bytes(), name)


def content_of(path: Path) -> str:
    """Say what a file's first bytes show it to be."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(b"PAR1"):
        return PARQUET
    if start.startswith(b"PARE"):
        return "an encrypted Parquet file"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return "an old or password-protected Office file"
    if start.startswith(b"PK\x03\x04"):
        return _kind_of_archive(path)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return TEXT
    return "not text" if b"\0" in start else TEXT


def _kind_of_archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return "a damaged archive"
    if sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        return "an archive that unpacks to more than 1 GB"
    # Some programs write the names inside with backslashes, or with a slash in front.
    inside = (entry.filename.replace("\\", "/").lstrip("/") for entry in entries)
    return EXCEL if any(file.startswith("xl/") for file in inside) else "a ZIP archive"


def _disguised(name: str, named: str, found: str) -> str:
    if "password" in found:
        mend = "Open it in Excel and save it as .xlsx without a password."
    elif "encrypted" in found:
        mend = "Bring it without encryption."
    elif found in FORMATS.values():
        endings = [ending for ending, kind in FORMATS.items() if kind == found]
        mend = f"Give it the ending {endings[0]}, or save it again as its name says."
    else:
        mend = "Open it where it was made and save it again as CSV or XLSX."
    return f"{name} should be {named} by its name, but it is {found}. {mend}"


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
        raise NoTableError(_disguised(name, TEXT, "not text"))
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


def _read_excel(path: Path, name: str) -> Grid:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(path) as book:
            others = len(book.sheet_names) - 1
            sheet = book.get_sheet_by_index(0)
            start = sheet.start or (0, 0)
            rows = [[as_text(cell) for cell in row] for row in sheet.to_python()]
    except BaseException as cause:
        # A panic in the Rust reader is a BaseException of a type that cannot be imported.
        panicked = type(cause).__name__ == "PanicException"
        if not panicked and not isinstance(
            cause, CalamineError | OSError | ValueError | IndexError
        ):
            raise
        raise NoTableError(
            f"{name} is damaged and cannot be opened as an Excel workbook ({cause})."
            " Open it in Excel and save it again."
        ) from None
    how = f"read as an Excel workbook, sheet “{sheet.name}”"
    return Grid(rows, start[0] + 1, how + (f" alone, of {others + 1}" if others > 0 else ""))


def _read_parquet(path: Path, name: str) -> Grid:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        nested = next((f.name for f in file.schema_arrow if pa.types.is_nested(f.type)), None)
        if nested is not None:
            raise NoTableError(
                f"{name}: the column {nested} holds lists or records, not single values."
                " Bring a table with one value in each cell."
            )
        table = file.read(use_threads=False)
        columns = [[as_text(cell) for cell in column.to_pylist()] for column in table.columns]
    except (pa.ArrowException, OSError, ValueError) as cause:
        if isinstance(cause, MemoryError):
            raise
        reason = str(cause).splitlines()[0].rstrip(".")
        raise NoTableError(
            f"{name} is damaged, encrypted or unlike any Parquet file that can be read"
            f" ({reason}). Write it again, or bring the table as CSV."
        ) from None
    rows = [list(table.column_names), *map(list, zip(*columns, strict=True))]
    return Grid(rows, 1, "read as a Parquet file; the header counts as line 1")


def as_text(value: object) -> str:
    """Return a cell's value as a person would write it: the shortest exact number, ISO dates."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            whole = value.is_integer() and abs(value) < LONGEST_WHOLE
            return str(int(value)) if whole else repr(value)
        case datetime.datetime() if value.time() == datetime.time() and value.tzinfo is None:
            return value.date().isoformat()
        case datetime.date() | datetime.time():
            return value.isoformat()
        case bytes():
            return value.decode("utf-8")
        case int() | Decimal():
            return str(value)
        case _:
            return str(value)


def split_header(grid: Grid, name: str) -> tuple[list[str], list[int], list[list[str]]]:
    """Return the header, and of each row that is not blank its line and its cells."""
    filled = [(grid.offset + i, row) for i, row in enumerate(grid.rows) if _has_text(row)]
    if not filled:
        raise NoTableError(f"{name} is empty. Save the table again and bring that file.")
    line, first = filled[0]
    header = [cell.strip() for cell in first]
    width = max((i + 1 for _, row in filled for i, c in enumerate(row) if c.strip()), default=0)
    header = header[:width]
    _refuse_header(header, line, name)
    if len(filled) == 1:
        raise NoTableError(f"{name} has a header and no row under it. Add at least one case.")
    wide = next((where for where, row in filled if _has_text(row[len(header) :])), None)
    if wide is not None:
        raise NoTableError(
            f"{name}: line {wide} has more cells than the header in line {line} has names."
            " Put quotation marks around a cell that holds the separator, or name every column."
        )
    kept = [i for i, title in enumerate(header) if title]
    rows = [[row[i] if i < len(row) else "" for i in kept] for _, row in filled[1:]]
    return [header[i] for i in kept], [where for where, _ in filled[1:]], rows


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


def _write_table(path: Path, header: list[str], rows: list[list[str]]) -> None:
    import pyarrow as pa
    from pyarrow import feather

    columns = [pa.array(column, type=pa.large_string()) for column in zip(*rows, strict=True)]
    feather.write_feather(pa.table(columns, names=header), path, compression="uncompressed")


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
