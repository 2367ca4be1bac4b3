"""The grid of rows to mend is drawn anew where something changed, and nowhere else."""

import pandas as pd
import pytest

from capsule_flows.checking import check
from capsule_panel.mending_grid import Grid, told
from checks.contracts import CONTRACT, table

# Bokeh 3.9 still calls pandas the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword:pandas.errors.Pandas4Warning")


async def _nothing(*_: object) -> None:
    """Take what was done, and do nothing."""


def shown(grid: Grid, **columns: list[str]) -> pd.DataFrame:
    """Show a table in the grid; return the very frame that is drawn."""
    hers = table(**columns)
    grid.show(hers, check(hers, CONTRACT))
    return grid.view[1].value if grid.view else pd.DataFrame()


def test_a_check_that_changes_no_row_redraws_nothing_and_one_that_does_redraws_once() -> None:
    grid = Grid(_nothing, _nothing)
    first = shown(grid, radius=["400", "9", "500"])
    drawn = grid.view[1]
    assert first["line"].tolist() == [2, 4]
    assert shown(grid, radius=["400", "9", "500"]) is first
    counted: list[object] = []
    drawn.param.watch(counted.append, "value")
    assert shown(grid, radius=["400", "9", "12"])["line"].tolist() == [2]
    assert grid.view[1] is drawn
    assert len(counted) == 1
    assert shown(grid).empty


def test_how_many_rows_are_left_is_a_heading() -> None:
    assert "<h3>1 row to mend</h3>" in told(1, 1)
    assert "The first 1000 are shown." in told(4_000, 1_000)
