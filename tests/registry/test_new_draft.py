"""What is drafted of a capsule from a model's card and a sample, and what is asked of its author."""

import pandas as pd
import pytest

from capsule_blocks.model_card import Card, Named, Parameter, Signature
from capsule_flows.checking import check
from capsule_flows.new_draft import DraftAnswer, DraftSetting, draft_of, label
from capsule_flows.reading import Table
from capsule_kit.answers import NoAnswer
from capsule_kit.columns import Column
from capsule_kit.contract import Contract

ROWS = 40
SAMPLE = pd.DataFrame(
    {
        "patient": [f"P-{place}" for place in range(ROWS)],
        "size (mm)": [1.04 + place for place in range(ROWS)],
        "site": ["left", "right"] * (ROWS // 2),
        "diagnosis": ["benign"] * 30 + ["malignant"] * 10,
    }
)
INPUTS = (Named("size (mm)", "double"), Named("site", "string"))
OUTPUTS = (Named("diagnosis", "string"), Named("probability", "double"))
SIGNED = Card(signature=Signature(INPUTS, OUTPUTS, (Parameter("limit", "double", 10.0),)))


def test_a_signature_and_a_sample_give_types_bounds_choices_and_the_identifier() -> None:
    patient, size, site = draft_of(SIGNED, SAMPLE, answer="diagnosis").columns
    assert (patient.name, patient.identifier) == ("patient", True)
    assert (size.name, size.header, size.kind) == ("size_mm", "size (mm)", "float")
    assert (size.low, size.high) == (1.04, 40.1)
    assert (site.kind, site.choices) == ("choice", ("left", "right"))


def test_the_answer_is_the_output_with_the_classes_that_the_sample_has() -> None:
    draft = draft_of(SIGNED, SAMPLE, answer="diagnosis")
    assert draft.answer == DraftAnswer(
        "diagnosis", "class", "diagnosis", "probability", ("benign", "malignant")
    )
    assert {row["diagnosis"] for row in draft.rows} == {"benign", "malignant"}


def test_settings_come_from_the_parameters() -> None:
    assert draft_of(SIGNED).settings == (DraftSetting("limit", "float", 10.0),)


def test_without_a_sample_classes_and_bounds_are_asked_not_guessed() -> None:
    draft = draft_of(SIGNED)
    assert draft.answer.classes == ()
    assert all(one.low is None for one in draft.columns)
    assert "Nothing says which classes the model names: write all of them." in draft.ask


def test_a_few_rows_show_no_bounds() -> None:
    assert draft_of(SIGNED, SAMPLE.head(29), answer="diagnosis").columns[1].low is None


def test_a_whole_number_that_comes_as_an_array_is_a_class_and_a_broken_one_a_number() -> None:
    whole, broken = (
        draft_of(Card(signature=Signature(INPUTS, (Named(None, kind, shape=(-1,)),)))).answer.kind
        for kind in ("int64", "float64")
    )
    assert (whole, broken) == ("class", "number")


def test_a_number_has_a_tolerance_from_the_spread_of_the_sample() -> None:
    sample = pd.DataFrame({"age": range(101), "dose": [place / 2 for place in range(101)]})
    draft = draft_of(Card(signature=Signature((Named("age", "long"),))), sample)
    assert (draft.answer.kind, draft.answer.column) == ("number", "dose")
    assert draft.answer.tolerance == 2.5


def test_an_array_without_names_takes_those_of_the_sample_or_asks_for_them() -> None:
    card = Card(signature=Signature((Named(None, "float32", shape=(-1, 2)),)))
    named = draft_of(card, SAMPLE[["size (mm)", "site"]])
    assert [one.header for one in named.columns] == ["size (mm)", "site"]
    unnamed = draft_of(card)
    assert [one.name for one in unnamed.columns] == ["feature_1", "feature_2"]
    assert any(said.startswith("The model takes 2 numbers without names") for said in unnamed.ask)


def test_nothing_known_is_one_column_to_be_written_and_says_so() -> None:
    draft = draft_of(Card())
    assert [one.name for one in draft.columns] == ["column_1"]
    assert any("give some rows with --sample" in said for said in draft.ask)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("od280/od315", "od280_od315"),
        ("class", "the_class"),
        ("json", "the_json"),
        ("model_config", "the_model_config"),
        ("2nd", "column_2nd"),
        ("case_id", "case_id_2"),
        ("größe", "gr_e"),
        ("%", "column"),
    ],
)
def test_each_header_becomes_a_name_that_python_and_the_kit_take(header: str, name: str) -> None:
    (column,) = draft_of(Card(signature=Signature((Named(header, "double"),)))).columns
    assert (column.name, column.header) == (name, header)


def test_one_class_is_written_in_one_way() -> None:
    assert (label(1.0), label(1), label("1"), label(1.5)) == ("1", "1", "1", "1.5")


def of_age(*, inferred: bool) -> Contract:
    age = Column(
        name="age",
        kind="number",
        unit="years",
        at_least=0,
        at_most=99,
        inferred=inferred,
        meaning="Age.",
        example="41",
    )
    return Contract(columns=(age,), answer=NoAnswer(meaning="A text."))


@pytest.mark.parametrize(("inferred", "accepted"), [(True, True), (False, False)])
def test_a_value_outside_inferred_bounds_is_a_warning(inferred: bool, accepted: bool) -> None:
    rows = pd.DataFrame({"age": ["120"]}, dtype="str")
    report = check(Table(rows, first_line=2, how=""), of_age(inferred=inferred))
    assert [one.mistake for one in report.findings] == ["bounds"]
    assert report.accepted is accepted


def test_a_contract_without_inferred_bounds_has_the_hash_it_had_before_the_word() -> None:
    (told,) = of_age(inferred=False).model_dump(mode="json")["columns"]
    assert "inferred" not in told
    assert of_age(inferred=True).hash != of_age(inferred=False).hash
