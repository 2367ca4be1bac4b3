"""A table fits the contract by synonyms, units, words and a person's decisions, none of them silent."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capsule_flows.checking import Report, check
from capsule_flows.fitting import Fitting, fitted
from capsule_flows.matching import match
from capsule_flows.reading import Table
from capsule_flows.units import converted, convertible, known, same_unit
from capsule_kit.answers import ClassAnswer
from capsule_kit.columns import Column
from capsule_kit.contract import Contract

from .contracts import CONTRACT, table

GLUCOSE = Column(
    name="glucose",
    kind="number",
    unit="mmol/L",
    at_least=1,
    at_most=50,
    meaning="fasting plasma glucose",
    example="5.1",
    synonyms=("GLU", "blood sugar"),
    molar_mass=180.156,
)
DIABETES = Contract(
    columns=(GLUCOSE,),
    answer=ClassAnswer(
        column="diabetes", classes=("yes", "no"), meaning="by HbA1c", words={"+": "yes", "-": "no"}
    ),
)


def checked(cells: dict[str, list[str]], fitting: Fitting | None = None) -> Report:
    frame = Table(pd.DataFrame(cells).astype("str"), first_line=2, how="by a test")
    return check(frame, DIABETES, fitting or Fitting())


def test_a_synonym_is_taken_and_said() -> None:
    report = checked({"Blood-Sugar": ["5.1"], "diabetes": ["no"]})

    assert report.accepted
    assert [one.mistake for one in report.findings] == ["column taken"]
    assert "Blood-Sugar" in report.findings[0].sentence


def test_two_synonyms_in_one_file_are_left_to_the_expert() -> None:
    found = match(["GLU", "blood sugar", "diabetes"], DIABETES)

    assert "glucose" in found.unmatched
    assert match(["GLU", "blood sugar"], DIABETES, {"glucose": "GLU"}).headers["glucose"] == "GLU"


def test_what_is_merely_alike_is_proposed_and_never_taken() -> None:
    report = checked({"plasma glucos": ["5.1"], "diabetes": ["no"]})

    assert not report.accepted
    assert report.matching.proposed == {"glucose": "plasma glucos"}
    assert "plasma glucos" in report.findings[0].sentence


def test_a_unit_in_the_header_is_turned_and_said() -> None:
    report = checked({"Glucose (mg/dL)": ["92", ""], "diabetes": ["no", "no"]})

    assert {one.mistake for one in report.findings} == {"unit turned", "missing"}
    report = checked({"Glucose [mg/dl]": ["92"], "diabetes": ["no"]})
    assert report.inputs is not None
    assert report.inputs["glucose"].tolist() == pytest.approx([5.1067], abs=1e-4)


def test_the_contracts_own_unit_in_the_header_changes_nothing() -> None:
    report = checked({"glucose (mmol / l)": ["5.1"], "diabetes": ["no"]})

    assert report.inputs is not None
    assert report.inputs["glucose"].tolist() == [5.1]
    assert report.findings == ()


def test_bounds_hold_after_the_unit_was_turned() -> None:
    report = checked({"glucose (mg/dL)": ["9200"], "diabetes": ["no"]})

    assert not report.accepted
    assert report.findings[0].mistake == "bounds"
    assert report.findings[0].found == "9200"


def test_a_unit_of_something_else_refuses_the_column() -> None:
    report = checked({"glucose (kg)": ["5.1"], "diabetes": ["no"]})

    assert not report.accepted
    assert report.findings[0].mistake == "other unit"
    assert "kg, which cannot be turned into mmol/L" in report.findings[0].sentence


def test_a_chosen_unit_comes_before_the_headers() -> None:
    wrong = {"glucose (kg)": ["92"], "diabetes": ["no"]}
    report = checked(wrong, Fitting(units={"glucose (kg)": "mg/dL", "diabetes": "mg/dL"}))

    assert report.inputs is not None
    assert report.inputs["glucose"].tolist() == pytest.approx([5.1067], abs=1e-4)


def test_the_authors_words_and_the_persons_lead_to_choices() -> None:
    given_words = {"glucose": ["5", "6", "7"], "diabetes": ["+", "diab", "no"]}

    assert checked(given_words).findings[0].found == "diab"
    report = checked(given_words, Fitting(words={"diabetes": {"diab": "yes"}}))
    assert report.answers is not None
    assert report.answers["answer"].tolist() == ["yes", "yes", "no"]


def test_changed_cells_and_rows_left_out_keep_their_lines() -> None:
    told = Fitting(cells={3: {"radius": "11"}, 99: {"radius": "1"}}, left_out=(2, 77))
    report = check(table(radius=["x", "y", "12.5"]), CONTRACT, told)

    assert report.accepted
    assert report.inputs is not None
    assert report.inputs["row"].tolist() == [3, 4]
    assert report.inputs["radius"].tolist() == [11.0, 12.5]


def test_numbers_of_the_file_itself_can_be_changed_too() -> None:
    import pyarrow as pa

    held = Table({"glucose": pa.array([500.0, 5.5])}, first_line=2, how="by a test")

    assert fitted(held, Fitting(cells={2: {"glucose": "5,0"}})).cells["glucose"].tolist() == [
        "5,0",
        "5.5",
    ]


def test_habits_say_nothing_of_single_rows() -> None:
    told = Fitting(headers={"a": "b"}, cells={3: {"radius": "11"}}, left_out=(2,))

    assert told.habits == Fitting(headers={"a": "b"})
    assert Fitting.model_validate_json(told.model_dump_json()) == told


@pytest.mark.parametrize(
    ("number", "unit", "to", "molar_mass", "expected"),
    [
        (100, "mg/dL", "mmol/L", 180.156, 5.5507),
        (1, "mg/dL", "µmol/L", 113.12, 88.402),  # creatinine
        (98.6, "degF", "°C", None, 37.0),
        (5, "%", "dimensionless", None, 0.05),
        (7.5, "10^9/L", "1/L", None, 7.5e9),
        (7.5, "10^9/L", "10^3/uL", None, 7.5),
        (1, "kcal", "kJ", None, 4.184),
        (12, "g/dL", "g/L", None, 120),
        (3, "IU/L", "IU/mL", None, 0.003),
    ],
)
def test_units_of_the_laboratory_are_turned(
    number: float, unit: str, to: str, molar_mass: float | None, expected: float
) -> None:
    assert converted(pd.Series([number]), unit, to, molar_mass)[0] == pytest.approx(expected, 1e-4)


@pytest.mark.parametrize(
    ("unit", "to"),
    [
        ("mg/dL", "mmol/L"),
        ("kg", "m"),
        ("worst", "mm"),
        ("grey levels", "mm"),
        ("IU/L", "mg/L"),
        ("", "mm"),
    ],
)
def test_units_that_measure_other_things_are_not_turned(unit: str, to: str) -> None:
    assert not convertible(unit, to)


def test_units_are_the_same_however_they_are_spaced() -> None:
    assert same_unit("mg / dl", "mg/dL")
    assert same_unit("µmol/L", "umol/l")
    assert not same_unit("mg", "g")
    assert not same_unit("mol", "Mol/L")


@settings(deadline=2_000)
@given(st.text(max_size=60))
def test_no_text_in_brackets_takes_long_or_breaks(text: str) -> None:
    assert known(text) in (True, False)
    assert known(f"9**9**9**{text}") is False
