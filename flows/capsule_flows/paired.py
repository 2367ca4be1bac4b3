"""Two versions on the same cases: is the difference more than chance? Pure.

McNemar's test is exact (the binomial of the cases that changed); the interval of the difference is
Newcombe's of 1998 (Stat Med 17:2635, method 10), upon exact intervals where it is printed.
"""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.stats import binom, binomtest

from capsule_flows.estimates import Floats
from capsule_flows.intervals import Interval, clopper_pearson, wilson

MOST_EXACT = 12
"""Cases that differ in cost up to which every swap is tried; beyond, so many at random."""
MOST_NOTICED = 1_000
"""Cases up to which the power is worked out."""
_SWAPS = 20_000
_SEED = 20_260_101


class Changes(NamedTuple):
    """Cases by right or wrong, before and after."""

    still_right: int
    broken: int
    fixed: int
    still_wrong: int


class OddsOfChange(NamedTuple):
    """How much rather a case is fixed than broken."""

    ratio: float
    """fixed / broken; infinite where none broke, 1 where none changed."""
    interval: Interval
    """From the exact interval of fixed of changed; may be infinite."""


def mcnemar(broken: int, fixed: int) -> float:
    """Return the exact two-sided p of as lopsided a change by chance; 1 where nothing changed."""
    changed = broken + fixed
    return float(binomtest(fixed, changed).pvalue) if changed else 1.0


def odds_of_change(broken: int, fixed: int, confidence: float = 0.95) -> OddsOfChange:
    """Return the odds of fixed against broken with the exact interval."""
    ends = clopper_pearson(fixed, broken + fixed, confidence)
    low, high = (end / (1 - end) if end < 1 else math.inf for end in ends)
    ratio = 1.0 if not broken + fixed else fixed / broken if broken else math.inf
    return OddsOfChange(ratio, Interval(low, high))


def difference(changes: Changes, confidence: float = 0.95) -> Interval:
    """Return the interval of the share right after less the share right before that is printed.

    Newcombe's upon Wilson's holds 0.93 of 0.95 in ten cases; upon Clopper and Pearson's it holds.
    """
    return newcombe_paired(changes, confidence, clopper_pearson)


def newcombe_paired(
    changes: Changes,
    confidence: float = 0.95,
    each: Callable[[int, int, float], Interval] = wilson,
) -> Interval:
    """Return Newcombe's interval of the share right after less the share right before, in [-1, 1].

    `each` is the interval of either share.
    """
    n = sum(changes)
    if n == 0:
        return Interval(-1.0, 1.0)
    after, before = changes.still_right + changes.fixed, changes.still_right + changes.broken
    one, other = each(after, n, confidence), each(before, n, confidence)
    p, q = after / n, before / n
    phi = _correlation(changes)
    down, up = (
        _hypotenuse(p - one.low, other.high - q, phi),
        _hypotenuse(one.high - p, q - other.low, phi),
    )
    return Interval(max(-1.0, p - q - down), min(1.0, p - q + up))


def permuted_cost(before: Sequence[float] | Floats, after: Sequence[float] | Floats) -> float:
    """Return the two-sided p of as large a change of the mean cost, had each case been swapped by chance.

    Exact up to `MOST_EXACT` cases that differ; otherwise of 20,000 random swaps, the same each time.
    Cases without both costs are left out.
    """
    change = np.asarray(after, dtype=float) - np.asarray(before, dtype=float)
    change = change[np.isfinite(change) & (change != 0)]
    if not len(change):
        return 1.0
    seen = abs(change.sum()) * (1 - 1e-12)
    if len(change) <= MOST_EXACT:
        bits = np.arange(2 ** len(change))[:, None] >> np.arange(len(change)) & 1
        return float((np.abs((1 - 2 * bits) @ change) >= seen).mean())
    rng = np.random.default_rng(_SEED)
    extreme = 0
    block = max(1, 2_000_000 // len(change))
    for start in range(0, _SWAPS, block):
        signs = rng.choice((-1.0, 1.0), (min(block, _SWAPS - start), len(change)))
        extreme += int((np.abs(signs @ change) >= seen).sum())
    # The seen arrangement is one of them, so p is never 0.
    return (extreme + 1) / (_SWAPS + 1)


@lru_cache(maxsize=1_000)
def power(n: int, broken: float, fixed: float, level: float = 0.05) -> float:
    """Return how probably McNemar's exact test notices in n cases that such shares break and are fixed."""
    changed = np.arange(n + 1)[:, None]
    of_them = np.arange(n + 1)
    p = 2 * binom.cdf(np.minimum(of_them, changed - of_them), changed, 0.5)
    noticed = (of_them <= changed) & (p <= level)
    lopsided = binom.pmf(of_them, changed, broken / (broken + fixed))
    share = np.where(noticed, np.nan_to_num(lopsided), 0.0).sum(axis=1)
    return float(binom.pmf(changed[:, 0], n, broken + fixed) @ share)


def cases_to_notice(broken: float, fixed: float, wanted: float = 0.8) -> int:
    """Return the fewest cases, up to `MOST_NOTICED`, in which such a change is noticed as probably as wanted."""
    few, many = 1, MOST_NOTICED
    while few < many:
        middle = (few + many) // 2
        few, many = (few, middle) if power(middle, broken, fixed) >= wanted else (middle + 1, many)
    return few


def _correlation(changes: Changes) -> float:
    right, broken, fixed, wrong = changes
    product = right * wrong - broken * fixed
    # Newcombe's correction for continuity, where the two are positively related.
    continuous = max(product - sum(changes) / 2, 0.0) if product > 0 else float(product)
    scale = math.sqrt((right + broken) * (fixed + wrong) * (right + fixed) * (broken + wrong))
    return continuous / scale if scale else 0.0


def _hypotenuse(one: float, other: float, phi: float) -> float:
    return math.sqrt(max(0.0, one**2 - 2 * phi * one * other + other**2))
