"""What may have been read wrongly is said and keeps the table from being used, until a person decides."""

from pathlib import Path

import pytest
import xlsxwriter

from capsule_flows.cells_as_text import column_as_text
from capsule_flows.checking import check
from capsule_flows.file_kinds import NoTableError
from capsule_flows.fitting import Fitting
from capsule_flows.reading import Table
from capsule_flows.reading_child import Found, read
from capsule_flows.reading_choices import ReadAs

from .contracts import CONTRACT, GOOD


def found(tmp_path: Path, content: str | bytes, **chosen: object) -> Found:
    """Read a text table in this process."""
    path = tmp_path / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(path, "t.csv", ReadAs.model_validate(chosen))


def rows(one: Found) -> list[tuple[str, ...]]:
    return list(zip(*(column_as_text(cells).to_pylist() for cells in one.cells), strict=True))


def about(one: Found) -> list[str]:
    return [doubt.about for doubt in one.seen.doubts]


TWICE = "id,x,y\nA,1,2\nB,3,4\n\nid2,x2,y2\nC,5,6\nD,7,8\n"


@pytest.mark.parametrize(
    ("content", "doubted", "part"),
    [
        ("id,x,y\nA,1,2\nB,3\n", "separators", "line 3 has 2"),
        ("id,x,y\nA,,1,\nB,3,4\n", "separators", "line 2 has 4"),
        ('id,x,y\nA"one, two",1\nB,2,3\n', "quotation marks", "A separator may be missing"),
        ("A,1,2\nB,3,4\n", "header", "“1” in it looks like a value"),
        ("2026-01-31,A\n2026-02-01,B\n", "header", "say that there is no header"),
        (",Blood,,Urine\nid,Na,K,Na2\nA,1,2,3\n", "two-line header", "“Blood” and “Urine”"),
        (TWICE, "second table", "your table ends in line 3"),
        ("id;x;y\nA;1,5;1.234\n", "decimal sign", "“1.234” may be over a thousand"),
        ("id,x\nMüller,1\n".encode("cp1252"), "letters", "“Müller”"),
        ("jméno,věk\nJiří,1\n".encode("cp1250"), "letters", "choose another encoding"),
    ],
)
def test_a_doubt_is_said_with_what_was_seen(
    tmp_path: Path, content: str | bytes, doubted: str, part: str
) -> None:
    one = found(tmp_path, content)

    assert about(one) == [doubted]
    assert part in one.seen.doubts[0].sentence
    assert about(found(tmp_path, content, sure=[doubted])) == []


@pytest.mark.parametrize(
    "content",
    [
        "id,x,y\nA,1,2\nB,,\n",
        'id,note\nA,"5"" pipe"\nB,12"\n',
        "year,2019,2020\nA,high,low\n",
        "Results,\n\nid,x,y\nA,1,2\n",
        "id,x,y\nA,1,2\n\nB,3,4\n",
        "id;x\nA;1,5\nB;1,234\n",
        "id,x\nMüller,1\n",
    ],
)
def test_what_is_plain_is_not_doubted(tmp_path: Path, content: str) -> None:
    assert about(found(tmp_path, content)) == []


def test_a_table_in_doubt_is_refused_until_she_says_that_she_looked(tmp_path: Path) -> None:
    lines = [",".join(GOOD), *(",".join(row) for row in zip(*GOOD.values(), strict=True))]
    content = "\n".join([*lines[:-1], lines[-1] + ","])
    one = found(tmp_path, content)
    table = Table(
        dict(zip(one.header, one.cells, strict=True)), first_line=2, how="", seen=one.seen
    )

    report = check(table, CONTRACT)

    assert not report.accepted
    assert [(f.mistake, f.severity) for f in report.findings] == [("reading in doubt", "refuse")]
    sure = found(tmp_path, content, sure=["separators"])
    assert check(Table(table.columns, 2, "", seen=sure.seen), CONTRACT).accepted


