"""What a spreadsheet made of a name is said, and stays as it stands."""

import pytest

from capsule_flows.checking import check
from capsule_flows.findings import Finding

from .contracts import CONTRACT, table


def warned(*samples: str) -> list[Finding]:
    found = check(table(sample=[*samples]), CONTRACT)
    assert found.accepted
    assert found.inputs is not None
    assert found.inputs["sample"].tolist() == [*samples]
    return list(found.findings)


@pytest.mark.parametrize("turned", ["7-Sep", "Sep-07", "1-Mar", "2001-09-07", "9. Dez"])
def test_a_gene_that_became_a_date_is_said(turned: str) -> None:
    (one,) = warned("TP53", turned, "BRCA1")

    assert (one.mistake, one.severity, one.found, one.rows) == (
        "turned into a date",
        "warn",
        turned,
        (3,),
    )
    assert "SEPT7" in one.sentence


def test_a_number_that_lost_its_last_digits_is_said() -> None:
    (one,) = warned("4.00E+12", "400000000001", "x")

    assert (one.mistake, one.found) == ("shortened", "4.00E+12")


@pytest.mark.parametrize(
    "meant",
    [
        ("2001-09-07", "2001-09-08", "x"),
        ("SEPT7", "MARCH1", "DEC1"),
        ("S-1", "1E4", "May"),
    ],
)
def test_names_that_nothing_happened_to_are_left_in_peace(meant: tuple[str, str, str]) -> None:
    expected = ["shortened"] if "1E4" in meant else []

    assert [one.mistake for one in warned(*meant)] == expected


def test_a_value_beyond_a_limit_of_measurement_is_named_as_such() -> None:
    report = check(table(cells=["<5", "28", "41"]), CONTRACT)

    assert not report.accepted
    assert "beyond a limit of measurement" in report.findings[0].sentence


@pytest.mark.parametrize("serial", ["42254", "36526", "40238"])
def test_a_gene_that_became_the_number_of_a_day_is_said(serial: str) -> None:
    (one,) = warned("TP53", serial, "BRCA1")

    assert (one.mistake, one.found, one.rows) == ("turned into a number", serial, (3,))
    assert "SEPT7" in one.sentence


@pytest.mark.parametrize("lost", ["1234567890123450000", "1.2345678901234568e+17"])
def test_a_number_of_more_digits_than_excel_keeps_is_said(lost: str) -> None:
    (one,) = warned("a", lost, "b")

    assert one.mistake == "shortened"


def test_numbers_that_are_names_are_left_in_peace() -> None:
    assert warned("42254", "42255", "42256") == []
    assert warned("TP53", "10001", "99999") == []


@pytest.mark.parametrize(
    ("column", "written", "part"),
    [
        ("cells", "1.2E+15", "its last digits are lost"),
        ("radius", "1,234", "may have a decimal comma, or be over a thousand"),
        ("radius", "<LOD", "beyond a limit of measurement"),
        ("radius", "n.d.", "beyond a limit of measurement"),
    ],
)
def test_what_cannot_be_a_number_is_named_for_what_it_is(
    column: str, written: str, part: str
) -> None:
    cells = (
        {"radius": ["14.1", "9", written]} if column == "radius" else {"cells": ["1", "2", written]}
    )
    report = check(table(**cells), CONTRACT)

    assert part in next(one.sentence for one in report.findings if one.found == written)
