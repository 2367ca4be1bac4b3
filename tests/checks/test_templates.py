"""The template can be filled and brought back."""

import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from capsule_flows.checking import check
from capsule_flows.reading import Table, read_table
from capsule_flows.templates import note_of, template_of
from capsule_kit.answers import ClassAnswer
from capsule_kit.columns import Column
from capsule_kit.contract import Contract

from .contracts import CONTRACT, SAYS_RADIUS, table

# Great Expectations still imports the deprecated sre_constants.
pytestmark = [
    pytest.mark.filterwarnings("ignore:module 'sre_:DeprecationWarning"),
    pytest.mark.usefixtures("read_here"),
]


MAIN = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def brought_back(tmp_path: Path, contract: Contract = CONTRACT) -> Table:
    """Return the template as it is read when it comes back unchanged."""
    path = tmp_path / "template.xlsx"
    path.write_bytes(template_of(contract))
    table = read_table(path)
    assert isinstance(table, Table)
    return table


def with_rows(table: Table, rows: pd.DataFrame) -> Table:
    """Return a template with rows beneath its example."""
    cells = pd.concat([table.cells, rows.set_axis(list(table.columns), axis=1)])
    return Table(cells.astype("str"), table.first_line, table.how)


def rules(content: bytes) -> dict[str, ElementTree.Element]:
    """Return what Excel lets into each column, by the column's letter."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    found = sheet.findall(".//s:dataValidation", MAIN)
    return {rule.attrib["sqref"][0]: rule for rule in found}


def limits(rule: ElementTree.Element) -> list[str | None]:
    return [rule.findtext(f"s:formula{place}", None, MAIN) for place in (1, 2)]


def test_the_template_brought_back_unchanged_holds_no_case_and_says_so(tmp_path: Path) -> None:
    report = check(brought_back(tmp_path), CONTRACT)

    assert not report.accepted
    assert [one.mistake for one in report.findings] == ["no rows", "example row"]


def test_rows_beneath_the_untouched_example_are_the_cases(tmp_path: Path) -> None:
    filled = with_rows(brought_back(tmp_path), table().cells)

    report = check(filled, CONTRACT)

    assert report.inputs is not None
    assert report.inputs["row"].tolist() == [3, 4, 5]
    assert [(one.mistake, one.row) for one in report.findings] == [("example row", 2)]


def test_an_example_that_was_written_over_is_a_case(tmp_path: Path) -> None:
    template = brought_back(tmp_path)
    cells = template.cells.assign(radius="15", sample="mine")

    report = check(Table(cells, template.first_line, template.how), CONTRACT)

    assert report.accepted
    assert report.findings == ()


def test_the_examples_values_further_down_are_a_case(tmp_path: Path) -> None:
    example = brought_back(tmp_path).cells

    report = check(with_rows(Table(table().cells, 2, ""), example), CONTRACT)

    assert report.inputs is not None
    assert report.inputs["row"].tolist() == [2, 3, 4, 5]


def test_bounds_and_choices_are_held_by_excel_itself_in_the_authors_words() -> None:
    rule = rules(template_of(CONTRACT))

    assert (rule["B"].get("type"), limits(rule["B"])) == ("decimal", ["1.0", "40.0"])
    assert rule["B"].get("error") == SAYS_RADIUS
    assert rule["C"].get("type") == "whole"
    assert limits(rule["D"]) == ['"H&E,Pap,Giemsa"', None]
    assert limits(rule["E"]) == ['"yes,no"', None]
    assert limits(rule["G"]) == ['"malignant,benign"', None]
    assert "mean radius of a nucleus" in rule["B"].attrib["prompt"]


def test_a_list_too_long_for_a_cells_rule_stands_on_a_sheet_nobody_sees(tmp_path: Path) -> None:
    genes = tuple(f"GENE{place}, variant" for place in range(100))
    many = Column(name="gene", kind="choice", choices=genes, meaning="m", example=genes[0])
    contract = Contract(columns=(many,), answer=CONTRACT.answer)

    rule = rules(template_of(contract))["A"]

    assert limits(rule) == ["lists!$A$1:$A$100", None]
    assert brought_back(tmp_path, contract).cells["gene"].tolist() == [genes[0]]


def test_a_header_that_starts_like_a_formula_stays_text(tmp_path: Path) -> None:
    odd = Column(name="=1+1", kind="text", meaning="m", example="=HYPERLINK(1)")
    answer = ClassAnswer(column="a", classes=("b", "c"), meaning="m")
    path = tmp_path / "template.xlsx"
    path.write_bytes(template_of(Contract(columns=(odd,), answer=answer)))

    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()

    assert rows == [["=1+1", "a"], ["=HYPERLINK(1)", "b"]]


def test_a_columns_note_says_meaning_unit_bounds_and_blanks() -> None:
    assert note_of(CONTRACT.columns[1]) == (
        "mean radius of a nucleus\nUnit: µm.\n"
        "Write a number from 1 to 40 µm, such as 14.1.\nMust not be blank."
    )


def test_the_same_contract_gives_the_same_bytes() -> None:
    assert template_of(CONTRACT) == template_of(CONTRACT)
