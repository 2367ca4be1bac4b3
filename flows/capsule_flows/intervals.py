"""Intervals for a rate: what k of n cases allow anyone to say of the true rate.

Wilson's describes, widened where it would not hold; Clopper and Pearson's claims. Nothing leaves
[0, 1], and no cases say nothing: (0, 1).
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import bdtr, bdtrc, betaincinv, ndtri
from scipy.stats import binom

MOST_CASES_NEEDED = 100_000
_STEPS = 16


class Interval(NamedTuple):
    """The true rates that are plausible."""

    low: float
    """The smallest, in [0, 1]."""
    high: float
    """The largest, in [0, 1]."""


def wilson(k: int, n: int, confidence: float = 0.95) -> Interval:
    """Return Wilson's two-sided score interval (1927, JASA 22:209).

    It holds its confidence on average over the true rates; at single ones it falls to 0.83 of 0.95.
    """
    if n == 0:
        return Interval(0.0, 1.0)
    z = float(ndtri((1 + confidence) / 2))
    p, weight = k / n, z**2 / n
    half = z * math.sqrt(p * (1 - p) / n + weight / (4 * n))
    ends = ((p + weight / 2 + side) / (1 + weight) for side in (-half, half))
    return _within(k, n, *ends)


@lru_cache(maxsize=10_000)
def described(k: int, n: int, confidence: float = 0.95) -> Interval:
    """Return the two-sided interval to describe: Wilson's, widened to Blaker's exact one.

    It holds its confidence at every true rate, and is mostly narrower than Clopper and Pearson's
    (Blaker 2000, Can J Stat 28:783).
    """
    score, exact = wilson(k, n, confidence), clopper_pearson(k, n, confidence)
    if n == 0:
        return score
    # Blaker's ends lie between Clopper and Pearson's and the estimate; the others by symmetry.
    low = _blaker_low(k, n, exact.low, score.low, 1 - confidence)
    high = 1 - _blaker_low(n - k, n, 1 - exact.high, 1 - score.high, 1 - confidence)
    return _within(k, n, low, high)


def clopper_pearson(k: int, n: int, confidence: float = 0.95) -> Interval:
    """Return the exact two-sided interval, to claim (1934, Biometrika 26:404)."""
    each = (1 + confidence) / 2
    return Interval(lower_bound(k, n, each), upper_bound(k, n, each))


def lower_bound(k: int, n: int, confidence: float = 0.95) -> float:
    """Return the exact one-sided bound that the true rate is at least."""
    return float(betaincinv(k, n - k + 1, 1 - confidence)) if k else 0.0


def upper_bound(k: int, n: int, confidence: float = 0.95) -> float:
    """Return the exact one-sided bound that the true rate is at most."""
    return float(betaincinv(k + 1, n - k, confidence)) if k < n else 1.0


def cases_needed(k: int, n: int, floor: float, confidence: float = 0.95) -> int | None:
    """Return how many more cases, all right, would let the floor be claimed.

    None where more than `MOST_CASES_NEEDED` would be: nobody will bring them.
    """

    def claimed(more: int) -> bool:
        return lower_bound(k + more, n + more, confidence) >= floor

    if claimed(0):
        return 0
    short, enough = 0, 1
    while not claimed(enough):
        if enough >= MOST_CASES_NEEDED:
            return None
        short, enough = enough, min(2 * enough, MOST_CASES_NEEDED)
    while enough - short > 1:
        middle = (short + enough) // 2
        short, enough = (short, middle) if claimed(middle) else (middle, enough)
    return enough


def _blaker_low(k: int, n: int, outer: float, inner: float, risk: float) -> float:
    """Return a rate just under the smallest that Blaker's test accepts between two; else `inner`."""
    if k == 0 or outer >= inner:
        return min(outer, inner)
    rates = np.linspace(outer, inner, _STEPS)
    above = bdtrc(k - 1, n, rates)
    # With the part of the other tail that is no likelier than this one.
    other = binom.ppf(above, n, rates) - 1
    accepted = above + np.where(other < 0, 0, bdtr(np.maximum(other, 0), n, rates)) >= risk
    return float(rates[max(int(accepted.argmax()) - 1, 0)]) if accepted.any() else inner


def _within(k: int, n: int, low: float, high: float) -> Interval:
    # Floating-point noise puts the ends a hair outside or inside at 0 and n of n.
    return Interval(0.0 if k == 0 else max(0.0, low), 1.0 if k == n else min(1.0, high))
