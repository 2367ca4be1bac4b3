"""A file full of odd text is read to that text, and comes back marked with nothing that a spreadsheet obeys."""

import csv
import zipfile
from pathlib import Path

import pytest

from capsule_flows.checking import check
from capsule_flows.fitting import Fitting
from capsule_flows.marking import marked
from capsule_flows.reading import Table, read_table
from hostile import HOSTILE

from .contracts import CONTRACT, GOOD

pytestmark = pytest.mark.usefixtures("read_here")


def test_odd_headers_and_cells_are_read_as_they_stand_and_come_back_the_same(
    tmp_path: Path,
) -> None:
    # A reader cuts blanks off, and a header holds no line's end.
    texts = [text for text in HOSTILE if text == text.strip() and "\r" not in text]
    headers = [f"h {number} {text}"[:200] for number, text in enumerate(texts) if "\n" not in text]
    rows = [[text] * len(headers) for text in texts]
    file = tmp_path / "odd.csv"
    with file.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows([headers, *rows])

    read = read_table(file)

    assert isinstance(read, Table), read
    assert list(read.columns) == headers
    assert [list(row) for row in read.cells.itertuples(index=False)] == rows

    back = tmp_path / "marked.xlsx"
    back.write_bytes(marked(read, Fitting(), check(read, CONTRACT)))
    sheet = zipfile.ZipFile(back).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"<hyperlink" not in sheet
    again = read_table(back)
    assert isinstance(again, Table), again
    assert [list(row) for row in again.cells.itertuples(index=False)] == rows


def test_odd_cells_in_the_contracts_columns_are_findings_with_that_text(tmp_path: Path) -> None:
    texts = [text for text in HOSTILE if text == text.strip() and "\n" not in text]
    names = list(GOOD)
    file = tmp_path / "odd.csv"
    with file.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows([names, *([text] * len(names) for text in texts)])
    read = read_table(file)
    assert isinstance(read, Table), read
    report = check(read, CONTRACT)
    assert not report.accepted
    found = {one.found for one in report.findings if one.column == "radius"}
    assert "<script>alert('obeyed')</script>" in found
