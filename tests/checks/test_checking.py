"""The contract's check: what is refused, what is warned of, and what comes out when all is well."""

import time

import numpy as np
import pandas as pd
import pytest

from capsule_flows.checking import Report, check, suite_of
from capsule_flows.findings import Finding
from capsule_flows.reading import Table
from capsule_kit.answers import NumberAnswer
from capsule_kit.columns import Column
from capsule_kit.contract import Contract

from .contracts import CONTRACT, SAYS_RADIUS, table, without

# Great Expectations still imports the deprecated sre_constants.
pytestmark = pytest.mark.filterwarnings("ignore:module 'sre_:DeprecationWarning")


def only(report: Report) -> Finding:
    """Return the report's single finding."""
    (one,) = report.findings
    return one


def test_a_good_table_is_accepted_without_findings_and_typed_in_the_contracts_order() -> None:
    report = check(table(), CONTRACT)

    assert report.accepted
    assert report.findings == ()
    assert report.inputs is not None
    assert {name: str(kind) for name, kind in report.inputs.dtypes.items()} == {
        "case_id": "str",
        "row": "int64",
        "sample": "str",
        "radius": "float64",
        "cells": "int64",
        "stain": "str",
        "frozen": "bool",
        "taken on": "datetime64[us]",
    }
    assert report.inputs["row"].tolist() == [2, 3, 4]
    assert report.inputs["stain"].tolist() == ["Pap", "Pap", "H&E"]


def test_the_answer_is_never_among_the_inputs() -> None:
    report = check(table(), CONTRACT)

    assert report.inputs is not None
    assert report.answers is not None
    assert "diagnosis" not in report.inputs.columns
    assert report.answers["answer"].tolist() == ["malignant", "benign", "benign"]
    assert report.answers["case_id"].tolist() == report.inputs["case_id"].tolist()


@pytest.mark.parametrize(
    ("column", "cells", "mistake", "found", "line"),
    [
        ("radius", ["14.1", "nan", "3"], "kind", "nan", 3),
        ("radius", ["14.1", "<LOD", "3"], "kind", "<LOD", 3),
        ("radius", ["14.1", "2", "41"], "bounds", "41", 4),
        ("radius", ["14.1", " ", "3"], "missing", None, 3),
        ("cells", ["1", "2.5", "3"], "kind", "2.5", 3),
        ("stain", ["Pap", "HE", "H&E"], "choices", "HE", 3),
        ("frozen", ["maybe", "no", "no"], "kind", "maybe", 2),
        ("taken_on", ["31.01.2026", "", ""], "kind", "31.01.2026", 2),
        ("taken_on", ["2026-02-30", "", ""], "kind", "2026-02-30", 2),
        ("sample", ["S-1", "", "S-3"], "missing", None, 3),
        ("diagnosis", ["benign", "bening", "benign"], "choices", "bening", 3),
    ],
)
def test_each_mistake_refuses_the_table_at_its_line(
    column: str, cells: list[str], mistake: str, found: str | None, line: int
) -> None:
    report = check(table(**{column: cells}), CONTRACT)

    one = only(report)
    assert (one.mistake, one.found, one.row) == (mistake, found, line)
    assert (one.column, one.severity, one.count) == (column.replace("_", " "), "refuse", 1)
    assert not report.accepted
    assert report.inputs is None
    assert report.answers is None


def test_the_authors_sentence_is_used_where_there_is_one() -> None:
    one = only(check(table(radius=["400", "5", "5"]), CONTRACT))

    assert one.sentence == SAYS_RADIUS


def test_the_default_sentence_names_what_is_allowed() -> None:
    one = only(check(table(stain=["HE", "Pap", "Pap"]), CONTRACT))

    assert one.sentence == "“HE” cannot stand in “stain”. Write H&E, Pap or Giemsa."


def test_the_same_mistake_with_the_same_value_is_one_finding() -> None:
    one = only(check(table(stain=["HE", "Pap", "HE"]), CONTRACT))

    assert (one.rows, one.count) == ((2, 4), 2)


def test_missing_cells_of_a_column_are_one_finding() -> None:
    one = only(check(table(cells=["", "4", ""]), CONTRACT))

    assert (one.mistake, one.rows, one.found) == ("missing", (2, 4), None)


