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
MOST_SAID = 1_000
"""Of one way, so many rows are told with what stands there; it is in the case's own columns too."""
TOGETHER = ""
"""The column under which a combination is kept; no column of a contract has it for a name."""

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]
Words = np.ndarray[tuple[int], np.dtype[np.object_]]


@dataclass(frozen=True)
class Unlike:
    """One way in which rows are unlike the training."""

    column: str
    """The column, or TOGETHER for numbers that did not occur with each other."""
    rows: Flags
    """Which rows it is, shape (n_rows,)."""
    found: Words
    """What stands there, in words, for these rows alone; from the thousandth on without the value."""
    training: str
    """What the training had instead, in words."""


def compared(typed: pd.DataFrame, contract: Contract, profile: TrainingProfile) -> pd.DataFrame:
    """Return, for each case, `unlike` (why it is unlike the training, or missing) and `trained_on`.

    Args:
        typed: The contract's columns, typed, as `inputs.parquet` has them; others are passed over.
        contract: Whose columns they are.
        profile: What the training wrote.
    """
    why, told = np.full(len(typed), "", object), np.zeros(len(typed), bool)
    for one in unlike(typed, contract, profile):
        why[told & one.rows] += ". "
        why[one.rows] += one.found + f"; training had {one.training}"
        told |= one.rows
    return pd.DataFrame(
        {
            "unlike": pd.Series(why, typed.index, "string").where(told),
            "trained_on": profile.trained.among(typed, contract.columns),
        }
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
        first = values[_first(outside)].tolist()
        said = [f"{column.name} {_said(value, seen.unit)}" for value in first]
        found = _words(said, outside, f"{column.name} outside")
        yield Unlike(column.name, outside, found, training_range(seen))
    if blank.any() and not seen.blanks:
        found = _words([], blank, f"{column.name} blank")
        yield Unlike(column.name, blank, found, "no blank there")


def _first(rows: Flags) -> Flags:
    """Return the rows that are told with what stands there."""
    return rows & (np.cumsum(rows) <= MOST_SAID)


def _words(said: list[str], rows: Flags, otherwise: str) -> Words:
    """Return the words for these rows: what is said of the first ones, one phrase for the others."""
    words = np.full(np.count_nonzero(rows), otherwise, object)
    words[: len(said)] = said
    return words


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
    first = _first(far)
    shares = marks[first] * (marks[first] @ precision)
    stands = [typed[one.name][first].tolist() for one in seen]
    said = [
        " with ".join(
            f"{seen[place].name} {_said(stands[place][row], seen[place].unit)}"
            for place in np.argsort(-share)[:2]
        )
        for row, share in enumerate(shares)
    ]
    found = _words(said, far, "numbers that did not occur together")
    yield Unlike(TOGETHER, far, found, "each of them, but not the two together")


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
