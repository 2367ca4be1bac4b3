"""The draft of a capsule: what can be known of a model's columns, settings and answer, and what is asked.

Pure: values in, one value out. What nobody can know is a marked text (`capsule_kit.blanks`).
"""

import keyword
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel

from capsule_blocks.model_card import Card, Named, Parameter, Signature
from capsule_kit.blanks import blank

Kind = Literal["float", "int", "str", "bool", "date", "choice"]
MOST_CHOICES = 12
"""A text column with no more different words in the sample is one of choices."""
MOST_CLASSES = 20
FEWEST_FOR_BOUNDS = 30
"""From so many rows on, the sample's smallest and largest number are proposed as bounds."""
DIGITS = 3
KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("double", "float", "float32", "float64"), "float"),
    **dict.fromkeys(("long", "integer", "int8", "int16", "int32", "int64"), "int"),
    **dict.fromkeys(("boolean", "bool"), "bool"),
    **dict.fromkeys(("string", "str", "object"), "str"),
    "datetime": "date",
}
SCORES = ("score", "probability", "proba", "prob", "p")
RESERVED = ("case_id", "row")
UNIT = blank("the unit, or dimensionless")
MEANING = blank("what this is and how it is measured")


@dataclass(frozen=True)
class DraftColumn:
    """A column of the contract."""

    name: str
    """As the contract has it: a name that Python takes."""
    header: str
    """As the model knows it."""
    kind: Kind
    required: bool = True
    choices: tuple[str, ...] = ()
    low: float | None = None
    """The bounds that the sample shows; None where nothing is proposed."""
    high: float | None = None
    example: Any = None
    """A value of the example or the sample; None where there is none."""
    identifier: bool = False


@dataclass(frozen=True)
class DraftSetting:
    """A setting, from a parameter of the signature."""

    name: str
    kind: Kind
    default: Any
    many: bool = False


@dataclass(frozen=True)
class DraftAnswer:
    """The answer, as far as the model's output tells it."""

    column: str
    kind: Literal["class", "number"]
    output: str | None = None
    """The column of the model's output that is the prediction; None where it gives one array."""
    score: str | None = None
    """The column of its output that is a probability; None where there is none."""
    classes: tuple[str, ...] = ()
    """Empty where nobody knows them."""
    tolerance: float | None = None
    """A tenth of the spread that the sample shows; None where nothing is known."""
    example: float = 1.0


@dataclass(frozen=True)
class Draft:
    """All that is known of the capsule before its author has said a word."""

    columns: tuple[DraftColumn, ...]
    settings: tuple[DraftSetting, ...]
    answer: DraftAnswer
    rows: tuple[Mapping[str, Any], ...] = ()
    """Example cases by the contract's names, the answer among them where it is known."""
    ask: tuple[str, ...] = ()
    """What the author has to decide, a sentence each."""


def draft_of(
    card: Card,
    sample: pd.DataFrame | None = None,
    *,
    answer: str | None = None,
    classes: Sequence[str] = (),
) -> Draft:
    """Draft a capsule.

    Args:
        card: What is told beside the model.
        sample: Some rows of the training's table, under the model's headers; None where there are none.
        answer: The sample's column with the answer; otherwise the only one that the model does not take.
        classes: The classes that the model names, where its file told.
    """
    signature = card.signature or Signature(inputs=())
    inputs, ask = _inputs(signature.inputs, card, sample, answer)
    taken = {one.name for one in inputs}
    rest = [str(name) for name in sample if name not in taken] if sample is not None else []
    answer = answer or (rest[0] if len(rest) == 1 else None)
    known = _Names()
    columns = tuple(_column(one, known, card, sample) for one in inputs)
    drafted = _answer(signature.outputs, sample, answer, classes, known)
    columns = _identified(columns, sample, [name for name in rest if name != answer], known)
    ask += _to_be_asked(columns, drafted, sample, rest, answer)
    return Draft(
        columns=columns,
        settings=tuple(_setting(one) for one in signature.params if one.name.isidentifier()),
        answer=drafted,
        rows=_rows(columns, drafted, card, sample, answer),
        ask=(*card.gaps, *ask),
    )