def test_an_identifier_that_stands_twice_is_refused_at_both_lines() -> None:
    one = only(check(table(sample=["S-1", "S-2", "S-1"]), CONTRACT))

    assert (one.mistake, one.found, one.rows) == ("duplicate", "S-1", (2, 4))


@pytest.mark.parametrize("name", ["radius", "frozen", "diagnosis"])
def test_a_missing_column_is_one_finding_about_the_file(name: str) -> None:
    one = only(check(without(name), CONTRACT))

    assert (one.mistake, one.column, one.row, one.count) == ("no column", name, None, 0)
    assert one.severity == "refuse"


def test_an_extra_column_is_left_out_with_a_warning() -> None:
    report = check(table(patient=["Ann", "Bo", "Cy"]), CONTRACT)

    assert report.inputs is not None
    assert "patient" not in report.inputs.columns
    assert (only(report).mistake, only(report).severity) == ("extra column", "warn")


def test_a_blank_answer_is_a_warning_and_the_case_is_run_without_one() -> None:
    report = check(table(diagnosis=["malignant", "", "benign"]), CONTRACT)

    one = only(report)
    assert (one.mistake, one.severity, one.row) == ("no answer", "warn", 3)
    assert report.inputs is not None
    assert report.answers is not None
    assert (len(report.inputs), len(report.answers)) == (3, 2)


def test_a_number_answer_is_held_to_its_bounds() -> None:
    contract = Contract(
        columns=CONTRACT.columns[1:2],
        answer=NumberAnswer(
            column="mass", unit="g", tolerance=1, at_least=0, meaning="weighed", example=3
        ),
    )
    cells = pd.DataFrame({"radius": ["2", "3"], "mass": ["5,5", "-1"]}, dtype="str")

    one = only(check(Table(cells=cells, first_line=2, how=""), contract))

    assert (one.column, one.mistake, one.found) == ("mass", "bounds", "-1")


def test_optional_blanks_stay_missing_in_the_inputs() -> None:
    report = check(table(frozen=["", "no", "no"], taken_on=["", "", ""]), CONTRACT)

    assert report.inputs is not None
    assert report.inputs["frozen"].isna().tolist() == [True, False, False]
    assert str(report.inputs["frozen"].dtype) == "boolean"
    assert report.inputs["taken on"].isna().all()


def test_a_repeated_row_gets_its_own_id_and_a_warning() -> None:
    contract = Contract(columns=CONTRACT.columns[1:2], answer=CONTRACT.answer)
    cells = pd.DataFrame({"radius": ["2", "2.0", "3"], "diagnosis": ["benign"] * 3}, dtype="str")

    report = check(Table(cells=cells, first_line=2, how=""), contract)

    assert report.inputs is not None
    first, again, other = report.inputs["case_id"]
    assert again == f"{first}-2"
    assert first != other
    assert (only(report).mistake, only(report).rows) == ("repeated row", (3,))


def test_a_cases_id_depends_on_its_own_content_alone() -> None:
    alone = check(table(frozen=["yes", "no", "no"]), CONTRACT).inputs
    beside_a_blank = check(table(frozen=["yes", "", "no"]), CONTRACT).inputs

    assert alone is not None
    assert beside_a_blank is not None
    assert alone["case_id"][0] == beside_a_blank["case_id"][0]
    assert alone["case_id"][0] != "" and len(alone["case_id"][0]) == len("0123456789abcdef")


def test_lines_skip_the_blank_ones() -> None:
    good = table(radius=["14", "14", "99"])

    report = check(Table(cells=good.cells, first_line=4, how="", skipped=(5,)), CONTRACT)

    assert only(report).row == 7


def test_ten_thousand_rows_of_ten_columns_are_checked_in_two_seconds() -> None:
    size = 10_000
    columns = tuple(
        Column(
            name=f"x{i}", kind="number", unit="mm", at_least=0, at_most=1, meaning="", example="0"
        )
        for i in range(9)
    )
    rng = np.random.default_rng(7)
    cells = {column.name: [repr(x) for x in rng.random(size).tolist()] for column in columns}
    cells["diagnosis"] = ["benign"] * size
    large = Table(cells=pd.DataFrame(cells, dtype="str"), first_line=2, how="")
    contract = Contract(columns=columns, answer=CONTRACT.answer)

    suite_of(contract)  # imports Great Expectations, which is not what is measured

    start = time.process_time()
    report = check(large, contract)

    assert report.accepted
    assert time.process_time() - start < 2
