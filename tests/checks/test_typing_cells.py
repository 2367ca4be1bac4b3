"""Text becomes typed columns, and what cannot be read is kept apart."""

import pandas as pd
import pytest

from capsule_flows.typing_cells import Typed, type_cells
from capsule_kit.columns import Column, Kind


def read(kind: Kind, *cells: str) -> Typed:
    """Type cells as one kind."""
    choices = ("High", "low") if kind == "choice" else ()
    column = Column(name="x", kind=kind, choices=choices, meaning="", example="")
    return type_cells(pd.Series(cells, dtype="str"), column)


def unread(typed: Typed) -> list[bool]:
    return typed.unread.tolist()


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("-1.5", -1.5), (" 2. ", 2), (".5", 0.5), ("1e-9", 1e-9), ("+3E2", 300)],
)
def test_a_number_is_read_with_a_decimal_point(text: str, number: float) -> None:
    assert read("number", text).values.tolist() == [number]


@pytest.mark.parametrize(
    "text", ["nan", "NaN", "inf", "-Infinity", "NA", "1e999", "1_000", "0x1", "1,234.5", "٣", "1 2"]
)
def test_what_is_no_number_is_unread(text: str) -> None:
    assert unread(read("number", text)) == [True]


def test_a_decimal_comma_is_decided_for_the_whole_column() -> None:
    assert read("number", "1,5", "1,234", "7").values.tolist() == [1.5, 1.234, 7]


def test_a_comma_that_may_mean_thousands_is_unread() -> None:
    assert unread(read("number", "1,234", "7")) == [True, False]


def test_a_zero_before_the_comma_shows_that_it_is_a_decimal() -> None:
    assert read("number", "0,123").values.tolist() == [0.123]


def test_commas_beside_points_are_unread() -> None:
    assert unread(read("number", "1,5", "1.5")) == [True, False]


def test_whole_numbers_are_exact_to_the_last_digit() -> None:
    typed = read("integer", "9007199254740993", "3.0", "")

    assert typed.values.tolist() == [9007199254740993, 3, pd.NA]


@pytest.mark.parametrize("text", ["1.5", "1e3", "9223372036854775808", "one", "9" * 5000])
def test_what_is_no_whole_number_is_unread(text: str) -> None:
    assert unread(read("integer", text)) == [True]


def test_yes_and_no_are_read_in_their_usual_spellings() -> None:
    typed = read("yes/no", "Yes", "TRUE", "1", "n", "false", "0", "", "ja")

    assert typed.values.tolist() == [True, True, True, False, False, False, pd.NA, pd.NA]
    assert unread(typed) == [False] * 7 + [True]


def test_dates_are_read_in_iso_form_alone() -> None:
    typed = read("date", "2026-02-28", "2026-02-28T00:00:00", "28.02.2026", "2026-02-30", "")

    assert typed.values.dt.strftime("%Y-%m-%d").tolist()[:2] == ["2026-02-28"] * 2
    assert unread(typed) == [False, False, True, True, False]


def test_a_choice_takes_its_declared_spelling_and_an_unknown_one_stays() -> None:
    typed = read("choice", "HIGH", " Low", "medium", "")

    assert typed.values.tolist()[:3] == ["High", "low", "medium"]
    assert typed.values.isna().tolist() == [False, False, False, True]
    assert unread(typed) == [False] * 4


def test_words_that_others_take_for_missing_stay_text() -> None:
    assert read("text", "NA", "null", "None").values.tolist() == ["NA", "null", "None"]
