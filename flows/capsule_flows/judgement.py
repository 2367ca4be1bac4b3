"""The judgement: what comparing predictions with answers shows, case by case first.

Pure: tables and the manifest in, one frozen value and one table out. Whatever the tables hold,
the outcome is a number with its interval or a sentence that says why there is none.
"""

from typing import Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from capsule_flows import wording
from capsule_flows.claiming import CriterionResult, counted, criterion_result, looked_at
from capsule_flows.intervals import wilson
from capsule_flows.judged_cases import (
    agrees,
    codes,
    costs,
    disagreements_first,
    floats,
    joined,
)
from capsule_flows.training_apart import ApartFromTraining, apart_from_training
from capsule_flows.training_likeness import compared
from capsule_kit.answers import Answer, ClassAnswer, NumberAnswer
from capsule_kit.manifest import Manifest

UNDECLARED = "(undeclared)"
NO_PREDICTION = "(no prediction)"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rate(_Value):
    """k of n, with Wilson's 95 % interval."""

    k: int
    n: int
    """The denominator, at least 1."""
    share: float
    """k / n."""
    low: float
    high: float


class NamedRate(_Value):
    """A rate that has a name of its own."""

    name: Literal["sensitivity", "specificity"]
    rate: Rate | None
    """None where no case could show it."""
    sentence: str
    """The rate in words, or why there is none."""


class Confusion(_Value):
    """How often each class was predicted for each answer."""

    labels: tuple[str, ...]
    """The declared classes, then "(undeclared)" and "(no prediction)" where they occur."""
    counts: tuple[tuple[int, ...], ...]
    """Cases, shape (n_labels, n_labels): a row for each answer, a column for each prediction."""


class NumberErrors(_Value):
    """How far predicted numbers lie from the answers, in the answer's unit; prediction - answer."""

    n: int
    """Cases with an answer and a usable prediction."""
    mean_error: float | None
    """The bias; None without such a case, as below."""
    mean_absolute_error: float | None
    agreement_low: float | None
    """Lower limit of agreement, mean - 1.96 standard deviations; None under two cases."""
    agreement_high: float | None
    """Upper limit of agreement."""
    within_tolerance: int
    """Cases no further from the answer than the declared tolerance."""
    sentence: str


class Cost(_Value):
    """What the errors cost, in the declaration's unit."""

    total: float
    per_case: float | None
    """None where no case has a declared cost."""
    costed: int
    """The cases the cost is taken over: right ones, and errors with a declared cost."""
    sentence: str


class Judgement(_Value):
    """What the cases allow anyone to say of the predictions."""

    cases: int
    """All cases of the set."""
    judged: int
    """Cases with an answer: the denominator of `rate`."""
    unanswered: int
    """Cases without an answer, left out of every rate."""
    unpredicted: int
    """Judged cases without a usable prediction: they count as not right."""
    right: int
    rate: Rate | None
    """The share judged right; None where no case has an answer."""
    rates: tuple[NamedRate, ...]
    """Sensitivity and specificity, where a positive class is declared."""
    confusion: Confusion | None
    """For classes."""
    errors: NumberErrors | None
    """For numbers."""
    cost: Cost | None
    """None where no cost is declared."""
    criteria: tuple[CriterionResult, ...]
    """One for each declared criterion, in its order."""
    training: ApartFromTraining | None = None
    """Cases unlike what the model was trained on, and cases used in it; None where nothing is known of it."""
    notes: tuple[str, ...]
    """What was left out or could not be used, a sentence each."""
    headline: str
    """The judgement in plain words."""


def judge(
    inputs: pd.DataFrame, answers: pd.DataFrame, predictions: pd.DataFrame, manifest: Manifest
) -> tuple[Judgement, pd.DataFrame]:
    """Judge predictions against answers.

    `inputs` has case_id, row and the contract's columns; `answers` case_id and answer;
    `predictions` case_id, prediction and perhaps score. The table that comes back has one row a
    case, costly and confident disagreements first: case_id, row, case (the identifier's value or
    "row N"), answer, prediction, score, right, cost, and where the manifest has a profile of the
    training, unlike (why it is unlike it) and trained_on; blank where there is none.
    """
    answer = manifest.contract.answer
    inputs = inputs.reset_index(drop=True)
    table = joined(inputs, answers, predictions, manifest.contract)
    table["right"] = agrees(table, answer)
    table["cost"] = costs(table, manifest)
    if manifest.profile is not None:
        beside = compared(inputs, manifest.contract, manifest.profile)
        table["unlike"], table["trained_on"] = beside["unlike"], beside["trained_on"]
    known = table[table["answer"].notna()]
    training = apart_from_training(known, manifest.profile)
    cost = _cost(known) if manifest.costs else None
    judgement = Judgement(
        cases=len(table),
        judged=len(known),
        unanswered=len(table) - len(known),
        unpredicted=int(known["prediction"].isna().sum()),
        right=int(known["right"].sum()),
        rate=_rate(int(known["right"].sum()), len(known)),
        rates=_named_rates(known, answer),
        confusion=_confusion(known, answer) if isinstance(answer, ClassAnswer) else None,
        errors=_errors(known, answer) if isinstance(answer, NumberAnswer) else None,
        cost=cost,
        criteria=tuple(
            criterion_result(known[looked_at(inputs, wanted)[known.index]], answer, wanted)
            for wanted in manifest.criteria
        ),
        training=training,
        notes=(
            *_notes(table, known, predictions, answer, cost),
            *(training.sentences if training else ()),
        ),
        headline="",
    )
    said = _headline(judgement, answer)
    return judgement.model_copy(update={"headline": said}), disagreements_first(table, answer)


