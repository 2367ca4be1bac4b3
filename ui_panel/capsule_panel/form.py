"""The form's plan: a settings' JSON schema becomes fields; what a person typed becomes a value or a sentence.

Pure: no widget is made here. Numbers are read from text and shown exactly, because a number
widget shows 2.5e-9 as 0.
"""

import datetime
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from capsule_kit.columns import DIMENSIONLESS
from capsule_kit.manifest import settings_schema

Kind = Literal["number", "integer", "yes/no", "choice", "date", "text"]
Value = str | int | float | bool | None

KINDS: Mapping[tuple[str, str | None], Kind] = {
    ("number", None): "number",
    ("integer", None): "integer",
    ("boolean", None): "yes/no",
    ("string", None): "text",
    ("string", "date"): "date",
}
"""JSON type and format to what a person is asked for; a schema with choices is a "choice"."""

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+")
WHOLE = re.compile(r"[+-]?\d+")


@dataclass(frozen=True)
class FormField:
    """One setting as a person sees it."""

    name: str
    """The setting's name in the schema."""
    label: str
    kind: Kind
    default: Value
    """What the field starts with; None is blank."""
    optional: bool
    """Whether it may stay blank."""
    choices: tuple[str | int | float, ...] = ()
    """The values to choose from, for the kind "choice"."""
    low: float | None = None
    """The smallest value allowed, itself included unless `low_open`."""
    high: float | None = None
    """The largest value allowed, itself included unless `high_open`."""
    low_open: bool = False
    high_open: bool = False
    unit: str | None = None
    """None where the value has none to show."""
    meaning: str = ""
    """The author's description."""


@dataclass(frozen=True)
class Problem:
    """Why what was typed cannot be used, and what to write instead."""

    sentence: str


def plan(schema: Mapping[str, Any]) -> tuple[FormField, ...]:
    """Return the fields of a deployment's parameter schema, in the author's order.

    A setting of a shape that no field can show is left out, so it keeps its default.
    """
    definitions = schema.get("definitions", {})
    properties = settings_schema(schema).get("properties", {})
    planned = (_field(name, prop, definitions) for name, prop in properties.items())
    return tuple(field for field in planned if field)


def parse(field: FormField, typed: Value) -> Value | Problem:
    """Return the value that was meant, or a sentence that says what to write."""
    if typed is None or (isinstance(typed, str) and not typed.strip()):
        if field.optional:
            return None
        return "" if field.kind == "text" and field.default == "" else _wanted(field, "")
    if field.kind in ("choice", "yes/no"):
        return typed
    text = str(typed).strip()
    if field.kind == "date":
        return _date(field, text)
    if field.kind == "text":
        return text
    return _number(field, text)


def shown(value: Value) -> str:
    """Return a value as a person would type it: 2.5e-9 stays 2.5e-9, 30.0 is 30."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        mantissa, _, exponent = repr(value).partition("e")
        mantissa = mantissa.removesuffix(".0")
        return f"{mantissa}e{int(exponent)}" if exponent else mantissa
    return str(value)


def hint(field: FormField) -> str:
    """Return what may be written: "0 to 1 mm, may be left blank"."""
    bounds = _bounds(field)
    said = [" ".join(part for part in (bounds, field.unit) if part)] if bounds else []
    if field.unit and not bounds:
        said.append(f"in {field.unit}")
    if field.kind == "integer":
        said.insert(0, "a whole number")
    if field.kind == "date":
        said.append("year-month-day, such as 2026-03-31")
    if field.optional:
        said.append("may be left blank")
    return ", ".join(said)


def _field(name: str, prop: Mapping[str, Any], definitions: Mapping[str, Any]) -> FormField | None:
    said, optional = _resolved(prop, definitions)
    choices = tuple(said["enum"]) if "enum" in said else (said["const"],) if "const" in said else ()
    kind = "choice" if choices else KINDS.get((str(said.get("type")), said.get("format")))
    if kind is None:
        return None
    unit = said.get("x-unit")
    default = said.get("default")
    return FormField(
        name=name,
        label=name.replace("_", " ").capitalize(),
        kind=kind,
        default=default,
        optional=optional,
        choices=choices,
        low=said.get("minimum", said.get("exclusiveMinimum")),
        high=said.get("maximum", said.get("exclusiveMaximum")),
        low_open="minimum" not in said and "exclusiveMinimum" in said,
        high_open="maximum" not in said and "exclusiveMaximum" in said,
        unit=None if unit == DIMENSIONLESS else unit,
        meaning=said.get("description", ""),
    )


def _resolved(
    prop: Mapping[str, Any], definitions: Mapping[str, Any]
) -> tuple[dict[str, Any], bool]:
    """Return the schema with its references followed, and whether null is allowed."""
    said, optional = dict(prop), False
    members = said.pop("anyOf", None) or said.pop("allOf", None) or []
    if "$ref" in said:
        members = [{"$ref": said.pop("$ref")}]
    kept = [member for member in members if member.get("type") != "null"]
    optional = len(kept) < len(members)
    if len(kept) == 1:
        inner = dict(kept[0])
        if "$ref" in inner:
            inner = dict(definitions.get(inner["$ref"].rsplit("/", 1)[-1], {}))
        said = {**inner, **said}
    return said, optional


def _number(field: FormField, text: str) -> Value | Problem:
    plain = text.replace("\N{MINUS SIGN}", "-").replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
    if THOUSANDS.fullmatch(plain):
        return Problem(f"“{text}” can be read in two ways. Write it without the comma.")
    plain = plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain
    if field.kind == "integer":
        if not WHOLE.fullmatch(plain):
            return _wanted(field, text)
        value: int | float = int(plain)
    else:
        if not NUMBER.fullmatch(plain):
            return _wanted(field, text)
        value = float(plain)
    below = field.low is not None and (value < field.low or (field.low_open and value == field.low))
    above = field.high is not None and (
        value > field.high or (field.high_open and value == field.high)
    )
    return _wanted(field, text) if below or above or math.isinf(value) else value


def _date(field: FormField, text: str) -> Value | Problem:
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        return _wanted(field, text)


def _wanted(field: FormField, text: str) -> Problem:
    noun = {
        "number": "a number",
        "integer": "a whole number",
        "date": "a date as year-month-day, such as 2026-03-31",
        "text": "a text",
        "choice": "one of the choices",
        "yes/no": "yes or no",
    }[field.kind]
    bounds = _bounds(field)
    unit = f" {field.unit}" if field.unit and bounds else ""
    seen = f"“{text}” cannot be used here. Write" if text else "This cannot be blank. Write"
    return Problem(f"{seen} {noun}{f' {bounds}' if bounds else ''}{unit}.")


def _bounds(field: FormField) -> str:
    low = None if field.low is None else shown(float(field.low))
    high = None if field.high is None else shown(float(field.high))
    if low is not None and high is not None and not field.low_open and not field.high_open:
        return f"from {low} to {high}"
    at_least = low and f"{'more than' if field.low_open else 'at least'} {low}"
    at_most = high and f"{'less than' if field.high_open else 'at most'} {high}"
    return " and ".join(part for part in (at_least, at_most) if part)
