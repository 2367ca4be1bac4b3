"""Cases held beside what the model was trained on: which are unlike it, and which it has seen.

Pure. `capsule_kit.training_profile` says how a case is told to be unlike, and how often that is wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from capsule_kit.columns import DIMENSIONLESS, Column
from capsule_kit.contract import Contract
from capsule_kit.training_profile import (
    ColumnSeen,
    Combination,
    TrainingProfile,
    scores,
    squared_distances,
)

NOISE = 1e-6
"""Of a range: so little beyond its end is a unit turned there and back."""
TOGETHER = ""
"""The column under which a combination is kept; no column of a contract has it for a name."""

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Unlike:
    """One way in which rows are unlike the training."""

    column: str
    """The column, or TOGETHER for numbers that did not occur with each other."""
    rows: Flags
    """Which rows it is, shape (n_rows,)."""
    found: pd.Series
    """What stands there, in words, for these rows alone."""
    training: str
    """What the training had instead, in words."""


def compared(typed: pd.DataFrame, contract: Contract, profile: TrainingProfile) -> pd.DataFrame:
    """Return, for each case, `unlike` (why it is unlike the training, or missing) and `trained_on`.

    Args:
        typed: The contract's columns, typed, as `inputs.parquet` has them; others are passed over.
        contract: Whose columns they are.
        profile: What the training wrote.
    """
    why = pd.Series(pd.NA, index=typed.index, dtype="string")
    for one in unlike(typed, contract, profile):
        said = one.found.astype("string") + f"; training had {one.training}"
        here = why[one.rows]
        why[one.rows] = said.where(here.isna(), here + ". " + said)
    return pd.DataFrame(
        {"unlike": why, "trained_on": profile.trained.among(typed, contract.columns)}
    )


def unlike(typed: pd.DataFrame, contract: Contract, profile: TrainingProfile) -> list[Unlike]:
    """Return each way in which some rows are unlike the training, in the contract's order."""
    columns = {one.name: one for one in contract.columns}
    found: list[Unlike] = []
    for seen in profile.columns:
        found += _in_one_column(typed[seen.name], columns[seen.name], seen)
    alone = np.any([one.rows for one in found], axis=0) if found else np.zeros(len(typed), bool)
    if profile.combination is not None:
        found += _together(typed, profile, profile.combination, but_not=alone)
    return found


def training_range(seen: ColumnSeen) -> str:
    """Say what the training had in a column: `7 to 28 mm`, or its words."""
    if seen.words is not None:
        return ", ".join(seen.words) or "nothing"
    if seen.low is None or seen.high is None:
        return "nothing"
    if isinstance(seen.low, float) and isinstance(seen.high, float):
        low, high = f"{seen.low:g}", f"{seen.high:g}"
    else:
        low, high = str(seen.low), str(seen.high)
    return f"{low} to {high}{_unit(seen.unit)}"


def _in_one_column(values: pd.Series, column: Column, seen: ColumnSeen) -> Iterator[Unlike]:
    blank = values.isna().to_numpy(bool)
    outside = _outside(values, seen) & ~blank
    if outside.any():
        said = values[outside].map(lambda value: f"{column.name} {_said(value, seen.unit)}")
        yield Unlike(column.name, outside, said, training_range(seen))
    if blank.any() and not seen.blanks:
        said = pd.Series(f"{column.name} blank", index=values.index[blank])
        yield Unlike(column.name, blank, said, "no blank there")


def _outside(values: pd.Series, seen: ColumnSeen) -> Flags:
    if seen.words is not None:
        words = values.map({True: "yes", False: "no"}) if values.dtype.kind == "b" else values
        return ~words.isin(seen.words).to_numpy(bool)
    if seen.low is None or seen.high is None:
        return np.ones(len(values), bool)
    if isinstance(seen.low, float) and isinstance(seen.high, float):
        numbers = values.to_numpy(float, na_value=np.nan)
        slack = NOISE * (seen.high - seen.low)
        return (numbers < seen.low - slack) | (numbers > seen.high + slack)
    first, last = pd.Timestamp(str(seen.low)), pd.Timestamp(str(seen.high))
    return np.asarray((values < first) | (values > last), bool)


def _together(
    typed: pd.DataFrame,
    profile: TrainingProfile,
    combination: Combination,
    but_not: Flags,
) -> Iterator[Unlike]:
    """Yield the rows whose numbers did not occur with each other, where none is strange by itself."""
    seen = [one for one in profile.columns if one.name in combination.columns]
    marks, precision = scores(typed, seen), np.array(combination.precision)
    far = squared_distances(marks, precision) > combination.threshold
    far &= ~but_not
    if not far.any():
        return
    shares = marks[far] * (marks[far] @ precision)
    said = [
        _pair(typed.iloc[row], [seen[place] for place in np.argsort(-share)[:2]])
        for row, share in zip(np.flatnonzero(far), shares, strict=True)
    ]
    found = pd.Series(said, index=typed.index[far])
    yield Unlike(TOGETHER, far, found, "each of them, but not the two together")


def _pair(row: pd.Series, columns: list[ColumnSeen]) -> str:
    return " with ".join(f"{one.name} {_said(row[one.name], one.unit)}" for one in columns)


def _said(value: object, unit: str | None) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    if isinstance(value, int | float | np.number):
        return f"{value:g}{_unit(unit)}"
    return "blank" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def _unit(unit: str | None) -> str:
    return "" if unit in (None, DIMENSIONLESS) else f" {unit}"
