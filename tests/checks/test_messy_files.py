"""No messy file is read silently wrong: each gives the cells that were meant, is asked about, or is refused."""

from collections import Counter

import pytest

from capsule_flows.cells_as_text import column_as_text
from capsule_flows.reading_child import read

from .messy_suites import Became, all_outcomes
from .test_reading import needs_messy

WITHOUT_A_TWIN = {
    "65536-rows-xls.xls": (("HELLO",), (65536, ("WORLD",))),
    "biff5-label-records.xls": (("Date", "Time"), (4, ("21/01/2017", "01:00"))),
    "biff5-rich-text-string.xls": (("No.", "Surname in full."), (4, ("1788", "McNally"))),
    "more-than-256-unique-strings-xls.xls": (("var",), (2, ("x1",))),
    "mtcars.xls": (("mpg", "cyl"), (2, ("21", "6"))),
}
"""Old workbooks whose cells no other file gives: the first names, and the first row behind its line."""


@pytest.fixture(scope="module")
def outcomes() -> list[Became]:
    """Every file of every suite that is there, read once."""
    return all_outcomes()


def test_nothing_is_read_silently_wrong(outcomes: list[Became]) -> None:
    wrong = {one.file.name: one.told for one in outcomes if one.outcome == "wrong"}

    assert not wrong


def test_a_refusal_names_the_file_and_says_what_to_do(outcomes: list[Became]) -> None:
    refused = [one for one in outcomes if one.outcome == "refused"]

    assert len(refused) > 20
    for one in refused:
        what, _, to_do = one.told.removeprefix(one.file.name).rstrip(".").rpartition(". ")
        assert what and to_do, one.told


def test_most_of_what_was_spoilt_in_one_place_is_read_or_asked_about(
    outcomes: list[Became],
) -> None:
    whole = [one for one in outcomes if one.file.suite == "spoilt" and "row " not in one.file.name]
    tables = [one for one in whole if not one.file.refuse]
    became = Counter(one.outcome for one in tables)

    assert became["refused"] <= len(tables) // 4


@needs_messy
@pytest.mark.parametrize("suite", ["csv-spectrum", "blns"])
def test_every_file_of_a_suite_with_whole_tables_is_read_to_the_cells_that_were_meant(
    outcomes: list[Became], suite: str
) -> None:
    found = [one for one in outcomes if one.file.suite == suite]

    assert found
    assert {one.outcome for one in found} <= {"right", "right once confirmed"}


@needs_messy
def test_what_must_be_refused_is(outcomes: list[Became]) -> None:
    broken = [one for one in outcomes if one.file.refuse and one.file.suite != "spoilt"]

    assert len(broken) > 10
    assert {one.outcome for one in broken} == {"refused"}


@needs_messy
def test_old_workbooks_are_read_as_their_twins_or_as_they_say_themselves(
    outcomes: list[Became],
) -> None:
    untold = {
        one.file.name: one.file.path
        for one in outcomes
        if one.file.suite == "readxl" and one.file.meant is None and one.outcome != "refused"
    }

    for name, path in untold.items():
        names, (line, cells) = WITHOUT_A_TWIN[name]
        found = read(path, name)
        first = [column_as_text(column)[0].as_py() for column in found.cells]
        assert tuple(found.header[: len(names)]) == names
        assert (found.lines[0], tuple(first[: len(cells)])) == (line, cells)
