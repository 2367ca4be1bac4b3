"""The table is told from what stands around it, and what was left out is said."""

from pathlib import Path

import pytest

from capsule_flows.reading import Table, Unreadable, read_table

from .test_reading import MESSY, SHEETS, needs_messy, reason_of, table_of

pytestmark = pytest.mark.usefixtures("read_here")


def read(tmp_path: Path, text: str) -> Table:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    return table_of(path)


ABOVE = "Results of the spring series\nprinted 2026-03-01\n\n"
TABLE = "id,glucose,age\nA,5.1,40\nB,6.2,51\n"


def test_lines_above_the_header_are_left_out_and_said(tmp_path: Path) -> None:
    table = read(tmp_path, ABOVE + TABLE)

    assert list(table.columns) == ["id", "glucose", "age"]
    assert table.lines == (5, 6)
    assert table.how.endswith("2 lines above the header left out")


def test_a_row_of_units_goes_into_the_headers_and_is_said(tmp_path: Path) -> None:
    table = read(tmp_path, "id,glucose,age\n,mg/dL,years\nA,92,40\nB,95,51\n")

    assert list(table.columns) == ["id", "glucose (mg/dL)", "age (years)"]
    assert table.lines == (3, 4)
    assert "line 2 taken for the columns' units" in table.how


def test_notes_below_the_table_are_left_out_and_said(tmp_path: Path) -> None:
    table = read(tmp_path, TABLE + "\n* fasting\nSource: the ward\n")

    assert table.cells["id"].tolist() == ["A", "B"]
    assert table.how.endswith("2 lines below the table left out")


@pytest.mark.parametrize(
    "text",
    [
        TABLE,
        "id,glucose,age\nA,high,40\nB,6.2,51\n",
        "id,note,age\nA,g,40\nB,mg,51\n",
        "id,glucose,age\nA,5.1,40\nB,,\n",
        "a,b\nx,\ny,1\n",
        "id\nA\nB\n",
    ],
)
def test_what_may_be_a_row_stays_a_row(tmp_path: Path, text: str) -> None:
    table = read(tmp_path, text)

    assert len(table) == len(text.strip().splitlines()) - 1
    assert "left out" not in table.how
    assert "units" not in table.how


def test_two_tables_below_each_other_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(TABLE + "\n" + TABLE, encoding="utf-8")

    assert "line 5 repeats the header" in reason_of(path)


PAIRED = sorted(path for path in SHEETS.glob("*.xls") if path.with_suffix(".xlsx").is_file())


@needs_messy
@pytest.mark.parametrize("old", PAIRED, ids=lambda path: path.stem)
def test_an_old_workbook_gives_what_its_new_twin_gives(old: Path) -> None:
    was, now = read_table(old), read_table(old.with_suffix(".xlsx"))

    if isinstance(now, Unreadable) or isinstance(was, Unreadable):
        assert isinstance(was, Unreadable)
        assert isinstance(now, Unreadable)
    else:
        assert was.lines == now.lines
        assert was.cells.to_dict("list") == now.cells.to_dict("list")


@needs_messy
def test_letters_of_two_bytes_in_an_old_workbook_are_read() -> None:
    assert list(table_of(SHEETS / "mtcars.xls").columns)[:3] == ["mpg", "cyl", "disp"]


@needs_messy
@pytest.mark.parametrize("kind", ["xls", "xlsx"])
def test_a_workbook_with_words_around_its_table_is_read(kind: str) -> None:
    table = table_of(MESSY / "readxl" / "inst" / "extdata" / f"deaths.{kind}")

    assert list(table.columns)[:3] == ["Name", "Profession", "Age"]
    assert table.lines[0] == 6
    assert table.cells["Name"].iat[9] == "George Michael"
    assert "4 lines above the header left out" in table.how
    # Its notes below follow without a gap, so they may be rows: the check names them.
    assert table.cells["Profession"].iat[11] == "also like to write stuff"
