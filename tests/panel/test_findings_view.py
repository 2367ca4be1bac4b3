"""A finding says where it is, what stands there, what is allowed and what to do; the technical line is folded."""

import re

import pandas as pd
import pytest

from capsule_flows.checking import check
from capsule_flows.findings import Finding
from capsule_flows.grouping import grouped
from capsule_flows.reading import Table
from capsule_panel.findings_view import findings_html
from capsule_panel.words import places
from checks.contracts import CONTRACT, GOOD, SAYS_RADIUS, table


def about(*lines: int, count: int | None = None) -> Finding:
    return Finding(
        row=lines[0] if lines else None,
        rows=lines,
        count=len(lines) if count is None else count,
        column="radius",
        found="400",
        mistake="bounds",
        sentence=SAYS_RADIUS,
        severity="refuse",
        technical="expect_column_values_to_be_between",
    )


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (about(), "the whole table"),
        (about(3), "line 3"),
        (about(3, 7), "lines 3 and 7"),
        (about(3, 4, 9, 10, 11), "lines 3, 4 and 9 to 11"),
        (about(*range(2, 22), count=4_000), "lines 2 to 21 and 3,980 more"),
    ],
)
def test_lines_that_follow_each_other_are_drawn_together(finding: Finding, said: str) -> None:
    assert places(finding) == said


def test_the_authors_sentence_stands_beside_what_is_allowed_and_the_technical_line_is_folded() -> (
    None
):
    shown = findings_html([about(3)], CONTRACT)

    before, folded = shown.split("<details>")
    assert "1 thing to mend" in before
    assert "nm?" in before
    assert "a number from 1 to 40 µm" in before
    assert "expect_column_values_to_be_between" not in before
    assert "expect_column_values_to_be_between" in folded


# Great Expectations still imports the deprecated sre_constants.
@pytest.mark.filterwarnings("ignore:module 'sre_:DeprecationWarning")
def test_one_mistake_in_4000_rows_is_one_row_of_the_page() -> None:
    cells = {name: values * 1_334 for name, values in GOOD.items()}
    cells["sample"] = [f"S-{place}" for place in range(4_002)]
    cells["radius"] = [f"{100 + place / 7:.3f}" for place in range(4_002)]
    report = check(Table(pd.DataFrame(cells).astype("str"), 2, ""), CONTRACT)

    shown = findings_html(grouped(report.findings, CONTRACT), CONTRACT)

    assert len(re.findall("<tr><td>", shown)) == 1
    assert "lines 2 to 21 and 3,982 more" in shown


@pytest.mark.filterwarnings("ignore:module 'sre_:DeprecationWarning")
def test_many_columns_that_nobody_asked_for_are_one_line() -> None:
    more = {f"extra {place}": ["", "", ""] for place in range(50)}
    wide = Table(table().cells.assign(**more), 2, "")

    (one,) = grouped(check(wide, CONTRACT).findings, CONTRACT)

    assert one.sentence == (
        "“extra 0”, “extra 1”, “extra 2” and 47 other columns are not asked for."
        " They are left out; the model never sees them."
    )
