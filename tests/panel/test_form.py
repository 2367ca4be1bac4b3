"""The form is the settings' schema, and what is typed is what is meant."""

from typing import Any, Literal

import pytest
from pydantic import BaseModel

from capsule_panel.form import FormField, Kind, Value, plan
from capsule_panel.form_values import Problem, parse
from capsule_panel.form_words import hint, shown


def field(kind: Kind, **more: Any) -> FormField:
    return FormField(
        **{
            "name": "x",
            "label": "X",
            "kind": kind,
            "default": None,
            "optional": False,
            **more,
        }
    )


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    definition = model.model_json_schema(ref_template="#/definitions/{model}")
    return {
        "properties": {"settings": {"$ref": "#/definitions/S"}},
        "definitions": {"S": definition, **definition.pop("$defs", {})},
    }


def test_each_type_becomes_its_field() -> None:
    class Settings(BaseModel):
        rate: float = 2.5e-9
        trees: int = 3
        fast: bool = True
        stain: Literal["HE", "PAS"] = "HE"
        note: str = ""
        floor: float | None = None

    fields = plan(schema_of(Settings))

    assert [(one.name, one.kind, one.default, one.optional) for one in fields] == [
        ("rate", "number", 2.5e-9, False),
        ("trees", "integer", 3, False),
        ("fast", "yes/no", True, False),
        ("stain", "choice", "HE", False),
        ("note", "text", "", False),
        ("floor", "number", None, True),
    ]
    assert fields[3].choices == ("HE", "PAS")


def test_a_setting_that_no_field_can_show_is_written_as_json() -> None:
    class Settings(BaseModel):
        weights: dict[str, list[float]] = {"a": [1, 2]}

    (field,) = plan(schema_of(Settings))
    assert (field.kind, hint(field)) == ("json", "written as JSON")
    assert parse(field, '{"b": [2.5e-9]}') == {"b": [2.5e-9]}
    assert parse(field, "{b: 1}") == Problem(
        "This is not JSON: expecting property name enclosed in double quotes at line 1, character 2."
        " Mend it there."
    )
    assert isinstance(parse(field, '{"a": NaN}'), Problem)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2.5e-9", 2.5e-9),
        (" 0,5 ", 0.5),
        ("\N{MINUS SIGN}3", -3.0),
        (".5", 0.5),
        ("12 000", 12000.0),
    ],
)
def test_a_number_is_read_as_people_write_it(typed: str, meant: float) -> None:
    assert parse(field("number"), typed) == meant


@pytest.mark.parametrize("typed", ["1,000", "nan", "inf", "1e999", "1_0", "five", "1.2.3", ""])
def test_what_is_no_plain_number_gets_a_sentence(typed: str) -> None:
    assert isinstance(parse(field("number"), typed), Problem)


def test_a_whole_number_is_not_rounded() -> None:
    assert parse(field("integer"), "12345678901234567") == 12345678901234567
    assert isinstance(parse(field("integer"), "3.5"), Problem)


def test_a_bound_belongs_to_the_values_allowed_unless_it_is_open() -> None:
    assert parse(field("number", low=0, high=1), "1") == 1
    assert parse(field("number", high=1, high_open=True), "1") == Problem(
        "“1” cannot be used here. Write a number less than 1."
    )


def test_blank_is_nothing_where_it_may_be_and_asked_for_elsewhere() -> None:
    assert parse(field("number", optional=True), " ") is None
    assert parse(field("number"), " ") == Problem("This cannot be blank. Write a number.")


def test_a_date_is_year_month_day() -> None:
    assert parse(field("date"), "2026-03-31") == "2026-03-31"
    assert isinstance(parse(field("date"), "31.3.2026"), Problem)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.5e-9, "2.5e-9"),
        (30.0, "30"),
        (0.1, "0.1"),
        (1e22, "1e22"),
        (None, ""),
        (True, "yes"),
    ],
)
def test_a_value_is_shown_exactly(value: Value, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize("value", [2.5e-9, 1 / 3, 1e22, -0.1])
def test_what_is_shown_is_read_back_as_the_same_number(value: float) -> None:
    assert parse(field("number"), shown(value)) == value


def test_a_hint_says_bounds_unit_and_blank() -> None:
    said = hint(field("number", low=0, high=1, unit="mm", optional=True))
    assert said == "from 0 to 1 mm, may be left blank"
