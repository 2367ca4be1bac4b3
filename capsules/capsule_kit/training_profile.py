"""What a model was trained on, as its training writes it down: ranges, words, combinations, known rows.

A new row is unlike the training in three ways, each with a rate at which it marks rows that are like it:

- a value outside the training's smallest and largest: 2 of n + 1 for each column (S. S. Wilks,
  Determination of sample sizes for setting tolerance limits, Ann. Math. Statist. 12, 1941);
- a word or a blank that the training never had: as many of n as there were words that stood there
  once (I. J. Good, The population frequencies of species, Biometrika 40, 1953);
- numbers that each occurred, and not together: the Mahalanobis distance of the columns' normal
  scores (H. Liu, J. Lafferty, L. Wasserman, The nonparanormal, JMLR 10, 2009), above a threshold
  that one half of the rows sets for what the other half has fitted, so that the rate holds whatever
  the distribution (R. Laxhammar, G. Falkman, Inductive conformal anomaly detection, Ann. Math.
  Artif. Intell. 74, 2015).
"""

import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import NormalDist
from typing import Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from capsule_kit.columns import Column
from capsule_kit.contract import Contract
from capsule_kit.errors import CannotProfile
from capsule_kit.training_rows import TrainingRows, rows_of

COMBINATION_RATE = 0.01
"""Of rows like those of the training, so many are marked for their combination."""
FEWEST_ROWS = 200
"""With fewer rows no threshold holds that rate."""
MOST_COLUMNS = 40
"""With more numbers the matrix would make the deployment large."""
SHRINKAGE = 0.01
"""Of the correlations towards none: columns that say the same can still be told apart."""
SCORES = np.linspace(-2.5, 2.5, 21)
"""The normal scores at which a column's quantiles are kept."""

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnSeen(_Value):
    """One column of the training table."""

    name: str
    unit: str | None
    n: int
    """Rows in which it was not blank."""
    blanks: bool
    """Whether it was blank in some row."""
    low: float | date | None = None
    """The smallest number, in `unit`, or the first day; None for words, and where all was blank."""
    high: float | date | None = None
    words: tuple[str, ...] | None = None
    """The words that stood there, for choices and yes/no."""
    once: int = 0
    """How many of the words stood there once."""
    quantiles: tuple[tuple[float, float], ...] = ()
    """Of numbers: (value, normal score), both ascending."""

    @property
    def false_alarms(self) -> float:
        """The rate at which rows like those of the training are marked for this column."""
        outside = 2 / (self.n + 1) if self.low is not None else self.once / max(1, self.n)
        return outside + (0 if self.blanks else 1 / (self.n + 1))


class Combination(_Value):
    """Numbers that occur together."""

    columns: tuple[str, ...]
    precision: tuple[tuple[float, ...], ...]
    """Inverse of the scores' correlations, shape (n_columns, n_columns)."""
    threshold: float
    """A squared distance above it is unlike the training."""
    rate: float
    """The rate at which rows like those of the training lie above it, at most."""


class TrainingProfile(_Value):
    """What is told of a training table."""

    rows: int
    columns: tuple[ColumnSeen, ...]
    """In the contract's order; the one that names a case, and texts, are not among them."""
    combination: Combination | None
    """None where the table is too small, too wide, or has fewer than two columns of numbers."""
    trained: TrainingRows

    @property
    def false_alarms(self) -> float:
        """Of rows like those of the training, no larger share is marked as unlike it."""
        combined = self.combination.rate if self.combination else 0
        return min(1.0, combined + sum(one.false_alarms for one in self.columns))

    def fits(self, contract: Contract) -> bool:
        """Say whether it was written for this contract's columns."""
        units = {one.name: one.unit for one in contract.columns}
        return all(units.get(one.name, "") == one.unit for one in self.columns)

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """Read what `write_profile` wrote."""
        return cls.model_validate_json(path.read_bytes())


def write_profile(table: pd.DataFrame, contract: Contract, path: Path) -> TrainingProfile:
    """Write down what a model was trained on, for the capsule's declaration to publish.

    Args:
        table: What the model was trained on, one row a case, under the contract's names and in its
            units; columns that the contract does not have are passed over, and so is the answer.
        contract: The capsule's contract, `capsule.manifest.contract`.
        path: The file to write, JSON; `Capsule(profile=…)` names it.

    Raises:
        CannotProfile: a column holds what its kind cannot be, or no column of the contract is there.
    """
    profile = profile_of(table, contract)
    path.write_text(profile.model_dump_json(indent=1) + "\n")
    return profile


