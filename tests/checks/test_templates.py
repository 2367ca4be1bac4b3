"""The template can be filled and brought back."""

from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from capsule_flows.checking import check
from capsule_flows.reading import Table, read_table
from capsule_flows.templates import note_of, template_of
from capsule_kit.answers import ClassAnswer
from capsule_kit.columns import Column
from capsule_kit.contract import Contract

from .contracts import CONTRACT


# Great Expectations still imports the deprecated sre_constants.
@pytest.mark.filterwarnings("ignore:module 'sre_:DeprecationWarning")
def test_the_template_passes_the_contract_it_was_made_from(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    path.write_bytes(template_of(CONTRACT))

    table = read_table(path)

    assert isinstance(table, Table)
    assert check(table, CONTRACT).findings == ()


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
