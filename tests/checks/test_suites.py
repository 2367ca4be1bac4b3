"""What Great Expectations was seen to do wrong is kept out: types, order, threads, JSON, and its slow import."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from capsule_flows.checking import check
from capsule_flows.reading import Table
from capsule_flows.suites import suite_of

from .contracts import CONTRACT, SAYS_RADIUS, table

# Great Expectations still imports the deprecated sre_constants.
pytestmark = pytest.mark.filterwarnings("ignore:module 'sre_:DeprecationWarning")

IMPORTED = (
    "import sys, capsule_flows.drafting, capsule_flows.receiving, capsule_flows.templates;"
    " sys.exit('great_expectations' in sys.modules)"
)


def test_a_column_of_text_where_numbers_belong_is_refused_by_row_and_not_by_an_error() -> None:
    report = check(table(radius=["wide", "41", "12"]), CONTRACT)

    assert [(one.mistake, one.rows) for one in report.findings] == [
        ("kind", (2,)),
        ("bounds", (3,)),
    ]


def test_a_suite_goes_to_json_and_back_with_the_authors_sentence() -> None:
    from great_expectations import ExpectationSuite

    suite = suite_of(CONTRACT)
    again = ExpectationSuite(**suite.to_json_dict())

    said = {
        (one.meta["column"], one.meta["mistake"]): one.meta["says"] for one in again.expectations
    }
    assert len(again.expectations) == len(suite.expectations) == len(said)
    assert said["radius", "bounds"] == SAYS_RADIUS


def test_tables_checked_at_once_in_threads_are_each_told_their_own() -> None:
    tables = [table(radius=[str(40 + place), "9", "12"]) for place in range(8)]
    with ThreadPoolExecutor(8) as pool:
        reports = list(pool.map(lambda one: check(one, CONTRACT), tables))

    found = [[one.found for one in report.findings] for report in reports]
    assert found == [[], *([str(41 + place)] for place in range(7))]


def test_nothing_that_a_page_imports_brings_great_expectations_along() -> None:
    assert subprocess.run([sys.executable, "-c", IMPORTED], check=False).returncode == 0


def test_columns_alike_are_told_the_same_at_once_as_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sample, radius = CONTRACT.columns[:2]
    genes = [f"G{place}" for place in range(12)]
    alike = tuple(radius.model_copy(update={"name": name}) for name in genes)
    contract = CONTRACT.model_copy(update={"columns": (sample, *alike)})
    cells = {"sample": ["a", "b", "b"], **{name: ["4", "1", "2"] for name in genes}}
    cells |= {"G3": ["-1", "x", "77"], "G5": ["", "3", ""], "G11": ["9", "9", "100.5"]}
    del cells["G7"]
    written = pd.DataFrame({**cells, "diagnosis": ["benign"] * 3}).astype("str")
    given = Table(cells=written, first_line=2, how="written by a test")

    at_once = check(given, contract)
    monkeypatch.setattr("capsule_flows.checking.BLOCK_CELLS", 1)
    one_by_one = check(given, contract)

    assert at_once.findings == one_by_one.findings
    assert at_once.marks == one_by_one.marks
    told = {(one.column, one.mistake, one.rows) for one in at_once.findings if one.column in genes}
    assert told >= {
        ("G3", "kind", (3,)),
        ("G5", "missing", (2, 4)),
        ("G7", "no column", ()),
        ("G11", "bounds", (4,)),
    }