def profile_of(table: pd.DataFrame, contract: Contract) -> TrainingProfile:
    """Return what is told of a training table; `write_profile` says how it must look."""
    known = [one for one in contract.columns if one.name in table and not one.identifier]
    if not known or table.empty:
        raise CannotProfile("the table", "holds no row under any column of the contract")
    typed = pd.DataFrame({one.name: _typed(table[one.name], one) for one in known})
    told = tuple(_seen(typed[one.name], one) for one in known if one.kind != "text")
    return TrainingProfile(
        rows=len(typed),
        columns=told,
        combination=_combination(typed, [one for one in told if len(one.quantiles) > 1]),
        trained=rows_of(typed, known),
    )


def scores(typed: pd.DataFrame, columns: Sequence[ColumnSeen]) -> Floats:
    """Return the normal score of each number, shape (n_rows, n_columns); a blank is in the middle."""
    found = []
    for one in columns:
        values, marks = np.array(one.quantiles).T
        numbers = typed[one.name].to_numpy(float, na_value=np.nan)
        found.append(np.nan_to_num(np.interp(numbers, values, marks)))
    return np.column_stack(found)


def _typed(values: pd.Series, column: Column) -> pd.Series:
    values = values.reset_index(drop=True)
    try:
        match column.kind:
            case "number" | "integer":
                numbers = pd.to_numeric(values).astype("float64")
                return numbers.where(np.isfinite(numbers))
            case "yes/no":
                return values.astype("boolean")
            case "date":
                return pd.to_datetime(values).dt.normalize().astype("datetime64[us]")
            case _:
                texts = values.astype("string").str.strip()
                return texts.mask((texts == "").fillna(value=False))
    except (TypeError, ValueError) as cause:
        problem = f"holds what is no {column.kind} ({cause})"
        raise CannotProfile(f"column {column.name!r}", problem) from cause


def _seen(values: pd.Series, column: Column) -> ColumnSeen:
    there = values.dropna()
    told = ColumnSeen(
        name=column.name, unit=column.unit, n=len(there), blanks=len(there) < len(values)
    )
    if column.kind in ("choice", "yes/no"):
        words = there.map({True: "yes", False: "no"}) if column.kind == "yes/no" else there
        counts = words.value_counts()
        return told.model_copy(
            update={"words": tuple(sorted(counts.index)), "once": int((counts == 1).sum())}
        )
    if there.empty:
        return told
    if column.kind == "date":
        return told.model_copy(update={"low": there.min().date(), "high": there.max().date()})
    ends = {"low": float(there.min()), "high": float(there.max())}
    return told.model_copy(update={**ends, "quantiles": _quantiles(there.to_numpy(float))})


def _quantiles(values: Floats) -> tuple[tuple[float, float], ...]:
    """Return the quantiles at SCORES; a value at several of them stands at their middle."""
    shares = [NormalDist().cdf(score) for score in SCORES]
    at = pd.Series(SCORES).groupby(_short(np.quantile(values, shares))).mean()
    return tuple(zip(at.index.tolist(), at.tolist(), strict=True))


def _combination(typed: pd.DataFrame, columns: Sequence[ColumnSeen]) -> Combination | None:
    if len(typed) < FEWEST_ROWS or not 1 < len(columns) <= MOST_COLUMNS:
        return None
    order = np.random.default_rng(0).permutation(len(typed))
    fitting, setting = np.array_split(scores(typed, columns)[order], 2)
    spread = np.cov(fitting, rowvar=False)
    deviation = np.sqrt(np.diag(spread))
    if not deviation.all():
        return None
    shrunk = (1 - SHRINKAGE) * spread + SHRINKAGE * np.diag(deviation**2)
    precision = _short(np.linalg.inv(shrunk).astype(np.float64))
    distances = np.sort(squared_distances(setting, precision))
    place = math.ceil((1 - COMBINATION_RATE) * (len(distances) + 1))
    return Combination(
        columns=tuple(one.name for one in columns),
        precision=tuple(tuple(map(float, row)) for row in precision),
        threshold=float(distances[place - 1]),
        rate=COMBINATION_RATE,
    )


def squared_distances(marks: Floats, precision: Floats) -> Floats:
    """Return each row's squared Mahalanobis distance, shape (n_rows,)."""
    return np.asarray(((marks @ precision) * marks).sum(axis=1))


def _short(values: Floats) -> Floats:
    """Return numbers cut to six digits, so that the file stays small."""
    return np.array([float(f"{value:.6g}") for value in values.flat]).reshape(values.shape)
