"""What the cases allow anyone to claim of a criterion: met, not met, or too few to tell.

Pure, as the judgement is. A floor is met when the exact one-sided lower bound reaches it.
"""

from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict

from capsule_flows import wording
from capsule_flows.intervals import cases_needed, lower_bound, upper_bound
from capsule_kit.answers import Answer, ClassAnswer
from capsule_kit.criteria import Criterion, Metric

Outcome = Literal["met", "not met", "too few to tell"]


class CriterionResult(BaseModel):
    """What these cases say of one success criterion."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    criterion: Criterion
    k: int
    n: int
    outcome: Outcome
    sentence: str
    """The outcome in words, with what would settle it."""


def criterion_result(known: pd.DataFrame, answer: Answer, wanted: Criterion) -> CriterionResult:
    """Return what the answered cases say of one criterion."""
    k, n = counted(known, answer, wanted.metric)
    lower = lower_bound(k, n, wanted.confidence)
    upper = upper_bound(k, n, wanted.confidence)
    positive = answer.positive if isinstance(answer, ClassAnswer) else None
    said = wording.criterion(wanted, positive, k, n)
    outcome: Outcome
    if lower >= wanted.at_least:
        outcome, sentence = "met", wording.met(said, lower, wanted)
    elif upper < wanted.at_least:
        outcome, sentence = "not met", wording.not_met(said, upper, wanted)
    else:
        needed = cases_needed(k, n, wanted.at_least, wanted.confidence)
        outcome, sentence = ("too few to tell", wording.too_few(said, n, lower, needed, wanted))
    return CriterionResult(criterion=wanted, k=k, n=n, outcome=outcome, sentence=sentence)


def counted(known: pd.DataFrame, answer: Answer, metric: Metric) -> tuple[int, int]:
    """Return k and n of a metric; a metric that the answer does not have counts no case."""
    if metric == "right":
        return int(known["right"].sum()), len(known)
    if not isinstance(answer, ClassAnswer) or answer.positive is None:
        return 0, 0
    positive = (known["answer"] == answer.positive).to_numpy(bool)
    found = (known["prediction"] == answer.positive).fillna(value=False).to_numpy(bool)
    if metric == "sensitivity":
        return int((positive & found).sum()), int(positive.sum())
    # A blank or an undeclared class clears nobody.
    cleared = known["prediction"].isin(answer.classes).to_numpy(bool) & ~found
    return int((~positive & cleared).sum()), int((~positive).sum())


def looked_at(inputs: pd.DataFrame, wanted: Criterion) -> pd.Series:
    """Return for each case whether the criterion is about it."""
    if wanted.where is None:
        return pd.Series(data=True, index=range(len(inputs)))
    name, value = wanted.where
    if name not in inputs:
        return pd.Series(data=False, index=range(len(inputs)))
    column = inputs[name]
    if pd.api.types.is_bool_dtype(column):
        column = column.astype("boolean").map({True: "yes", False: "no"})
    elif pd.api.types.is_numeric_dtype(column):
        number = pd.to_numeric(value, errors="coerce")
        return (column == number).fillna(value=False).astype(bool)
    return (column.astype("string") == value).fillna(value=False).astype(bool)
