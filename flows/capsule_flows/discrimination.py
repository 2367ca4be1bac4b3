"""How well a score tells two classes apart: the area under the ROC curve. Pure.

DeLong, DeLong and Clarke-Pearson 1988 (Biometrics 44:837) by placements;
Newcombe 2006 (Stat Med 25:559), method 5, where DeLong's interval does not hold what it promises.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from capsule_flows.estimates import Bools, Estimate, Floats, Unsaid, one_class, usable
from capsule_flows.intervals import Interval

_TINY = 1e-9


class Placements(NamedTuple):
    """For each case, the share of the other class that it stands on the right side of."""

    area: float
    """The area under the ROC curve; a tie counts half."""
    positives: Floats
    """Shape (n_positives,)."""
    others: Floats
    """Shape (n_others,)."""


class AreaDifference(NamedTuple):
    """Two areas on the same cases."""

    difference: float
    """The first area less the second."""
    interval: Interval
    z: float
    p: float
    """Two-sided; 1 where both scores order the cases alike."""


def placements(events: Bools, scores: Floats) -> Placements:
    """Return the placements of scores, in the order of the cases; both classes must occur."""
    called, rest = scores[events], scores[~events]
    one, other = np.argsort(called), np.argsort(rest)
    found = _placements(called[one], rest[other])
    positives, others = np.empty_like(called), np.empty_like(rest)
    positives[one], others[other] = found.positives, found.others
    return Placements(found.area, positives, others)


def covariance(one: Placements, other: Placements) -> float:
    """Return DeLong's covariance of two areas on the same cases; of one with itself, its variance.

    Needs two cases of each class.
    """
    pairs = ((one.positives, other.positives), (one.others, other.others))
    return float(sum(_covariance(*pair) / len(pair[0]) for pair in pairs))


def delong(area: float, variance: float, confidence: float = 0.95) -> Interval:
    """Return DeLong's interval, cut to [0, 1]."""
    half = norm.isf((1 - confidence) / 2) * math.sqrt(max(variance, 0.0))
    return Interval(float(max(0.0, area - half)), float(min(1.0, area + half)))


def newcombe_area(area: float, positives: int, others: int, confidence: float = 0.95) -> Interval:
    """Return Newcombe's interval, which is not a point even where the classes are wholly apart."""
    z = float(norm.isf((1 - confidence) / 2))
    more = (positives + others) / 2 - 1

    def off(true: float) -> float:
        spread = 1 + more * ((1 - true) / (2 - true) + true / (1 + true))
        return (area - true) ** 2 - z**2 * true * (1 - true) * spread / (positives * others)

    # At an area of 0 or 1 the end itself solves the equation too; the other solution is meant.
    inside = min(max(area, _TINY), 1 - _TINY)
    low = 0.0 if area <= _TINY else float(brentq(off, 0.0, inside))
    high = 1.0 if area >= 1 - _TINY else float(brentq(off, inside, 1.0))
    return Interval(low, high)


def auroc(
    outcome: Sequence[bool] | Bools, score: Sequence[float] | Floats, confidence: float = 0.95
) -> Estimate | Unsaid:
    """Return the area under the ROC curve with the wider of DeLong's and Newcombe's intervals.

    Cases whose score is no number from 0 to 1 are left out.
    """
    events, scores = usable(outcome, score)
    if (reason := one_class(events)) is not None:
        return reason
    # One score alone needs no pairing with another, so the order of its cases does not matter.
    found = _placements(np.sort(scores[events]), np.sort(scores[~events]))
    positives, others = len(found.positives), len(found.others)
    low, high = newcombe_area(found.area, positives, others, confidence)
    method = "Newcombe's interval"
    if min(positives, others) > 1:
        other = delong(found.area, covariance(found, found), confidence)
        low, high = min(low, other.low), max(high, other.high)
        method = "the wider of DeLong's and Newcombe's intervals"
    return Estimate(value=found.area, low=low, high=high, n=len(events), method=method)


def compare_areas(
    outcome: Sequence[bool] | Bools,
    first: Sequence[float] | Floats,
    second: Sequence[float] | Floats,
    confidence: float = 0.95,
) -> AreaDifference | Unsaid:
    """Return DeLong's paired test of two scores on the same cases."""
    events = np.asarray(outcome, dtype=bool)
    one, other = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    fit = np.isfinite(one) & np.isfinite(other)
    events, one, other = events[fit], one[fit], other[fit]
    if (reason := one_class(events)) is not None:
        return reason
    if min(events.sum(), (~events).sum()) < 2:
        return Unsaid(reason="Two areas are compared from two cases of each class on.")
    a, b = placements(events, one), placements(events, other)
    difference = a.area - b.area
    variance = covariance(a, a) + covariance(b, b) - 2 * covariance(a, b)
    if variance <= 1e-15:
        if abs(difference) > 1e-12:
            return Unsaid(reason="Each score orders the cases without variation between them.")
        return AreaDifference(0.0, Interval(0.0, 0.0), 0.0, 1.0)
    spread = math.sqrt(variance)
    half = float(norm.isf((1 - confidence) / 2)) * spread
    z = difference / spread
    interval = Interval(max(-1.0, difference - half), min(1.0, difference + half))
    return AreaDifference(difference, interval, z, float(2 * norm.sf(abs(z))))


def _placements(called: Floats, rest: Floats) -> Placements:
    """Return the placements of scores that ascend in each class; ties count half."""
    beneath = [np.searchsorted(rest, called, side) for side in ("left", "right")]
    positives = (beneath[0] + beneath[1]) / (2 * len(rest))
    # Of the called, those above a place among the rest are those with more of the rest beneath them.
    below, upto = (np.bincount(one, minlength=len(rest) + 1)[:-1].cumsum() for one in beneath)
    others = 1 - (below + upto) / (2 * len(called))
    return Placements(float(positives.mean()), positives, others)


def _covariance(one: Floats, other: Floats) -> float:
    return float(((one - one.mean()) * (other - other.mean())).sum() / (len(one) - 1))
