"""The columns of a row: what an author says of each, and how a pydantic model becomes a list of them."""

import datetime
import types
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from capsule_kit.errors import DeclarationError

Kind = Literal["number", "integer", "choice", "text", "yes/no", "date", "time"]
Mistake = Literal["missing", "kind", "bounds", "choices", "duplicate"]
Drawing = Literal["molecule", "image", "sequence"]
FileKind = Literal["image", "spectrum", "sequence", "any"]

DIGEST_ENDING = " (SHA-256)"
"""How the header ends of what stands in the inputs beside a column of files: their hashes."""
DIMENSIONLESS = "dimensionless"
KINDS: dict[type, Kind] = {
    float: "number",
    int: "integer",
    str: "text",
    bool: "yes/no",
    datetime.date: "date",
}
MISTAKES: tuple[Mistake, ...] = get_args(Mistake)


class Column(BaseModel):
    """One column of a contract."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """The column's header, as the model knows it."""
    kind: Kind
    """"time" is a number of an answer, with a + behind it where nothing had happened by then."""
    unit: str | None = None
    """The unit of a number; "dimensionless" where it has none; None for every other kind."""
    at_least: float | None = None
    """The smallest value allowed, itself included, in `unit`."""
    at_most: float | None = None
    """The largest value allowed, itself included, in `unit`."""
    inferred: bool = Field(default=False, exclude_if=lambda said: not said)
    """Whether the bounds were only seen in data: until the author says otherwise, a value outside is a
    warning. Left out where it is not so, as the contract's hash was before there was such a word."""
    choices: tuple[str, ...] = ()
    """The values allowed, for the kind "choice"."""
    required: bool = True
    """Whether a cell may be blank."""
    identifier: bool = False
    """Whether the column names the case: shown beside it everywhere, its values unlike each other."""
    meaning: str
    """What the column holds, in the expert's words."""
    example: str
    """One value, as a person would write it."""
    says: Mapping[Mistake, str] = Field(default_factory=dict)
    """The author's own sentence for each thing that can go wrong."""
    synonyms: tuple[str, ...] = ()
    """Other names that the column goes by in people's files."""
    words: Mapping[str, str] = Field(default_factory=dict)
    """What people write for a choice → the choice meant, such as "M" → "malignant"."""
    molar_mass: float | None = Field(None, gt=0)
    """Of the substance measured, in g/mol; lets mg/dL be turned into mmol/L."""
    draws: Drawing | None = None
    """What its text is, beyond letters: a SMILES, a picture in base64, a sequence of letters."""
    file: FileKind | None = Field(default=None, exclude_if=lambda kind: kind is None)
    """What kind of file its text names, one that comes with the table; None where it names none. Left out
    where it is so, as the contract's hash was before there was such a word."""


def column(
    *,
    meaning: str,
    example: object,
    unit: str | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    inferred: bool = False,
    identifier: bool = False,
    says: Mapping[Mistake, str] | None = None,
    synonyms: Sequence[str] = (),
    words: Mapping[str, str] | None = None,
    molar_mass: float | None = None,
    draws: Drawing | None = None,
    file: FileKind | None = None,
    default: Any = ...,
) -> Any:
    """Declare one field of a row or of the settings.

    The kind comes from the annotation: float, int, str, bool, date, or a Literal of strings;
    `| None` lets a cell be blank. `unit` is required of numbers ("dimensionless" is said), and
    `default` gives a setting the value its form starts with. `synonyms` are other headers that mean
    the column, `words` what people write for its choices, and `molar_mass` (g/mol) joins units of
    mass and of substance. `draws` says that a text is a molecule (SMILES), an image (base64 or a
    data address) or a sequence, so that a person sees it as that. `file` says that a text names a file
    which comes with the table, of that kind by its first bytes; the model finds a path there.
    `inferred` bounds were only seen in data: a value outside is a warning until the author takes the
    word out.
    """
    return Field(
        default,
        ge=None if inferred else at_least,
        le=None if inferred else at_most,
        description=meaning,
        json_schema_extra={
            "x-column": {
                "unit": unit,
                "at_least": at_least,
                "at_most": at_most,
                "inferred": inferred,
                "identifier": identifier,
                "meaning": meaning,
                "example": str(example),
                "says": {str(mistake): sentence for mistake, sentence in (says or {}).items()},
                "synonyms": list(synonyms),
                "words": dict(words or {}),
                "molar_mass": molar_mass,
                "draws": draws,
                **({"file": file} if file else {}),
            },
            **({"x-unit": unit} if unit else {}),
        },
    )


