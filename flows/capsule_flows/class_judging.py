"""What is said of classes: what was found, how far a name can be trusted, how well a score serves. Pure."""

import numpy as np

from capsule_flows import calibration, judgement_words
from capsule_flows.discrimination import auroc
from capsule_flows.estimates import Bools, Estimate, Floats, Unsaid
from capsule_flows.intervals import described
from capsule_flows.judged_cases import Known
from capsule_flows.judgement import (
    Bin,
    Calibration,
    ClassRates,
    Confusion,
    Measure,
    NamedRate,
    Rate,
)
from capsule_flows.two_by_two import TwoByTwo
from capsule_flows.wording import within
from capsule_kit.answers import ClassAnswer

UNDECLARED = "(undeclared)"
NO_PREDICTION = "(no prediction)"
FEWEST_FOR_A_RATE = 10


def rate_of(k: int, n: int) -> Rate | None:
    """Return k of n with its interval; None of no case."""
    if n == 0:
        return None
    low, high = described(k, n)
    return Rate(k=k, n=n, share=k / n, low=low, high=high)


def two_by_two(known: Known, answer: ClassAnswer, positive: str) -> TwoByTwo:
    """Return the cases by answer and prediction; a blank or an undeclared class clears nobody.

    It is missed where the case is positive, and neither alarm nor cleared where it is not.
    """
    place = answer.classes.index(positive)
    ill, called = known.true == place, known.said == place
    cleared = ~ill & ~called & (known.said < len(answer.classes))
    return TwoByTwo(
        found=int((ill & called).sum()),
        missed=int((ill & ~called).sum()),
        alarms=int((~ill & called).sum()),
        cleared=int(cleared.sum()),
    )


def named_rates(known: Known, answer: ClassAnswer) -> tuple[NamedRate, ...]:
    """Return sensitivity, specificity and predictive values; nothing without a positive class."""
    if answer.positive is None:
        return ()
    table = two_by_two(known, answer, answer.positive)
    ill = int((known.true == answer.classes.index(answer.positive)).sum())
    counts = {
        "sensitivity": (table.found, ill, judgement_words.sensitivity),
        "specificity": (table.cleared, len(known.true) - ill, judgement_words.specificity),
        "ppv": (table.found, table.found + table.alarms, judgement_words.ppv),
        # Who is not called positive but has no usable prediction was not cleared either.
        "npv": (table.cleared, named_otherwise(known, answer), judgement_words.npv),
    }
    return tuple(
        NamedRate(
            name=name, rate=rate_of(k, n), sentence=say(answer.positive, k, n, described(k, n))
        )
        for name, (k, n, say) in counts.items()
    )


def named_otherwise(known: Known, answer: ClassAnswer) -> int:
    """Return how many cases were given a declared class that is not the positive one."""
    assert answer.positive is not None
    place = answer.classes.index(answer.positive)
    return int(((known.said < len(answer.classes)) & (known.said != place)).sum())


def confusion(known: Known, answer: ClassAnswer) -> Confusion:
    """Return how often each class was predicted for each answer."""
    size = len(answer.classes) + 2
    pairs = known.true.astype(np.int64) * size + known.said.astype(np.int64)
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


def class_rates(found: Confusion, answer: ClassAnswer) -> tuple[ClassRates, ...]:
    """Return each class's own rates, where there are more than two."""
    if len(answer.classes) == 2:
        return ()
    counts = np.array(found.counts)
    return tuple(
        ClassRates(
            name=name,
            found=rate_of(int(counts[place, place]), int(counts[place].sum())),
            trusted=rate_of(int(counts[place, place]), int(counts[:, place].sum())),
        )
        for place, name in enumerate(answer.classes)
    )


def scored(known: Known, answer: ClassAnswer) -> tuple[Bools, Floats]:
    """Return events and scores of the cases that have a score."""
    if answer.positive is None:
        return np.zeros(0, bool), np.zeros(0)
    there = ~np.isnan(known.score) & known.there
    event = known.true == answer.classes.index(answer.positive)
    return event[there], known.score[there]


def discrimination(events: Bools, scores: Floats, positive: str) -> Measure:
    """Return the area under the ROC curve."""
    found = auroc(events, scores)
    if isinstance(found, Unsaid):
        said = f"How well its score tells {positive} apart cannot be said: {within(found.reason)}"
        return Measure(name="auroc", estimate=None, sentence=said)
    return Measure(name="auroc", estimate=found, sentence=judgement_words.auroc(found, positive))


def calibrated(events: Bools, scores: Floats, positive: str) -> Calibration | None:
    """Return whether the scores come true; None without a score."""
    if not len(events):
        return None
    again = calibration.recalibration(events, scores)
    expected, k, n = float(scores.sum()), int(events.sum()), len(events)
    return Calibration(
        bins=tuple(
            Bin(
                **one._asdict(),
                rate=rate_of(one.events, one.n) if one.n >= FEWEST_FOR_A_RATE else None,
            )
            for one in calibration.tenths(events, scores)
        ),
        expected=expected,
        events=k,
        n=n,
        brier=_measure("brier", calibration.brier(events, scores)),
        slope=_measure("slope", again.slope),
        intercept=_measure("intercept", again.intercept),
        sentence=judgement_words.announced(positive, expected, k, n),
    )


def _measure(name: str, found: Estimate | Unsaid) -> Measure:
    if isinstance(found, Unsaid):
        return Measure(name=name, estimate=None, sentence=found.reason)
    return Measure(name=name, estimate=found, sentence=judgement_words.measured(name, found))
