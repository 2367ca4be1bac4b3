"""What is told of a model beside the model itself: signature, input example, requirements.

Rules:

- no file is opened here, and nothing of a model is ever loaded: texts come in, values go out;
- what cannot be read is a sentence in `Card.gaps`, never an error;
- formats: MLmodel, saved input examples, `requirements.txt`, as MLflow documents them
  (https://mlflow.org/docs/latest/ml/model).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

Json = Any
"""A value as JSON has it."""

CARD_FILE = "MLmodel"
MOST_ROWS = 50
"""Of an input example so many rows are kept."""


@dataclass(frozen=True)
class Named:
    """One column of a signature's inputs or outputs."""

    name: str | None
    """None where the signature gives it none, as of an array."""
    type: str
    """As MLflow writes it: double, float, long, integer, string, boolean, datetime, binary; of an
    array numpy's name; another word where it is no single value."""
    required: bool = True
    shape: tuple[int, ...] | None = None
    """Of an array, -1 for any length; None for one value a row."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a signature."""

    name: str
    type: str
    default: Json
    many: bool = False
    """Whether it is a list of such values."""


@dataclass(frozen=True)
class Signature:
    """What a model says it takes and gives."""

    inputs: tuple[Named, ...]
    outputs: tuple[Named, ...] = ()
    params: tuple[Parameter, ...] = ()


@dataclass(frozen=True)
class Card:
    """What the files beside a model say of it."""

    flavors: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    """The ways to load it, MLflow's "flavors", with what each needs."""
    signature: Signature | None = None
    example: tuple[Mapping[str, Json], ...] = ()
    """Rows of its input example by column; empty where there is none that is a table."""
    python: str | None = None
    """The Python it was written with."""
    requirements: tuple[str, ...] = ()
    """Lines as pip takes them."""
    gaps: tuple[str, ...] = ()
    """What is missing or cannot be read, a sentence each."""


def neighbours(text: str) -> tuple[str, ...]:
    """Return the names of the files that an MLmodel refers to and `card_of` reads, as they stand in it."""
    told = _mapping(_yaml(text))
    info = _mapping(told.get("saved_input_example_info"))
    named = [info.get("artifact_path"), "requirements.txt"]
    return tuple(one for one in named if isinstance(one, str))


def card_of(text: str, beside: Mapping[str, str]) -> Card:
    """Return what an MLmodel and the files beside it say.

    Args:
        text: The MLmodel's text.
        beside: The texts of the `neighbours` that are there, by name.
    """
    told = _yaml(text)
    if not isinstance(told, Mapping):
        return Card(gaps=("The file MLmodel cannot be read: it is not what MLflow writes.",))
    flavors = {name: _mapping(one) for name, one in _mapping(told.get("flavors")).items()}
    generic = flavors.get("python_function", {})
    card = Card(flavors=flavors, python=_text(generic.get("python_version")))
    if not flavors:
        card = _with_gap(card, "The file MLmodel names no way to load the model.")
    card = _with_signature(card, told.get("signature"))
    card = _with_example(card, _mapping(told.get("saved_input_example_info")), beside)
    return _with_requirements(card, beside.get("requirements.txt"))


def requirement_lines(text: str) -> tuple[str, ...]:
    """Return the requirements of a `requirements.txt`: no comments, no hashes, no options of pip's."""
    joined = text.replace("\\\n", " ")
    lines = [re.split(r"\s(?:#|--)", line)[0].strip() for line in joined.splitlines()]
    return tuple(line for line in lines if line and line[0] not in "#-")


def _with_signature(card: Card, said: Json) -> Card:
    if said is None:
        return _with_gap(card, "The model has no signature: nothing says which columns it takes.")
    try:
        found = Signature(
            inputs=_columns(said.get("inputs")),
            outputs=_columns(said.get("outputs")),
            params=tuple(_parameter(one) for one in _list(said.get("params"))),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as cause:
        return _with_gap(card, f"The model's signature cannot be read ({type(cause).__name__}).")
    if not found.inputs:
        card = _with_gap(card, "The model's signature names no inputs.")
    if not found.outputs:
        card = _with_gap(card, "The model's signature does not say what the model gives.")
    return replace(card, signature=found)


def _with_example(card: Card, info: Mapping[str, Json], beside: Mapping[str, str]) -> Card:
    name = info.get("artifact_path")
    if name is None:
        return _with_gap(card, "The model has no input example.")
    text = beside.get(str(name))
    if text is None:
        return _with_gap(card, f"The model's input example, {name}, is not there.")
    try:
        rows = _example_rows(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError):
        return _with_gap(card, f"The model's input example, {name}, cannot be read as a table.")
    return replace(card, example=rows[:MOST_ROWS])


def _with_requirements(card: Card, text: str | None) -> Card:
    if text is None:
        return _with_gap(card, "Nothing says which packages the model needs (requirements.txt).")
    return replace(card, requirements=requirement_lines(text))


def _with_gap(card: Card, sentence: str) -> Card:
    return replace(card, gaps=(*card.gaps, sentence))


def _columns(said: Json) -> tuple[Named, ...]:
    return tuple(_named(one) for one in _list(said))


def _named(said: Mapping[str, Json]) -> Named:
    name = said.get("name")
    if said["type"] != "tensor":
        kind = str(said["type"])
        return Named(name, kind, bool(said.get("required", True)))
    spec = said["tensor-spec"]
    shape = tuple(int(one) for one in spec["shape"])
    return Named(name, str(spec["dtype"]), bool(said.get("required", True)), shape)


def _parameter(said: Mapping[str, Json]) -> Parameter:
    many = said.get("shape") is not None
    return Parameter(str(said["name"]), str(said["type"]), said.get("default"), many)


def _example_rows(said: Json) -> tuple[Mapping[str, Json], ...]:
    """Return a saved example as rows: a frame in pandas' "split" form, or records."""
    if isinstance(said, Mapping) and "columns" in said:
        names = [str(name) for name in said["columns"]]
        return tuple(dict(zip(names, row, strict=True)) for row in said["data"])
    if isinstance(said, Mapping):
        said = [said]
    return tuple({str(name): value for name, value in row.items()} for row in said)


def _list(said: Json) -> Sequence[Json]:
    """Return a part of a signature: MLflow keeps each as JSON inside the YAML."""
    found = json.loads(said) if isinstance(said, str) else said
    if found is None:
        return ()
    if not isinstance(found, list):
        raise TypeError
    return found


def _yaml(text: str) -> Json:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None


def _mapping(said: Json) -> Mapping[str, Json]:
    return said if isinstance(said, Mapping) else {}


def _text(said: Json) -> str | None:
    return None if said is None else str(said)