def columns_of(row: type[BaseModel]) -> tuple[Column, ...]:
    """Return the columns that a row's or the settings' model declares, in its order.

    Raises:
        DeclarationError: a field has no usable type, was not made by `column`, or lacks a unit.
    """
    return tuple(_column_of(row, name, field) for name, field in row.model_fields.items())


def refuse_bad_setting(settings: type[BaseModel], name: str, field: FieldInfo) -> None:
    """Hold a setting that `column` made to what holds of a column, where it is of such a type.

    A setting may be of any other type too, and need not be made by `column`.

    Raises:
        DeclarationError: a number lacks its unit, what is said of the setting contradicts itself, or
            it is to name a file.
    """
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "x-column" in extra and _is_column(field.annotation):
        found = _column_of(settings, name, field)
        if found.file:
            place = f"{settings.__module__}.{settings.__qualname__}.{name}"
            raise DeclarationError(
                place, "a setting names no file", "Leave file= out; a column of the row may say it"
            )


def _is_column(annotation: Any) -> bool:
    try:
        _kind_of(annotation, "")
    except DeclarationError:
        return False
    return True


def _column_of(row: type[BaseModel], name: str, field: FieldInfo) -> Column:
    place = f"{row.__module__}.{row.__qualname__}.{name}"
    extra = field.json_schema_extra
    said = extra.get("x-column") if isinstance(extra, dict) else None
    if not isinstance(said, dict):
        raise DeclarationError(
            place,
            "the field says nothing of its meaning",
            f"Write `{name}: TYPE = column(meaning=…, example=…)`",
        )
    kind, choices, required = _kind_of(field.annotation, place)
    found = Column.model_validate(
        {
            **said,
            "name": name,
            "kind": kind,
            "choices": choices,
            "required": required and field.default in (..., PydanticUndefined),
        }
    )
    _refuse_contradictions(found, place)
    return found


def _refuse_contradictions(found: Column, place: str) -> None:
    numeric = found.kind in ("number", "integer")
    if numeric and not found.unit:
        raise DeclarationError(
            place,
            "the number has no unit",
            'Say unit="mg/L", or unit="dimensionless" where it has none',
        )
    if not numeric and found.unit:
        raise DeclarationError(place, f"a {found.kind} has no unit", "Leave unit= out")
    if not numeric and (found.at_least is not None or found.at_most is not None):
        raise DeclarationError(
            place, f"a {found.kind} has no bounds", "Leave at_least= and at_most= out"
        )
    if found.draws and found.kind != "text":
        raise DeclarationError(
            place, f"a {found.kind} is no {found.draws}", "Leave draws= out, or make it a str"
        )
    _refuse_bad_file(found, place)
    if strangers := sorted(set(found.words.values()) - set(found.choices)):
        raise DeclarationError(
            place,
            f"words= leads to {strangers[0]!r}, which is no choice",
            "Let each word lead to one of the choices",
        )
    if found.at_least is not None and found.at_most is not None and found.at_least > found.at_most:
        raise DeclarationError(
            place,
            f"at_least {found.at_least:g} is above at_most {found.at_most:g}",
            "Exchange the two bounds",
        )


def _refuse_bad_file(found: Column, place: str) -> None:
    if found.name.endswith(DIGEST_ENDING):
        raise DeclarationError(
            place, f"a header that ends in {DIGEST_ENDING!r} is kept for files", "Call it otherwise"
        )
    if not found.file:
        return
    if found.kind != "text":
        raise DeclarationError(
            place, f"a {found.kind} names no file", "Leave file= out, or make it a str"
        )
    if found.identifier:
        raise DeclarationError(
            place,
            "a file does not name a case",
            "Leave identifier= out, and name cases in a column",
        )
    if found.draws and (found.draws != "image" or found.file not in ("image", "any")):
        raise DeclarationError(
            place,
            f"a file of the kind {found.file!r} cannot be drawn as its name's {found.draws}",
            'Leave draws= out; draws="image" is for files that are images',
        )


def _kind_of(annotation: Any, place: str) -> tuple[Kind, tuple[str, ...], bool]:
    if get_origin(annotation) in (Union, types.UnionType):
        members = [member for member in get_args(annotation) if member is not type(None)]
        if len(members) == 1:
            kind, choices, _ = _kind_of(members[0], place)
            return kind, choices, False
    if get_origin(annotation) is Literal:
        choices = get_args(annotation)
        if all(isinstance(choice, str) for choice in choices):
            return "choice", choices, True
    if annotation in KINDS:
        return KINDS[annotation], (), True
    shown = getattr(annotation, "__name__", str(annotation))
    raise DeclarationError(
        place,
        f"the type {shown} cannot be asked of a person",
        "Use float, int, str, bool, date, or Literal['…', '…'], with `| None` where a blank is allowed",
    )
