"""What a person typed becomes a value or a sentence that says what to write; a value becomes text again. Pure.

Numbers are read from text and shown exactly, because a number widget shows 2.5e-9 as 0.
"""

import datetime
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from capsule_panel.durations import duration_shown, read_duration
from capsule_panel.form import FormField, Kind, Value
from capsule_panel.form_words import shown, wanted

__all__ = ["Problem", "parse", "shown"]

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+")
WHOLE = re.compile(r"[+-]?\d+")
YES_NO = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True)
class Problem:
    """Why what was typed cannot be used, and what to write instead."""

    sentence: str


def parse(field: FormField, typed: Value) -> Value | Problem:
    """Return the value that was meant, or a sentence that says what to write."""
    if typed is None or (isinstance(typed, str) and not typed.strip()):
        return _blank(field)
    if field.kind == "choices":
        return _counted(field, list(typed))
    if not isinstance(typed, str) or field.kind == "choice":
        return typed
    return READERS[field.kind](field, typed.strip())


def typed_as(field: FormField) -> str:
    """Return what stands in the field at first, as a person would type it."""
    if field.default is None or field.kind == "secret":
        return ""
    match field.kind:
        case "list":
            given = field.default if isinstance(field.default, list) else [field.default]
            return "\n".join(shown(one) for one in given)
        case "json":
            return json.dumps(field.default, ensure_ascii=False, indent=1)
        case "duration":
            return duration_shown(str(field.default))
        case _:
            return shown(field.default)


def _blank(field: FormField) -> Value | Problem:
    if field.optional:
        return None
    if field.kind in ("list", "choices"):
        return _counted(field, [])
    if field.kind in ("text", "secret") and not field.shortest and field.default in ("", None):
        return "" if field.default == "" else _wanted(field, "")
    return _wanted(field, "")


def _number(field: FormField, text: str) -> Value | Problem:
    plain = text.replace("\N{MINUS SIGN}", "-").replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
    if THOUSANDS.fullmatch(plain):
        return Problem(f"“{text}” can be read in two ways. Write it without the comma.")
    plain = plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain
    shape = WHOLE if field.kind == "integer" else NUMBER
    if not shape.fullmatch(plain):
        return _wanted(field, text)
    value: int | float = int(plain) if field.kind == "integer" else float(plain)
    return value if _allowed(field, value, plain) else _wanted(field, text)


def _allowed(field: FormField, value: float, plain: str) -> bool:
    low, high, step = field.low, field.high, field.multiple_of
    above = low is None or value > low or (value == low and not field.low_open)
    below = high is None or value < high or (value == high and not field.high_open)
    # As decimals, for 0.3 is three times 0.1.
    fits = step is None or math.isinf(value) or Decimal(plain) % Decimal(str(step)) == 0
    return above and below and fits and not math.isinf(value)


def _text(field: FormField, text: str) -> Value | Problem:
    short = field.shortest is not None and len(text) < field.shortest
    long = field.longest is not None and len(text) > field.longest
    return _wanted(field, text) if short or long or not _fits(field.pattern, text) else text


def _fits(pattern: str | None, text: str) -> bool:
    try:
        return pattern is None or re.search(pattern, text) is not None
    except re.error:
        # A pattern in another dialect: the check before the run knows it.
        return True


def _word(field: FormField, text: str) -> Value | Problem:
    return YES_NO.get(text.lower(), _wanted(field, text))


def _one_of(field: FormField, text: str) -> Value | Problem:
    return next((one for one in field.choices if shown(one) == text), _wanted(field, text))


def _date(field: FormField, text: str) -> Value | Problem:
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        return _wanted(field, text)


def _time(field: FormField, text: str) -> Value | Problem:
    try:
        time = datetime.time.fromisoformat(text)
    except ValueError:
        return _wanted(field, text)
    # The server takes no time without a zone.
    return (time if time.tzinfo else time.replace(tzinfo=datetime.UTC)).isoformat()


def _moment(field: FormField, text: str) -> Value | Problem:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        return _wanted(field, text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).isoformat()


def _duration(field: FormField, text: str) -> Value | Problem:
    return read_duration(text) or _wanted(field, text)


def _list(field: FormField, text: str) -> Value | Problem:
    item, values = field.fields[0], []
    for line, typed in enumerate(text.splitlines(), start=1):
        if not typed.strip():
            continue
        value = parse(item, typed) if item.kind != "choice" else _one_of(item, typed.strip())
        if isinstance(value, Problem):
            return Problem(f"Line {line}: {value.sentence}")
        values.append(value)
    return _counted(field, values)


def _counted(field: FormField, values: list[Value]) -> list[Value] | Problem:
    few = field.shortest is not None and len(values) < field.shortest
    many = field.longest is not None and len(values) > field.longest
    if few or many:
        return _wanted(field, "")
    repeated = [one for place, one in enumerate(values) if one in values[:place]]
    if field.unlike and repeated:
        return Problem(f"“{shown(repeated[0])}” stands there twice. Write each once.")
    return values


def _either(field: FormField, text: str) -> Value | Problem:
    for kind in field.fields:
        value = _one_of(kind, text) if kind.kind == "choice" else parse(kind, text)
        if not isinstance(value, Problem):
            return value
    return _wanted(field, text)


def _json(_: FormField, text: str) -> Value | Problem:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, character {error.colno}"
        return Problem(f"This is not JSON: {error.msg.lower()} at {where}. Mend it there.")
    except (ValueError, RecursionError):
        return Problem("This is not JSON that can be used. Leave out NaN and Infinity.")


def _no_constant(word: str) -> Value:
    raise ValueError(word)


def _wanted(field: FormField, text: str) -> Problem:
    return Problem(wanted(field, text))


READERS: Mapping[Kind, Callable[[FormField, str], Value | Problem]] = {
    "number": _number,
    "integer": _number,
    "yes/no": _word,
    "date": _date,
    "time": _time,
    "moment": _moment,
    "duration": _duration,
    "text": _text,
    "secret": _text,
    "list": _list,
    "either": _either,
    "json": _json,
}
"""Kind to what reads a text as a value of it; the other kinds are never typed."""
