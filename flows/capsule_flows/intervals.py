"""Intervals for a rate: what k of n cases allow anyone to say of the true rate.

Wilson describes, Clopper-Pearson claims. Nothing leaves [0, 1], and no cases say nothing: (0, 1).
"""

from typing import Literal, NamedTuple

from scipy.stats import binomtest

MOST_CASES_NEEDED = 100_000


class Interval(NamedTuple):
    """The true rates that are plausible."""

    low: float
    """The smallest, in [0, 1]."""
    high: float
    """The largest, in [0, 1]."""


def wilson(k: int, n: int, confidence: float = 0.95) -> Interval:
    """Return Wilson's two-sided score interval, to describe."""
    return _interval(k, n, confidence, "wilson", "two-sided")


def clopper_pearson(k: int, n: int, confidence: float = 0.95) -> Interval:
    """Return the exact two-sided interval, to claim."""
    return _interval(k, n, confidence, "exact", "two-sided")


def lower_bound(k: int, n: int, confidence: float = 0.95) -> float:
    """Return the exact one-sided bound that the true rate is at least."""
    return _interval(k, n, confidence, "exact", "greater").low


def upper_bound(k: int, n: int, confidence: float = 0.95) -> float:
    """Return the exact one-sided bound that the true rate is at most."""
    return _interval(k, n, confidence, "exact", "less").high


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


def _interval(
    k: int,
    n: int,
    confidence: float,
    method: Literal["wilson", "exact"],
    alternative: Literal["two-sided", "greater", "less"],
) -> Interval:
    if n == 0:
        return Interval(0.0, 1.0)
    found = binomtest(int(k), int(n), alternative=alternative).proportion_ci(confidence, method)
    # Floating-point noise puts Wilson's ends a hair outside or inside at 0 and n of n.
    low = 0.0 if k == 0 else max(0.0, float(found.low))
    high = 1.0 if k == n else min(1.0, float(found.high))
    return Interval(low, high)
