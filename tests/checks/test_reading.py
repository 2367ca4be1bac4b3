"""Files become tables of text, or one sentence that says why not."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from capsule_flows import reading
from capsule_flows.cells_as_text import as_text
from capsule_flows.dialects import choose_delimiter
from capsule_flows.file_kinds import NoTableError
from capsule_flows.reading import Table, Unreadable, read_table
from capsule_flows.reading_child import read
from capsule_flows.reading_rows import place_in, read_text, split_header

MESSY = Path(__file__).parents[2] / ".." / "shared" / "data" / "messy"
SPECTRUM = MESSY / "csv-spectrum"
SHEETS = MESSY / "readxl" / "tests" / "testthat" / "sheets"

needs_messy = pytest.mark.skipif(
    not MESSY.is_dir(), reason="the shared files of ../shared/data/messy are not beside the project"
)


def table_of(path: Path) -> Table:
    """Read a file that must be readable."""
    table = read_table(path)
    assert isinstance(table, Table), table
    return table


def reason_of(path: Path) -> str:
    """Read a file that must be refused."""
    refused = read_table(path)
    assert isinstance(refused, Unreadable), refused
    return refused.sentence


def refused_here(path: Path, name: str) -> str:
    """Read a file that must be refused in this process, which takes a hundredth of the time."""
    with pytest.raises(NoTableError) as reason:
        read(path, name)
    return str(reason.value)


def parsed(content: bytes) -> tuple[list[str], list[list[str]], str]:
    """Read a text table in this process: header, rows, how."""
    grid = read_text(content, "t.csv")
    header, _, rows = split_header(place_in(grid, "t.csv"), "t.csv")
    return header, rows, grid.how


def test_a_text_table_is_read_with_lines_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes(b' id ;size\n\nA;1,5\n;\n"B\nb";\n')

    table = table_of(path)

    assert table.cells.to_dict("list") == {"id": ["A", "B\nb"], "size": ["1,5", ""]}
    assert (table.first_line, table.skipped, table.lines) == (3, (4,), (3, 5))
    assert table.how == "read as text, separated by semicolons, encoding UTF-8"


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n", ";"),
        ("a\tb\n1,5\t2\n", "\t"),
        ("a|b\nx,y|z\n", "|"),
        ('id,smiles\n1,"C;C;C"\n2,C|C\n', ","),
        ("one\n1\n2\n", ","),
        ("Ward 7;spring\nprinted\n\nid;x;y\nA;1,5;2,5\nB;1,5;2,5;\nC;3,5;4,5\n", ";"),
    ],
)
def test_the_delimiter_is_the_one_that_splits_rows_as_it_splits_the_header(
    text: str, delimiter: str
) -> None:
    assert choose_delimiter(text) == delimiter


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("é,b\n1,2\n".encode(), "UTF-8"),
        ("é,b\n1,2\n".encode("utf-8-sig"), "UTF-8"),
        ("é,b\n1,2\n".encode("utf-16"), "UTF-16"),
        ("Müller,b\n1,größer\n".encode("cp1252"), "Windows, Western Europe (a guess)"),
    ],
)
def test_the_encoding_is_found_and_said(content: bytes, said: str) -> None:
    header, _, how = parsed(content)

    assert header in (["é", "b"], ["Müller", "b"])
    assert how.endswith(f"encoding {said}")


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\n , \n", "is empty"),
        ("a.csv", b"id,x\n", "no row under it"),
        ("a.csv", b"id,id\n1,2\n", "names “id” twice"),
        ("a.csv", b"id,\n1,2\n", "column 2 has no name"),
        ("a.csv", b"id,x\n1,2,3\n", "line 2 has more cells"),
        ("a.csv", b'id,x\n1,2\n2,"open\n3,4\n', "in line 3 a quotation mark"),
        ("a.csv", b"PAR1 and more", "ending .parquet"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0", "it is not text"),
        ("a.xlsx", b"id,x\n1,2\n", "it is a text table"),
        ("a.xlsx", b"PK\x03\x04 broken", "a damaged archive"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0 ole", "ending .xls"),
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "encrypted with a password. Open it",
        ),
        ("a.parquet", b"PARE secret PARE", "without encryption"),
        ("a.parquet", b"PAR1 cut", "damaged"),
        ("a.xls", b"\xd0\xcf\x11\xe0 ole", "damaged"),
        ("a.pdf", b"%PDF", "none of the tables"),
        ("a.parquet.encrypted", b"PARE secret PARE", "is an encrypted Parquet file. Decrypt it"),
        ("a.csv.gpg", b"\x85\x01", "is an encrypted file, by its name. Decrypt it"),
        ("a.7z", b"7z\xbc\xaf", "is an archive. Unpack it"),
    ],
)
def test_what_is_no_table_is_refused_with_its_name_and_a_mend(
    tmp_path: Path, name: str, content: bytes, part: str
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)

    sentence = refused_here(path, name)

    assert sentence.startswith(name)
    assert part in sentence


def test_a_refusal_comes_back_from_the_process_that_reads(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"id,x\n")

    refused = read_table(path, filename="hers.csv")

    assert isinstance(refused, Unreadable)
    assert refused.sentence.startswith("hers.csv has a header and no row under it")
    assert refused.seen is not None
    assert refused.seen.lines[0].cells == ("id", "x")


def test_an_archive_that_unpacks_to_more_than_a_gigabyte_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "x")
    # The directory alone is looked at: its entry claims two gigabytes.
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (2 * 1024**3).to_bytes(4, "little")
    path.write_bytes(content)

    assert "more than 1 GB" in refused_here(path, path.name)


@pytest.mark.parametrize(
    ("limit", "value"), [("MEMORY_BYTES", 60 * 1024**2), ("WALL_SECONDS", 0.01)]
)
def test_a_reader_that_meets_its_limits_gives_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: float
) -> None:
    path = tmp_path / "large.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 1_000_000)
    monkeypatch.setattr(reading, limit, value)

    assert "more memory or time" in reason_of(path)


def test_excel_cells_become_what_a_person_would_write(tmp_path: Path) -> None:
    path = tmp_path / "cases.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("mine")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, ["n", "f", "b", "d", "t"])
    sheet.write_row(1, 0, [3, 0.1, True])
    sheet.write_datetime(1, 3, pd.Timestamp("2026-01-31").to_pydatetime(), day)
    sheet.write_string(1, 4, "=1+1")
    book.add_worksheet("other")  # blank, so nothing is asked
    book.close()

    table = table_of(path)

    assert table.cells.iloc[0].tolist() == ["3", "0.1", "TRUE", "2026-01-31", "=1+1"]
    assert table.how == "read as an Excel workbook (.xlsx), sheet “mine”"


def test_parquet_cells_become_text_and_nulls_blank(tmp_path: Path) -> None:
    path = tmp_path / "cases.parquet"
    frame = pd.DataFrame({"n": [1.0, None], "s": ["NA", ""], "b": [True, False]})
    frame["d"] = pd.to_datetime(["2026-01-31", "2026-01-31T10:30:00"], format="ISO8601")
    frame.to_parquet(path)

    table = table_of(path)

    assert table.cells.to_numpy().tolist() == [
        ["1", "NA", "TRUE", "2026-01-31"],
        ["", "", "FALSE", "2026-01-31T10:30:00"],
    ]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_as_text_is_the_same_number(value: float) -> None:
    assert float(as_text(value)) == value


CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6), st.sampled_from(",;\t|"))
def test_any_cells_come_back_from_a_quoted_text_table(
    cells: list[tuple[str, str]], delimiter: str
) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("id", "a", "b"), *(("x", *pair) for pair in cells)])

    _, rows, _ = parsed(buffer.getvalue().encode())

    assert rows == [["x", *pair] for pair in cells]


@needs_messy
@pytest.mark.parametrize("path", sorted(SPECTRUM.glob("csvs/*.csv")), ids=lambda p: p.stem)
def test_csv_spectrum_is_read_exactly(path: Path) -> None:
    expected = json.loads((SPECTRUM / "json" / f"{path.stem}.json").read_text(encoding="utf-8"))

    header, rows, _ = parsed(path.read_bytes())

    assert [dict(zip(header, row, strict=True)) for row in rows] == expected


@needs_messy
@pytest.mark.parametrize(
    ("name", "line", "first"),
    [
        ("iris-google-doc", 2, ["5.1", "3.5", "1.4", "0.2", "setosa"]),
        ("vietnamese-utf8", 2, ["BÙN SÉT"]),
        ("missing-values-xlsx", 2, ["NA"]),
        ("geometry", 4, ["aa", "bb", "cc"]),
        ("dates-leap-year-1900-xlsx", 2, ["1900-01-01T08:00:00", "1900-01-01 08:00:00", "TRUE"]),
    ],
)
def test_workbooks_of_many_programs_are_read(name: str, line: int, first: list[str]) -> None:
    found = read(SHEETS / f"{name}.xlsx", name + ".xlsx")

    assert found.lines[0] == line
    assert [cells[0].as_py() for cells in found.cells][: len(first)] == first


@needs_messy
@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("unnamed-duplicated-columns", "names “var2” twice"),
        ("inlineStr", "column 3 is blank from top to bottom"),
        ("empty-sheets", "no row under it"),
    ],
)
def test_workbooks_that_are_no_table_are_refused(name: str, part: str) -> None:
    assert part in refused_here(SHEETS / f"{name}.xlsx", f"{name}.xlsx")


@needs_messy
def test_four_kilobytes_that_ask_for_a_gigabyte_are_refused_before_they_are_unpacked() -> None:
    path = MESSY / "parquet-testing" / "data" / "large_string_map.brotli.parquet"

    assert "lists or records" in reason_of(path)


def test_a_workbook_of_two_cells_far_apart_ends_the_reading_and_nothing_else(
    tmp_path: Path,
) -> None:
    """A few kilobytes that make the spreadsheet reader ask for all cells between them, and abort."""
    path = tmp_path / "far.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "id")
    sheet.write(1_048_575, 16_383, "x")
    book.close()

    assert path.stat().st_size < 8_000
    assert "asks for more memory or time" in reason_of(path)
