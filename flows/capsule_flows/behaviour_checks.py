"""A behaviour check as a value: what is changed of which cases, and what the prediction is expected to do."""

import math
from typing import Annotated, Literal, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from capsule_flows.findings import allowed
from capsule_flows.typing_cells import type_cells
from capsule_flows.units import convertible
from capsule_kit.answers import Answer, ClassAnswer, RankAnswer, TimeAnswer
from capsule_kit.columns import DIMENSIONLESS, Column
from capsule_kit.contract import Contract

Way = Literal["stays", "does not fall", "does not rise", "falls", "rises"]
Writing = Literal["capitals", "small letters", "wider gaps"]
Kind = Literal["shifted", "set", "swapped", "unit", "writing", "smiles", "order", "again"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Shifted(_Value):
    """A number is raised or lowered."""

    kind: Literal["shifted"] = "shifted"
    column: str
    by: float
    """In the column's unit, or in per cent; below 0 it is lowered."""
    percent: bool = False

    @model_validator(mode="after")
    def _moves(self) -> Self:
        if self.by == 0:
            raise ValueError("Say by how much; 0 changes nothing")
        return self


class SetTo(_Value):
    """A column is given one value in every case."""

    kind: Literal["set"] = "set"
    column: str
    value: str
    """As a person would write it into a cell."""


class Swapped(_Value):
    """A choice becomes the next one, of two the other; yes becomes no."""

    kind: Literal["swapped"] = "swapped"
    column: str


class OtherUnit(_Value):
    """A number is written in another unit with so many digits, and read back."""

    kind: Literal["unit"] = "unit"
    column: str
    unit: str
    digits: int = Field(4, ge=1, le=15)
    """Significant ones, as a laboratory would write them."""


class Rewritten(_Value):
    """A text is written otherwise."""

    kind: Literal["writing"] = "writing"
    column: str
    writing: Writing


class OtherSmiles(_Value):
    """A molecule is written as another SMILES of the same molecule."""

    kind: Literal["smiles"] = "smiles"
    column: str


class Reordered(_Value):
    """The cases come in another order."""

    kind: Literal["order"] = "order"


class Again(_Value):
    """The cases are run once more, without any others."""

    kind: Literal["again"] = "again"


ColumnChange = Shifted | SetTo | Swapped | OtherUnit | Rewritten | OtherSmiles
TableChange = Reordered | Again
Change = Annotated[ColumnChange | TableChange, Field(discriminator="kind")]


class Expected(_Value):
    """What the prediction is to do."""

    way: Way = "stays"
    within: float | None = Field(None, ge=0)
    """How far the number or the score may move, in its unit; None: 0, or where a number is to stay
    the contract's tolerance."""


class BehaviourCheck(_Value):
    """What an expert wants to see of a model without knowing an answer."""

    changes: tuple[Change, ...] = Field(min_length=1)
    """Of columns, all of them in each case; or one of the table as a whole."""
    cases: tuple[str, ...] | None = None
    """The case_ids of those that are changed; None for all."""
    expected: Expected = Expected()

    @model_validator(mode="after")
    def _of_one_sort(self) -> Self:
        what = [getattr(one, "column", "") for one in self.changes]
        if len(set(what)) < len(what) or ("" in what and len(what) > 1):
            raise ValueError("Change each column once, or the table as a whole and nothing else")
        return self

    @property
    def of_the_table(self) -> bool:
        """Whether it is the table as a whole that is changed."""
        return isinstance(self.changes[0], TableChange)


def offered(column: Column) -> tuple[Kind, ...]:
    """Return the kinds of change that a column can be given; none for what names the case or a file, or is no text."""
    if column.identifier or column.draws == "image" or column.file:
        return ()
    if column.draws == "molecule":
        return ("smiles",)
    match column.kind:
        case "number":
            measured = column.unit not in (None, DIMENSIONLESS)
            return ("shifted", "set", "unit") if measured else ("shifted", "set")
        case "integer":
            return ("shifted", "set")
        case "choice" if len(column.choices) < 2:
            return ()
        case "choice" | "yes/no":
            return ("swapped", "set")
        case "text":
            return ("writing", "set")
        case _:
            return ("set",)


def moves(answer: Answer) -> str | None:
    """Return what can rise and fall in the predictions, in words; None where nothing can."""
    match answer.kind:
        case "class":
            return f"the score of {answer.positive}" if answer.positive else None
        case "number":
            return f"the predicted {answer.column.replace('_', ' ')}"
        case "time" | "rank":
            return f"the predicted {answer.predicts}"
        case "none":
            return "the output" if answer.output == "number" else None


def measured_in(answer: Answer) -> str:
    """Return the unit of what can rise and fall."""
    if isinstance(answer, ClassAnswer | RankAnswer):
        return DIMENSIONLESS
    if isinstance(answer, TimeAnswer) and answer.predicts == "risk":
        return DIMENSIONLESS
    return answer.unit


def objections(check: BehaviourCheck, contract: Contract) -> tuple[str, ...]:
    """Return a sentence for each reason why the check cannot be made under the contract."""
    columns = {one.name: one for one in contract.columns}
    said = [
        _objection(change, columns.get(change.column))
        for change in check.changes
        if not isinstance(change, TableChange)
    ]
    expected = check.expected
    if moves(contract.answer) is None and (expected.way != "stays" or expected.within is not None):
        said.append("This model predicts nothing that could rise or fall: ask that it stays.")
    return tuple(one for one in said if one)


def _objection(change: ColumnChange, column: Column | None) -> str:
    if column is None:
        return f"The model is given no column “{change.column}”. Choose another."
    if change.kind not in offered(column):
        return f"“{column.name}” cannot be changed in this way. Choose another change."
    if isinstance(change, SetTo):
        return _unwritable(change, column)
    if isinstance(change, OtherUnit) and not convertible(
        change.unit, str(column.unit), column.molar_mass
    ):
        return f"{column.unit} cannot be turned into {change.unit}. Choose another unit."
    return ""


def _unwritable(change: SetTo, column: Column) -> str:
    value = cell(change.value, column)
    outside = value is None or (column.kind == "choice" and value not in column.choices)
    if not outside and column.kind in ("number", "integer"):
        outside = not in_bounds(float(str(value)), column)
    return (
        f"“{column.name}” cannot be {change.value!r}. Write {allowed(column)}." if outside else ""
    )


def cell(text: str, column: Column) -> object:
    """Return what a cell of this text is under the contract; None where it cannot be read."""
    value = type_cells(pd.Series([text]), column).values.iloc[0]  # noqa: PD011  a field
    return None if pd.isna(value) else value


def in_bounds(value: float, column: Column) -> bool:
    """Say whether a number is one, and within its column's bounds."""
    if not math.isfinite(value):
        return False
    low = column.at_least is None or value >= column.at_least
    return low and (column.at_most is None or value <= column.at_most)