def test_what_she_chooses_is_how_it_is_read(tmp_path: Path) -> None:
    content = "one thing\nid x\n- mg\nA 1\nB 2\nthe end\n"

    one = found(tmp_path, content, delimiter=" ", header=2, units=3, last=5)

    assert one.header == ["id (-)", "x (mg)"]
    assert rows(one) == [("A", "1"), ("B", "2")]
    assert [line.role for line in one.seen.lines] == [
        "above",
        "header",
        "units",
        "case",
        "case",
        "below",
    ]


def test_a_file_without_a_header_has_its_columns_numbered(tmp_path: Path) -> None:
    one = found(tmp_path, "A,1\nB,2\n", header=0)

    assert one.header == ["Column 1", "Column 2"]
    assert rows(one) == [("A", "1"), ("B", "2")]
    assert one.lines == [1, 2]
    assert about(one) == []


def test_the_encoding_she_chooses_is_taken_or_refused(tmp_path: Path) -> None:
    content = "jméno,x\nJiří,1\n".encode("cp1250")

    assert found(tmp_path, content, encoding="cp1250").header == ["jméno", "x"]
    with pytest.raises(NoTableError, match="as UTF-8 has them"):
        found(tmp_path, content, encoding="utf-8")


def test_the_decimal_sign_she_chooses_decides_what_a_number_is(tmp_path: Path) -> None:
    cells = {**GOOD, "radius": ["1.234,5", "9,5", "12.500"], "cells": ["1.000", "28", "41"]}
    content = "\n".join(
        [";".join(cells), *(";".join(row) for row in zip(*cells.values(), strict=True))]
    )
    one = found(tmp_path, content, decimal=",")
    table = Table(dict(zip(one.header, one.cells, strict=True)), 2, "", seen=one.seen)

    report = check(table, CONTRACT, Fitting(read_as=ReadAs(decimal=",")))

    assert [(f.found, f.mistake) for f in report.findings] == [
        ("1.234,5", "bounds"),
        ("12.500", "bounds"),
    ]


def test_one_of_several_sheets_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    book = xlsxwriter.Workbook(path)
    for name in ("first", "hidden", "blank", "second"):
        sheet = book.add_worksheet(name)
        if name != "blank":
            sheet.write_column(0, 0, ["id", name])
        if name == "hidden":
            sheet.hide()
    book.close()

    one = read(path, "t.xlsx")

    assert one.seen.sheets == ("first", "second")
    assert about(one) == ["sheet"]
    assert rows(read(path, "t.xlsx", ReadAs(sheet="second"))) == [("second",)]
    assert about(read(path, "t.xlsx", ReadAs(sheet="first"))) == []
    with pytest.raises(NoTableError, match="no sheet “third”; it has “first”, “second”"):
        read(path, "t.xlsx", ReadAs(sheet="third"))


def test_a_first_sheet_that_is_no_table_does_not_stand_before_the_question(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("notes").write(1, 1, "taken in March")
    book.add_worksheet("cases").write_column(0, 0, ["id", "A"])
    book.close()

    with pytest.raises(NoTableError, match="t.xlsx: The file has 2 sheets: .*Choose the one"):
        read(path, "t.xlsx")
    with pytest.raises(NoTableError, match="no row under it"):
        read(path, "t.xlsx", ReadAs(sheet="notes"))


@pytest.mark.parametrize(
    ("area", "doubted"),
    [((0, 0, 0, 2), False), ((1, 1, 1, 2), True), ((3, 0, 4, 0), True)],
)
def test_merged_cells_are_said_but_for_a_title_over_all(
    tmp_path: Path, area: tuple[int, int, int, int], *, doubted: bool
) -> None:
    path = tmp_path / "t.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for at, row in enumerate((("id", "x", "y"), ("A", 1, 2), ("B", 3, 4), ("C", 5, 6))):
        sheet.write_row(at + 2, 0, row)
    sheet.merge_range(*area, "merged")
    book.close()

    assert ("merged cells" in about(read(path, "t.xlsx"))) is doubted