class _Names:
    """Names that Python and the kit take, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set(RESERVED)

    def of(self, header: str) -> str:
        """Return a name for a header; the header itself where it is one."""
        name = re.sub(r"\W+", "_", header.strip(), flags=re.ASCII).strip("_").lower() or "column"
        if header.isidentifier() and header.isascii() and not header.startswith("_"):
            name = header
        if name[0].isdigit():
            name = f"column_{name}"
        if keyword.iskeyword(name) or hasattr(BaseModel, name) or name.startswith("model_"):
            name = f"the_{name}"
        free, count = name, 2
        while free in self._taken:
            free, count = f"{name}_{count}", count + 1
        self._taken.add(free)
        return free


def _inputs(
    said: Sequence[Named], card: Card, sample: pd.DataFrame | None, answer: str | None
) -> tuple[list[Named], list[str]]:
    """Return the inputs, each one value under a name, and what is to be asked of them."""
    names = list(card.example[0]) if card.example else []
    if sample is not None:
        names = names or [str(name) for name in sample if name != answer]
    if len(said) == 1 and said[0].shape and said[0].shape[-1] > 0:
        width, kind = said[0].shape[-1], said[0].type
        if len(names) != width:
            names = [f"feature_{place}" for place in range(1, width + 1)]
            last = f"feature_{width}"
            said_so = f"The model takes {width} numbers without names: give feature_1 to {last}"
            return [Named(name, kind) for name in names], [f"{said_so} theirs, in its order."]
        return [Named(name, kind) for name in names], []
    if said and all(one.name for one in said):
        return list(said), []
    if names:
        return [Named(name, _type_of(name, card, sample)) for name in names], [
            "The columns are those of the sample or the example: take out what the model is not given."
        ]
    return [Named("column_1", "double")], [
        "Nothing says which columns the model takes: write them, or give some rows with --sample."
    ]


def _type_of(name: str, card: Card, sample: pd.DataFrame | None) -> str:
    values = sample[name] if sample is not None and name in sample else None
    if values is None:
        values = pd.Series([row.get(name) for row in card.example])
    if pd.api.types.is_bool_dtype(values):
        return "boolean"
    if pd.api.types.is_datetime64_any_dtype(values):
        return "datetime"
    if pd.api.types.is_integer_dtype(values):
        return "long"
    return "double" if pd.api.types.is_numeric_dtype(values) else "string"


def _column(said: Named, names: _Names, card: Card, sample: pd.DataFrame | None) -> DraftColumn:
    header = str(said.name)
    seen = sample[header].dropna() if sample is not None and header in sample else None
    example = next((row[header] for row in card.example if row.get(header) is not None), None)
    if example is None and seen is not None and len(seen):
        example = seen.iloc[0]
    kind = KINDS.get(said.type, "str")
    found = DraftColumn(names.of(header), header, kind, said.required, example=_plain(example))
    if seen is None or not len(seen):
        return found
    if kind == "str":
        words = tuple(sorted(map(str, seen.unique()))) if seen.nunique() <= MOST_CHOICES else ()
        repeated = len(seen) >= 2 * len(words)
        return replace(found, kind="choice", choices=words) if words and repeated else found
    numbers = pd.to_numeric(seen, errors="coerce").dropna()
    if kind in ("float", "int") and len(numbers) >= FEWEST_FOR_BOUNDS:
        low, high = float(numbers.min()), float(numbers.max())
        return replace(found, low=_rounded(low, math.floor), high=_rounded(high, math.ceil))
    return found


def _identified(
    columns: tuple[DraftColumn, ...],
    sample: pd.DataFrame | None,
    rest: Sequence[str],
    names: _Names,
) -> tuple[DraftColumn, ...]:
    """Return the columns with one that names the case first, where the sample has such a one."""
    for name in rest if sample is not None else ():
        values = sample[name]  # type: ignore[index]  # there is one
        if values.is_unique and not pd.api.types.is_float_dtype(values):
            example = str(values.iloc[0])
            named = DraftColumn(names.of(name), name, "str", example=example, identifier=True)
            return (named, *columns)
    return columns


def _answer(
    outputs: Sequence[Named],
    sample: pd.DataFrame | None,
    answer: str | None,
    classes: Sequence[str],
    names: _Names,
) -> DraftAnswer:
    named = [one for one in outputs if one.name]
    score = next((one.name for one in named if str(one.name).lower() in SCORES), None)
    told = [one for one in named if one.name != score]
    texts = [one for one in told if KINDS.get(one.type) in ("str", "bool", "int")]
    output = next(iter([*texts, *told]), None)
    kind = KINDS.get((output or (outputs[0] if outputs else Named(None, "double"))).type, "str")
    known = sample[answer].dropna() if sample is not None and answer in sample else None
    if known is not None and not classes and _are_classes(known):
        classes = sorted({label(value) for value in known})
    column = names.of(answer or (str(output.name) if output else "answer"))
    name = output.name if output else None
    if classes or (known is None and kind != "float"):
        return DraftAnswer(column, "class", name, score, tuple(classes))
    number = DraftAnswer(column, "number", name)
    numbers = pd.to_numeric(known, errors="coerce").dropna() if known is not None else pd.Series()
    if numbers.empty:
        return number
    spread = float(numbers.quantile(0.75) - numbers.quantile(0.25))
    tolerance = _rounded(spread / 10, math.ceil) or None
    return replace(number, tolerance=tolerance, example=float(numbers.iloc[0]))


def _are_classes(values: pd.Series) -> bool:
    if pd.api.types.is_float_dtype(values) and not (values == values.round()).all():
        return False
    return 2 <= values.nunique() <= MOST_CLASSES and values.nunique() < len(values)


def label(value: Any) -> str:
    """Return a class's name as a text: 1.0 and 1 are the same class."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _setting(said: Parameter) -> DraftSetting:
    return DraftSetting(said.name, KINDS.get(said.type, "str"), said.default, said.many)


