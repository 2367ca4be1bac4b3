"""The form's plan: the JSON schema of the settings becomes fields, whatever pydantic can say. Pure.

Nothing is left out: what no field of its own can show is written as JSON.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from capsule_kit.columns import DIMENSIONLESS
from capsule_kit.manifest import settings_schema

Kind = Literal[
    "number",
    "integer",
    "yes/no",
    "choice",
    "choices",
    "date",
    "time",
    "moment",
    "duration",
    "text",
    "secret",
    "fixed",
    "list",
    "either",
    "group",
    "variant",
    "json",
]
Value = Any
"""A value of the settings as JSON has it; None is blank."""

KINDS: Mapping[tuple[str, str | None], Kind] = {
    ("number", None): "number",
    ("integer", None): "integer",
    ("boolean", None): "yes/no",
    ("string", None): "text",
    ("string", "date"): "date",
    ("string", "time"): "time",
    ("string", "date-time"): "moment",
    ("string", "duration"): "duration",
    ("string", "password"): "secret",
}
"""JSON type and format to what a person is asked for; other formats are text."""
PLAIN: Sequence[Kind] = (
    "number",
    "integer",
    "yes/no",
    "choice",
    "date",
    "time",
    "moment",
    "duration",
    "text",
)
"""What can be typed in one line, and so be one item of a list or one of several kinds."""


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
    unknown: bool = False
    """Whether the author has a value of his own that the schema does not tell: it is used for a blank."""
    choices: tuple[Any, ...] = ()
    """The values to choose from, for the kinds "choice" and "choices"."""
    low: float | None = None
    """The smallest value allowed, itself included unless `low_open`."""
    high: float | None = None
    """The largest value allowed, itself included unless `high_open`."""
    low_open: bool = False
    high_open: bool = False
    multiple_of: float | None = None
    shortest: int | None = None
    """Fewest characters of a text, or items of a list."""
    longest: int | None = None
    """Most characters of a text, or items of a list."""
    pattern: str | None = None
    """The regular expression that a text must hold."""
    unlike: bool = False
    """Whether the items of a list must differ."""
    unit: str | None = None
    """None where the value has none to show."""
    meaning: str = ""
    """The author's description."""
    example: str = ""
    """One value as a person would write it, where the author gave one."""
    fields: tuple["FormField", ...] = ()
    """Of a group, its settings; of a list, its item; of "either", each kind; of a variant, each group."""


def plan(schema: Mapping[str, Any]) -> tuple[FormField, ...]:
    """Return the fields of a deployment's parameter schema, in the author's order."""
    return _members(settings_schema(schema), schema.get("definitions", {}), None, frozenset())


def _members(
    said: Mapping[str, Any], definitions: Mapping[str, Any], default: Value, within: frozenset[str]
) -> tuple[FormField, ...]:
    given = default if isinstance(default, dict) else {}
    required = said.get("required", ())
    fields = [
        _field(
            name, {**prop, "default": given[name]} if name in given else prop, definitions, within
        )
        for name, prop in said.get("properties", {}).items()
    ]
    return tuple(
        replace(one, unknown=one.default is not None)
        if one.kind == "secret"
        else replace(
            one, unknown=not (one.optional or one.name in required or one.default is not None)
        )
        for one in fields
    )


def _field(
    name: str, prop: Mapping[str, Any], definitions: Mapping[str, Any], within: frozenset[str]
) -> FormField:
    said, members, optional, within = _resolved(prop, definitions, within)
    unit = said.get("x-unit")
    examples = said.get("examples") or [said.get("x-column", {}).get("example", "")]
    field = FormField(
        name=name,
        label=_label(name, said.get("title")),
        kind="json",
        default=said.get("default"),
        optional=optional,
        unit=None if unit == DIMENSIONLESS else unit,
        meaning=said.get("description", ""),
        example=str(examples[0]),
    )
    if len(members) > 1:
        return _of_several(field, said, members, definitions, within)
    return _of_one(field, said, definitions, within)


def _of_one(
    field: FormField,
    said: Mapping[str, Any],
    definitions: Mapping[str, Any],
    within: frozenset[str],
) -> FormField:
    choices = tuple(said["enum"]) if "enum" in said else (said["const"],) if "const" in said else ()
    if choices:
        given = tuple(choice for choice in choices if choice is not None)
        blank = field.optional or len(given) < len(choices)
        return replace(field, kind="choice", choices=given, optional=blank)
    kind, form = str(said.get("type")), said.get("format")
    if kind == "array":
        return _list(field, said, definitions, within)
    if kind == "object" and said.get("properties"):
        members = _members(said, definitions, field.default, within)
        return replace(field, kind="group", fields=members)
    found = KINDS.get((kind, form)) or KINDS.get((kind, None)) or "json"
    return replace(_bounded(field, said), kind=found)


