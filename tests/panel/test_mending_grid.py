"""A change in the grid of rows to mend goes to the line for which it was written, whatever is shown by then."""

import pytest

from capsule_flows.checking import check
from capsule_panel.mending_grid import PAGE, Grid, told
from checks.contracts import CONTRACT, table

Changes = list[tuple[int, str, str]]


@pytest.fixture
def changes() -> Changes:
    """What the grid told of cells."""
    return []


@pytest.fixture
def left_out() -> list[int]:
    """The lines that the grid told to leave out."""
    return []


@pytest.fixture
def grid(changes: Changes, left_out: list[int]) -> Grid:
    async def on_cell(line: int, header: str, text: str) -> None:
        changes.append((line, header, text))

    async def on_left_out(lines: tuple[int, ...]) -> None:
        left_out.extend(lines)

    return Grid(on_cell, on_left_out, lambda: changes.append((0, "", "nothing left")))


def show(grid: Grid, **columns: list[str]) -> list[int]:
    """Show a table in the grid; return the lines that it shows."""
    hers = table(**columns)
    grid.show(hers, check(hers, CONTRACT))
    return [row["line"] for row in grid.cells.rows]


async def test_a_change_sent_while_the_rows_above_it_go_reaches_its_own_row(
    grid: Grid, changes: Changes
) -> None:
    assert show(grid, radius=["400", "9", "500"]) == [2, 4]
    on_its_way = {"line": 4, "header": "radius", "text": "14"}
    assert show(grid, radius=["12", "9", "500"]) == [4]
    await grid.heard(on_its_way)
    assert show(grid) == []
    await grid.heard(on_its_way)
    assert changes == [(4, "radius", "14")] * 2


def test_rows_are_shown_with_what_is_to_mend_marked_and_nothing_where_nothing_is(
    grid: Grid,
) -> None:
    show(grid, radius=["400", "9", "500"], stain=["Pap", "Pap", "?"])
    headers = grid.cells.headers
    marked = [[headers[place] for place in row["marked"]] for row in grid.cells.rows]
    assert marked == [["radius"], ["radius", "stain"]]
    assert grid.cells.rows[0]["cells"][headers.index("radius")] == "400"
    assert grid.view.visible
    show(grid)
    assert not grid.view.visible


def test_a_check_that_changes_no_row_draws_nothing(grid: Grid) -> None:
    show(grid, radius=["400", "9", "500"])
    drawn: list[object] = []
    grid.cells.param.watch(drawn.append, ["rows", "headers"])
    show(grid, radius=["400", "9", "500"])
    assert drawn == []
    show(grid, radius=["400", "9", "12"])
    assert len(drawn) == 1


def test_of_many_rows_a_page_is_shown_and_the_last_page_where_hers_has_gone(grid: Grid) -> None:
    def many(bad: int) -> dict[str, list[str]]:
        radius = ["400"] * bad + ["9"] * (25 - bad)
        repeated = {"sample": [f"S-{row}" for row in range(25)], "radius": radius}
        others = {
            "cells": "30",
            "stain": "Pap",
            "diagnosis": "benign",
            "frozen": "",
            "taken_on": "",
        }
        return {**repeated, **{name: [value] * 25 for name, value in others.items()}}

    assert show(grid, **many(25)) == list(range(2, 2 + PAGE))
    grid._pages.value = 2
    assert [row["line"] for row in grid.cells.rows] == list(range(22, 27))
    assert show(grid, **many(12)) == [12, 13]
    assert show(grid, **many(3)) == [2, 3, 4]
    assert not grid._pages.visible


async def test_ticked_rows_are_left_out_once_and_what_is_no_longer_shown_stays(
    grid: Grid, left_out: list[int]
) -> None:
    show(grid, radius=["400", "9", "500"])
    grid.cells.ticked = [4, 3]
    await grid._on_leave(None)
    assert left_out == [4]
    assert grid.cells.ticked == []


def test_how_many_rows_are_left_is_a_heading() -> None:
    assert "<h3>1 row to mend</h3>" in told(1)