def _to_be_asked(
    columns: Sequence[DraftColumn],
    drafted: DraftAnswer,
    sample: pd.DataFrame | None,
    rest: Sequence[str],
    answer: str | None,
) -> list[str]:
    ask = []
    if any(one.low is not None for one in columns):
        ask.append(
            "Bounds were inferred from the sample: a value outside is a warning. Correct them and"
            " take out inferred=True, and it is refused."
        )
    if drafted.kind == "class" and not drafted.classes:
        ask.append("Nothing says which classes the model names: write all of them.")
    if drafted.kind == "class" and drafted.score:
        taken = f"; {drafted.classes[-1]} was taken" if len(drafted.classes) == 2 else ""
        ask.append(f"Say of which class {drafted.score} is the probability: positive=…{taken}.")
    if drafted.kind == "number":
        ask.append(
            "Say how far a prediction may be from the answer and still be right: tolerance=…."
        )
    if sample is not None and answer is None:
        left = f" Those left are {', '.join(rest)}." if rest else ""
        ask.append(f"Nothing says which column of the sample is the answer: --answer.{left}")
    return ask


def _rows(
    columns: Sequence[DraftColumn],
    drafted: DraftAnswer,
    card: Card,
    sample: pd.DataFrame | None,
    answer: str | None,
) -> tuple[Mapping[str, Any], ...]:
    """Return example cases: some rows of the sample with their answers, or the input example without."""
    if sample is None:
        given: list[dict[str, Any]] = [dict(row) for row in card.example]
    else:
        few = sample.sample(min(len(sample), 20), random_state=0).sort_index()
        given = few.to_dict("records")  # type: ignore[assignment]  # its keys are texts
    rows = []
    for row in given:
        case = {one.name: _plain(row.get(one.header)) for one in columns}
        truth = _plain(row.get(answer)) if answer else None
        if truth is not None and drafted.kind == "class":
            truth = label(truth)
        rows.append({**case, drafted.column: truth})
    return tuple(rows)


def _plain(value: Any) -> Any:
    """Return a value as Python and CSV have it; None for what is blank."""
    if value is None or (not isinstance(value, (str, list, dict)) and pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    return value.item() if hasattr(value, "item") else value


def _rounded(value: float, outward: Any) -> float:
    """Return a number with three digits, rounded outward."""
    if value == 0 or not math.isfinite(value):
        return 0.0
    step = 10.0 ** (math.floor(math.log10(abs(value))) - DIGITS + 1)
    return float(f"{outward(round(value / step, 9)) * step:.{DIGITS + 3}g}")
