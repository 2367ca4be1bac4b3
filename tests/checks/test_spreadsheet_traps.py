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
