"""What may be claimed of a criterion: met, not met, or too few cases to tell.

Pure, as the judgement is. A floor is met when the one-sided lower bound reaches it, a ceiling when
the upper bound keeps it; it is not met when even the other bound does not.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from capsule_flows import claim_words
from capsule_flows.agreement import limits_of_agreement
from capsule_flows.benefit import benefit_of_calls
from capsule_flows.class_judging import named_otherwise, scored, two_by_two
from capsule_flows.discrimination import auroc
from capsule_flows.estimates import Estimate, Unsaid
from capsule_flows.intervals import cases_needed, lower_bound, upper_bound
from capsule_flows.judged_cases import Known
from capsule_flows.judgement import CriterionResult, Outcome
from capsule_flows.number_errors import FEWEST_FOR_ABSOLUTE, errors_of, mean_with_interval
from capsule_flows.ordering import order_bounds
from capsule_flows.pricing import cost_bound
from capsule_flows.said import Asked, Said, false_alarms_of, threshold_of
from capsule_kit.answers import Answer, ClassAnswer, NumberAnswer, RankAnswer, TimeAnswer
from capsule_kit.criteria import Criterion, ErrorCost, metrics_of

MOST_CASES_FORESEEN = 100_000


class Shown(NamedTuple):
    """What the cases show of a metric."""

    value: float | None
    low: float | None
    """One-sided bounds at the criterion's confidence; None where no bound holds."""
    high: float | None
    n: int
    k: int | None = None
    """Of a rate."""
    why_not: str = ""
    """Why there is no value or no bound."""


class Asking(NamedTuple):
    """What criteria are asked of."""

    answer: Answer
    prices: Sequence[ErrorCost]
    said: Said


def criterion_result(known: Known, asking: Asking, asked: Asked) -> CriterionResult:
    """Return what the cases that count say of one criterion."""
    wanted, answer = asked.criterion, asking.answer
    positive = answer.positive if isinstance(answer, ClassAnswer) else None
    unit = answer.unit if isinstance(answer, NumberAnswer) else ""
    return _result(_shown(known, asking, wanted), asked, positive, unit)


def rate_result(k: int, n: int, wanted: Criterion, positive: str | None = None) -> CriterionResult:
    """Return what k of n say of a criterion on a rate; `positive` is the class that it names."""
    return _result(_rate(k, n, wanted.confidence), Asked(wanted, "prespecified"), positive)


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


def _result(shown: Shown, asked: Asked, positive: str | None, unit: str = "") -> CriterionResult:
    wanted = asked.criterion
    outcome = _outcome(shown, wanted)
    needed = _needed(shown, wanted) if outcome == "too few to tell" else None
    told = claim_words.Told(wanted, positive, unit, shown.k, shown.n, shown.value)
    return CriterionResult(
        criterion=wanted,
        k=shown.k,
        n=shown.n,
        outcome=outcome,
        sentence=claim_words.sentence(told, outcome, shown.low, shown.high, needed, shown.why_not),
        origin=asked.origin,
        instead_of=asked.instead_of,
        value=shown.value,
        low=shown.low,
        high=shown.high,
    )


def _outcome(shown: Shown, wanted: Criterion) -> Outcome:
    low, high = shown.low, shown.high
    if wanted.metric == "mean error" and low is not None and high is not None:
        # To either side: the error must lie between the bound and its negative.
        low, high = max(low, -high, 0.0), max(abs(low), abs(high))
    if wanted.at_least is not None:
        if low is not None and low >= wanted.at_least:
            return "met"
        return "not met" if high is not None and high < wanted.at_least else "too few to tell"
    assert wanted.at_most is not None
    if high is not None and high <= wanted.at_most:
        return "met"
    return "not met" if low is not None and low > wanted.at_most else "too few to tell"


