"""One mistake in many rows is told once, with its count; her file comes back with the cells marked."""

from pathlib import Path

import pandas as pd
import pytest

from capsule_flows.checking import check
from capsule_flows.fitting import Fitting
from capsule_flows.grouping import grouped
from capsule_flows.marking import marked
from capsule_flows.reading import Table, read_table

from .contracts import CONTRACT, GOOD, SAYS_RADIUS

pytestmark = pytest.mark.usefixtures("read_here")


def many(rows: int, radius: list[str]) -> Table:
    cells = {name: [texts[0]] * rows for name, texts in GOOD.items()}
    cells |= {"sample": [f"S-{number}" for number in range(rows)], "radius": radius}
    return Table(pd.DataFrame(cells).astype("str"), first_line=2, how="by a test")


def test_one_mistake_in_four_thousand_rows_is_one_line_with_a_count() -> None:
    table = many(4_000, [f"{100 + number}" for number in range(4_000)])
    report = check(table, CONTRACT)

    (one,) = [one for one in grouped(report.findings, CONTRACT) if one.column == "radius"]

    assert one.count == 4_000
    assert one.rows == tuple(range(2, 22))
    assert one.found == "“100”, “101”, “102” and 3997 other values"
    assert one.sentence == SAYS_RADIUS


def test_values_of_many_kinds_are_told_without_naming_one() -> None:
    report = check(many(5, ["a", "b", "c", "d", "9"]), CONTRACT)

    (one,) = [one for one in grouped(report.findings, CONTRACT) if one.column == "radius"]

    assert one.count == 4
    assert one.sentence.startswith("These cannot stand in “radius”. Write a number")


def test_few_values_stay_apart_each_with_its_lines() -> None:
    report = check(many(4, ["a", "b", "a", "9"]), CONTRACT)

    told = [one for one in grouped(report.findings, CONTRACT) if one.column == "radius"]

    assert [(one.found, one.rows) for one in told] == [("a", (2, 4)), ("b", (3,))]


@pytest.mark.parametrize("genes", [20, 21])
def test_one_mistake_in_many_columns_is_one_line(genes: int) -> None:
    sample, radius = CONTRACT.columns[:2]
    names = [f"G{place:02d}" for place in range(genes)]
    alike = tuple(radius.model_copy(update={"name": name}) for name in names)
    contract = CONTRACT.model_copy(update={"columns": (sample, *alike)})
    cells = {"sample": ["a", "b", "c"], **{one: ["900", "4", "800"] for one in names}}
    cells |= {names[-1]: ["4", "4000", "7"], "diagnosis": ["benign"] * 3}
    report = check(
        Table(pd.DataFrame(cells).astype("str"), first_line=2, how="by a test"), contract
    )

    told = grouped(report.findings, contract)

    if genes == 20:
        assert {one.column for one in told} == set(names)
    else:
        (one,) = told
        assert (one.column, one.rows, one.count) == (None, (2, 3, 4), 3)
        assert one.sentence == f"“G00”, “G01”, “G02” and 18 other columns. {SAYS_RADIUS}"


def test_the_marked_file_can_be_mended_and_brought_back(tmp_path: Path) -> None:
    table = many(4, ["14", "=1+1", "", "9"])
    fitting = Fitting(cells={3: {"radius": "=2+2"}})
    path = tmp_path / "marked.xlsx"
    path.write_bytes(marked(table, fitting, check(table, CONTRACT, fitting)))

    again = read_table(path)

    assert isinstance(again, Table)
    assert again.cells["radius"].tolist() == ["14", "=2+2", "", "9"]
    assert [one.row for one in check(again, CONTRACT).findings if one.severity == "refuse"] == [
        3,
        4,
    ]