def _bounded(field: FormField, said: Mapping[str, Any]) -> FormField:
    low, high = said.get("minimum"), said.get("maximum")
    above, below = said.get("exclusiveMinimum"), said.get("exclusiveMaximum")
    low_open = above is not None and (low is None or above >= low)
    high_open = below is not None and (high is None or below <= high)
    return replace(
        field,
        low=above if low_open else low,
        high=below if high_open else high,
        low_open=low_open,
        high_open=high_open,
        multiple_of=said.get("multipleOf"),
        shortest=said.get("minLength", said.get("minItems")),
        longest=said.get("maxLength", said.get("maxItems")),
        pattern=said.get("pattern"),
        unlike=bool(said.get("uniqueItems")),
    )


def _list(
    field: FormField,
    said: Mapping[str, Any],
    definitions: Mapping[str, Any],
    within: frozenset[str],
) -> FormField:
    places = said.get("prefixItems") or [said.get("items")]
    items = [_field(field.name, one or {}, definitions, within) for one in places]
    item = replace(items[0], unit=field.unit)
    alike = all(replace(one, default=None) == replace(items[0], default=None) for one in items)
    if not alike or item.kind not in PLAIN or item.optional:
        return field
    bounded = _bounded(field, said)
    if item.kind == "choice" and bounded.unlike:
        return replace(bounded, kind="choices", choices=item.choices)
    return replace(bounded, kind="list", fields=(item,))


def _of_several(
    field: FormField,
    said: Mapping[str, Any],
    members: Sequence[Mapping[str, Any]],
    definitions: Mapping[str, Any],
    within: frozenset[str],
) -> FormField:
    names = [str(one.get("$ref", field.name)).rsplit("/", 1)[-1] for one in members]
    kinds = [
        _field(name, one, definitions, within) for name, one in zip(names, members, strict=True)
    ]
    if [one.kind for one in kinds] == ["number", "text"] and _is_decimal(field.default):
        return replace(_bounded(field, members[0]), kind="number")
    if all(one.kind in PLAIN for one in kinds):
        return replace(field, kind="either", fields=tuple(kinds))
    if all(one.kind == "group" for one in kinds):
        tag = said.get("discriminator", {}).get("propertyName")
        return replace(field, kind="variant", fields=tuple(_variant(one, tag) for one in kinds))
    return field


def _is_decimal(default: Value) -> bool:
    """Say whether a default is a number as text, which is how pydantic tells a Decimal."""
    return isinstance(default, str) and default.replace(".", "", 1).lstrip("+-").isdigit()


def _variant(group: FormField, tag: str | None) -> FormField:
    fields = tuple(
        replace(one, kind="fixed", default=one.choices[0])
        if one.kind == "choice" and len(one.choices) == 1
        else one
        for one in group.fields
    )
    named = next((str(one.default) for one in fields if one.name == tag), group.label)
    return replace(group, name=named, label=_label(named, None), fields=fields)


def _resolved(
    prop: Mapping[str, Any], definitions: Mapping[str, Any], within: frozenset[str]
) -> tuple[dict[str, Any], list[Mapping[str, Any]], bool, frozenset[str]]:
    """Return the schema with its references followed, its several kinds, and whether null is allowed.

    A model that holds itself is followed once; the inner one has no properties and becomes JSON.
    """
    said, optional = dict(prop), False
    while True:
        members = (
            said.pop("anyOf", None) or said.pop("oneOf", None) or said.pop("allOf", None) or []
        )
        if "$ref" in said:
            members = [{"$ref": said.pop("$ref")}]
        kept = [member for member in members if member.get("type") != "null"]
        optional = optional or len(kept) < len(members)
        if len(kept) != 1:
            return said, kept, optional, within
        inner = dict(kept[0])
        name = str(inner.pop("$ref", "")).rsplit("/", 1)[-1]
        if name and name not in within:
            inner, within = {**definitions.get(name, {}), **inner}, within | {name}
            inner.pop("title", None)  # the class's name, not the setting's
        said = {**inner, **said}
        if not {"anyOf", "oneOf", "allOf", "$ref"} & set(said):
            return said, [], optional, within


def _label(name: str, title: object) -> str:
    """Return the author's own title, or the name in words; pydantic's made-up titles are not his."""
    words = name.replace("_", " ")
    own = isinstance(title, str) and title and title != words.title() and title != name
    text = str(title) if own else words
    return text[:1].upper() + text[1:]