def _rate(k: int, n: int) -> Rate | None:
    if n == 0:
        return None
    low, high = wilson(k, n)
    return Rate(k=k, n=n, share=k / n, low=low, high=high)


def _named_rates(known: pd.DataFrame, answer: Answer) -> tuple[NamedRate, ...]:
    if not isinstance(answer, ClassAnswer) or answer.positive is None:
        return ()
    found, positives = counted(known, answer, "sensitivity")
    cleared, others = counted(known, answer, "specificity")
    return (
        NamedRate(
            name="sensitivity",
            rate=_rate(found, positives),
            sentence=wording.sensitivity(
                answer.positive, found, positives, wilson(found, positives)
            ),
        ),
        NamedRate(
            name="specificity",
            rate=_rate(cleared, others),
            sentence=wording.specificity(answer.positive, cleared, others, wilson(cleared, others)),
        ),
    )


def _confusion(known: pd.DataFrame, answer: ClassAnswer) -> Confusion:
    size = len(answer.classes) + 2
    pairs = codes(known["answer"], answer.classes) * size
    pairs = pairs + codes(known["prediction"], answer.classes)
    counts = np.bincount(pairs, minlength=size * size).reshape(size, size)
    shown = [
        place
        for place in range(size)
        if place < len(answer.classes) or counts[place].any() or counts[:, place].any()
    ]
    labels = (*answer.classes, UNDECLARED, NO_PREDICTION)
    return Confusion(
        labels=tuple(labels[place] for place in shown),
        counts=tuple(tuple(int(n) for n in counts[place, shown]) for place in shown),
    )


def _errors(known: pd.DataFrame, answer: NumberAnswer) -> NumberErrors:
    usable = known[known["prediction"].notna()]
    n = len(usable)
    with np.errstate(over="ignore", invalid="ignore"):
        error = floats(usable["prediction"]) - floats(usable["answer"])
        mean = _finite(error.mean()) if n else None
        absolute = _finite(np.abs(error).mean()) if n else None
        spread = _finite(1.96 * error.std(ddof=1)) if n > 1 else None
    return NumberErrors(
        n=n,
        mean_error=mean,
        mean_absolute_error=absolute,
        agreement_low=None if mean is None or spread is None else _finite(mean - spread),
        agreement_high=None if mean is None or spread is None else _finite(mean + spread),
        within_tolerance=int(known["right"].sum()),
        sentence=wording.errors(mean, absolute, answer.unit),
    )


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _cost(known: pd.DataFrame) -> Cost:
    costed = int(known["cost"].notna().sum())
    total = float(known["cost"].sum())
    return Cost(
        total=total,
        per_case=total / costed if costed else None,
        costed=costed,
        sentence=wording.cost(total, costed),
    )


def _notes(
    table: pd.DataFrame,
    known: pd.DataFrame,
    predictions: pd.DataFrame,
    answer: Answer,
    cost: Cost | None,
) -> tuple[str, ...]:
    undeclared = unscored = 0
    if isinstance(answer, ClassAnswer):
        named = table[["answer", "prediction"]]
        declared = named.isin(answer.classes) | named.isna()
        undeclared = int((~declared).any(axis=1).sum())
        if "score" in predictions:
            unscored = int((table["prediction"].notna() & table["score"].isna()).sum())
    return wording.notes(
        unanswered=len(table) - len(known),
        unpredicted=int(known["prediction"].isna().sum()),
        undeclared=undeclared,
        unscored=unscored,
        uncosted=len(known) - cost.costed if cost else 0,
    )


def _headline(found: Judgement, answer: Answer) -> str:
    interval = wilson(found.right, found.judged)
    if isinstance(answer, NumberAnswer):
        said = wording.closeness(
            found.cases, found.right, found.judged, interval, answer.tolerance, answer.unit
        )
        more = found.errors.sentence if found.errors and found.errors.n else ""
    else:
        said = wording.agreement(found.cases, found.right, found.judged, interval)
        more = _misses(found, answer) if found.judged else ""
    left_out = wording.notes(
        unanswered=found.unanswered if found.judged else 0, unpredicted=found.unpredicted
    )
    return " ".join(part for part in (said, more, *left_out) if part)


def _misses(found: Judgement, answer: ClassAnswer) -> str:
    if answer.positive is None:
        return ""
    missed, alarms = (
        (named.rate.n - named.rate.k, named.rate.n) if named.rate else (0, 0)
        for named in found.rates
    )
    return wording.misses(answer.positive, *missed, *alarms)