def _shown(known: Known, asking: Asking, wanted: Criterion) -> Shown:
    answer, metric = asking.answer, wanted.metric
    if metric not in metrics_of(answer):
        return Shown(None, None, None, 0, why_not="Answers of this kind do not show it.")
    if metric == "right":
        return _rate(int(known.right.sum()), len(known.right), wanted.confidence)
    if isinstance(answer, NumberAnswer):
        return _of_errors(known, wanted)
    if isinstance(answer, TimeAnswer | RankAnswer):
        return _of(order_bounds(known, answer, wanted.confidence), len(known.right))
    assert isinstance(answer, ClassAnswer)
    if metric == "cost per case":
        return _of_cost(known, asking, wanted)
    assert answer.positive is not None
    if metric == "auroc":
        return _of(auroc(*scored(known, answer), 2 * wanted.confidence - 1), len(known.right))
    if metric == "net benefit":
        return _of_benefit(known, answer, asking, wanted)
    table = two_by_two(known, answer, answer.positive)
    ill = int((known.true == answer.classes.index(answer.positive)).sum())
    k, n = {
        "sensitivity": (table.found, ill),
        "specificity": (table.cleared, len(known.true) - ill),
        "ppv": (table.found, table.found + table.alarms),
        "npv": (table.cleared, named_otherwise(known, answer)),
    }[metric]
    return _rate(k, n, wanted.confidence)


def _rate(k: int, n: int, confidence: float) -> Shown:
    low, high = lower_bound(k, n, confidence), upper_bound(k, n, confidence)
    return Shown(k / n if n else None, low, high, n, k)


def _of(found: Estimate | Unsaid, n: int) -> Shown:
    if isinstance(found, Unsaid):
        return Shown(None, None, None, n, why_not=found.reason)
    why_not = "" if found.low is not None else f"{found.method[:1].upper()}{found.method[1:]}."
    return Shown(found.value, found.low, found.high, found.n, why_not=why_not)


def _of_errors(known: Known, wanted: Criterion) -> Shown:
    error = errors_of(known)
    level = 2 * wanted.confidence - 1
    if wanted.metric == "mean absolute error":
        # Few gross errors may be missing from the cases: the upper end of a two-sided interval holds.
        absolute = mean_with_interval(abs(error), FEWEST_FOR_ABSOLUTE, wanted.confidence)
        return _of(absolute or Unsaid(reason="No case shows it."), len(error))
    limits = limits_of_agreement(error, level)
    return _of(limits if isinstance(limits, Unsaid) else limits.bias, len(error))


def _of_cost(known: Known, asking: Asking, wanted: Criterion) -> Shown:
    bound = cost_bound(known, asking.prices, asking.said, wanted.confidence)
    if bound.mean is None or not asking.prices:
        return Shown(None, None, None, bound.n, why_not="No case has a declared cost.")
    return Shown(bound.mean, bound.low, bound.high, bound.n)


def _of_benefit(known: Known, answer: ClassAnswer, asking: Asking, wanted: Criterion) -> Shown:
    threshold = threshold_of(false_alarms_of(answer, asking.prices, asking.said.preferences))
    n = len(known.true)
    if threshold is None:
        why = "Nobody has said how many false alarms one true case is worth."
        return Shown(None, None, None, n, why_not=why)
    if not n:
        return Shown(None, None, None, n, why_not="There is no such case.")
    assert answer.positive is not None
    table = two_by_two(known, answer, answer.positive)
    level = 2 * wanted.confidence - 1
    found = benefit_of_calls(table.found, table.alarms, n, threshold, level)
    return Shown(found.value, found.low, found.high, n)


def _needed(shown: Shown, wanted: Criterion) -> int | None:
    """Return how many more cases would settle it; None where none that anyone would bring.

    Of a rate such that are all right, or all wrong under a ceiling; of another number such that go on
    as these do, its bound coming nearer with the root of their number.
    """
    if shown.k is not None and wanted.at_least is not None:
        return cases_needed(shown.k, shown.n, wanted.at_least, wanted.confidence)
    if shown.k is not None and wanted.at_most is not None:
        wrong, floor = shown.n - shown.k, 1 - wanted.at_most
        return cases_needed(wrong, shown.n, floor, wanted.confidence)
    if shown.value is None or shown.low is None or shown.high is None or not shown.n:
        return None
    return _as_these_go(shown, wanted)


def _as_these_go(shown: Shown, wanted: Criterion) -> int | None:
    assert shown.value is not None
    assert shown.low is not None
    assert shown.high is not None
    if wanted.at_least is not None:
        far, near = shown.value - shown.low, shown.value - wanted.at_least
    else:
        size = abs(shown.value) if wanted.metric == "mean error" else shown.value
        far, near = max(shown.high - shown.value, shown.value - shown.low), wanted.bound - size
    if near <= 0 or far <= 0:
        return None
    needed = math.ceil(shown.n * (far / near) ** 2) - shown.n
    return needed if 0 < needed <= MOST_CASES_FORESEEN else None
