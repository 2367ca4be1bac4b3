"""What acting on a score is worth to someone who says how many false alarms one true case is worth. Pure.

Vickers and Elkin 2006 (Med Decis Making 26:565): net benefit = true calls / n - false calls / n x
t / (1 - t). A score is a call from the threshold on; a score of 0 is never one.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from capsule_flows.estimates import Bools, Estimate, Floats, Unsaid, usable
from capsule_flows.intervals import clopper_pearson

PREFERENCES: tuple[float, ...] = tuple(float(one) for one in np.linspace(0.01, 0.99, 99))


class Calls(NamedTuple):
    """What a threshold calls."""

    true: int
    false: int
    n: int
    """All cases."""
    positives: int


class CurvePoint(NamedTuple):
    """One point of the decision curve."""

    preference: float
    """The threshold."""
    benefit: float
    """Net benefit of acting on the score, in true cases found for each case."""
    call_all: float
    """Net benefit of calling every case; calling none is 0."""


def implied_threshold(false_alarms: float) -> float:
    """Return the threshold of someone who accepts so many false alarms to catch one true case."""
    return 1 / (1 + false_alarms)


def calls_at(events: Bools, scores: Floats, threshold: float) -> Calls:
    """Count what a threshold calls."""
    called = (scores >= threshold) & (scores > 0)
    true = int((called & events).sum())
    return Calls(true, int(called.sum()) - true, len(events), int(events.sum()))


def net_benefit(true: int, false: int, n: int, threshold: float) -> float:
    """Return the net benefit of so many true and false calls in n cases; the threshold is under 1."""
    return true / n - false / n * threshold / (1 - threshold)


def benefit(
    outcome: Sequence[bool] | Bools,
    score: Sequence[float] | Floats,
    threshold: float,
    confidence: float = 0.95,
) -> Estimate | Unsaid:
    """Return the net benefit with an interval that always holds.

    The shares of true and of false calls have exact intervals of half the risk each.
    """
    events, scores = usable(outcome, score)
    if not 0 <= threshold < 1:
        return Unsaid(reason="A threshold lies from 0 to under 1.")
    if not len(events):
        return Unsaid(reason="No case has both an answer and a score.")
    true, false, n, _ = calls_at(events, scores, threshold)
    return benefit_of_calls(true, false, n, threshold, confidence)


def benefit_of_calls(
    true: int, false: int, n: int, threshold: float, confidence: float = 0.95
) -> Estimate:
    """Return the net benefit of so many true and false calls in n cases, at least one, likewise."""
    each = 1 - (1 - confidence) / 2
    gain, loss = clopper_pearson(true, n, each), clopper_pearson(false, n, each)
    weight = threshold / (1 - threshold)
    return Estimate(
        value=net_benefit(true, false, n, threshold),
        low=gain.low - weight * loss.high,
        high=gain.high - weight * loss.low,
        n=n,
        method="exact intervals of true and of false calls, half the risk each",
    )


def decision_curve(
    outcome: Sequence[bool] | Bools,
    score: Sequence[float] | Floats,
    thresholds: Sequence[float] = PREFERENCES,
) -> tuple[CurvePoint, ...]:
    """Return net benefit by preference; nothing without a case. Thresholds are under 1."""
    events, scores = usable(outcome, score)
    n, positives = len(events), int(events.sum())
    if not n:
        return ()
    at = np.maximum(np.asarray(thresholds, dtype=float), np.nextafter(0, 1))
    true = positives - np.searchsorted(np.sort(scores[events]), at)
    false = n - positives - np.searchsorted(np.sort(scores[~events]), at)
    return tuple(
        CurvePoint(
            float(one),
            net_benefit(int(good), int(bad), n, one),
            net_benefit(positives, n - positives, n, one),
        )
        for one, good, bad in zip(thresholds, true, false, strict=True)
    )
