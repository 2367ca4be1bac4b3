"""A field in words: a value as a person would type it, what may be written, what is wrong. Pure."""

import json
from collections.abc import Mapping

from capsule_panel.form import FormField, Kind, Value

NOUNS: Mapping[Kind, str] = {
    "number": "a number",
    "integer": "a whole number",
    "date": "a date as year-month-day, such as 2026-03-31",
    "time": "a time, such as 14:30 (UTC unless you add +01:00)",
    "moment": "a date and time, such as 2026-03-31 14:30 (UTC unless you add +01:00)",
    "duration": "a length of time, such as 1 h 30 min",
    "text": "a text",
    "secret": "a text",
    "choice": "one of the choices",
    "yes/no": "yes or no",
    "list": "one on each line",
    "json": "it as JSON",
}
OWN = "Left blank, the author's own value is used."
IN_CLEAR = (
    "It is kept with the run in clear: whoever may open the run in Prefect can read it."
    " Give one that can be taken back."
)


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
    if isinstance(value, list):
        return ", ".join(shown(one) for one in value) or "none"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def hint(field: FormField) -> str:
    """Return what may be written: "from 0 to 1 mm, may be left blank"."""
    said = _shape(field)
    if field.pattern and field.kind in ("text", "secret"):
        said.append(f"in the form {field.pattern}{_such_as(field)}")
    if field.optional and field.kind != "group":
        said.append("may be left blank")
    own = [OWN] if field.unknown else []
    clear = [IN_CLEAR] if field.kind == "secret" else []
    if not (own or clear):
        return ", ".join(said)
    return " ".join([f"{', '.join(said)}."] * bool(said) + own + clear)


def _shape(field: FormField) -> list[str]:
    """Return what the kind itself asks for."""
    match field.kind:
        case "list":
            return [f"{_count(field)}, one on each line", *_item(field)]
        case "choices":
            return [f"tick {_count(field)}"]
        case "either":
            return [_kinds(field)]
        case "json":
            return [f"written as JSON{_such_as(field)}"]
        case "time" | "moment" | "duration":
            return [NOUNS[field.kind]]
        case "date":
            return ["year-month-day, such as 2026-03-31"]
        case _:
            return _measured(field)


def _measured(field: FormField) -> list[str]:
    bounds = _bounds(field)
    whole = ["a whole number"] if field.kind == "integer" else []
    if bounds:
        return [*whole, f"{bounds} {field.unit}" if field.unit else bounds]
    return [*whole, f"in {field.unit}"] if field.unit else whole


def wanted(field: FormField, text: str) -> str:
    """Return what is wrong with a text, and what to write instead."""
    seen = f"“{text}” cannot be used here. Write" if text else "This cannot be blank. Write"
    if field.kind in ("list", "choices"):
        verb = "Tick" if field.kind == "choices" else "Write"
        return f"{verb} {_count(field)}{', one on each line' if field.kind == 'list' else ''}."
    if field.kind == "either":
        return f"{seen} {_kinds(field)}."
    return f"{seen} {_noun(field)}."


def _noun(field: FormField) -> str:
    if field.kind == "choice" and field.choices:
        return f"one of {', '.join(shown(one) for one in field.choices)}"
    bounds = _bounds(field)
    unit = f" {field.unit}" if field.unit and bounds else ""
    form = f" in the form {field.pattern}{_such_as(field)}" if field.pattern else ""
    return f"{NOUNS[field.kind]}{f' {bounds}' if bounds else ''}{unit}{form}"


def _kinds(field: FormField) -> str:
    *most, last = [_noun(one) for one in field.fields]
    return f"{', '.join(most)} or {last}"


def _item(field: FormField) -> list[str]:
    item = field.fields[0]
    said = hint(item)
    if item.kind == "choice":
        return [_noun(item)]
    return [f"each {said}"] if said else []


def _such_as(field: FormField) -> str:
    return f", such as {field.example}" if field.example else ""


def _count(field: FormField) -> str:
    few, many = field.shortest, field.longest
    if few and many:
        return f"{few}" if few == many else f"from {few} to {many}"
    if many:
        return f"up to {many}"
    return f"{few} or more" if few and few > 1 else "one or more" if few else "any number"


def _bounds(field: FormField) -> str:
    if field.kind in ("text", "secret"):
        counted = _count(field)
        return "" if counted == "any number" else f"of {counted} characters"
    low = None if field.low is None else shown(float(field.low))
    high = None if field.high is None else shown(float(field.high))
    steps = f"in steps of {shown(field.multiple_of)}" if field.multiple_of else ""
    if low is not None and high is not None and not field.low_open and not field.high_open:
        return " ".join(part for part in (f"from {low} to {high}", steps) if part)
    at_least = low and f"{'more than' if field.low_open else 'at least'} {low}"
    at_most = high and f"{'less than' if field.high_open else 'at most'} {high}"
    both = " and ".join(part for part in (at_least, at_most) if part)
    return " ".join(part for part in (both, steps) if part)
