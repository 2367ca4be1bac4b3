"""How well a score orders cases by when something happened, or by how large a number is. Pure.

Harrell's index with the conventions of Therneau's R package survival: a case that left at the time
of another's event outlasted it; pairs with the same score count half; two events at one time are
no pair. The spread is the infinitesimal jackknife's; upon it alone an interval covers 0.93 of 0.95 in
50 cases, so it is taken over n - 1 and multiplied by Student's t of the events less one.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import t

from capsule_flows.estimates import Bools, Estimate, Floats, Unsaid

MOST_CASES = 10_000
FEWEST_FOR_AN_INTERVAL = 50
_BLOCK = 1_000


class Pairs(NamedTuple):
    """The pairs of cases, counted."""

    concordant: int
    """The higher score had the earlier event."""
    discordant: int
    tied_score: int
    tied_time: int
    """Two events at one time: not comparable."""
    share: float
    """(concordant + half of tied_score) / comparable; NaN without a comparable pair."""
    deviation: float
    """Standard deviation of the index."""
    held: Floats
    """Of each case's pairs, those put right, a tied score counting half; shape (n_cases,)."""
    met: Floats
    """How many pairs each case is in; shape (n_cases,)."""


def count_pairs(time: Floats, event: Bools, score: Floats) -> Pairs:
    """Count the pairs of cases; a higher score says an earlier event."""
    n = len(time)
    held, met = np.zeros(n), np.zeros(n)
    counts = np.zeros(4, dtype=np.int64)
    for start in range(0, n, _BLOCK):
        rows = slice(start, min(start + _BLOCK, n))
        at = time[rows, None]
        same = at == time
        earlier = event[rows, None] & ((at < time) | (same & ~event))
        higher, tied = score[rows, None] > score, score[rows, None] == score
        good, half = earlier & higher, earlier & tied
        counts[:3] += [good.sum(), (earlier & ~higher & ~tied).sum(), half.sum()]
        counts[3] += (same & event[rows, None] & event).sum() - event[rows].sum()
        worth = good + 0.5 * half
        held[rows] += worth.sum(axis=1)
        held += worth.sum(axis=0)
        met[rows] += earlier.sum(axis=1)
        met += earlier.sum(axis=0)
    concordant, discordant, tied_score, twice = map(int, counts)
    pairs = concordant + discordant + tied_score
    index = (concordant + tied_score / 2) / pairs if pairs else math.nan
    deviation = float(np.sqrt(((held - index * met) ** 2).sum()) / pairs) if pairs else math.nan
    return Pairs(concordant, discordant, tied_score, twice // 2, index, deviation, held, met)


def concordance(
    time: Sequence[float] | Floats,
    event: Sequence[bool] | Bools,
    score: Sequence[float] | Floats,
    confidence: float = 0.95,
) -> Estimate | Unsaid:
    """Return the concordance index, with its interval on the scale of log odds from 50 cases on.

    `event` is False where a case left before anything happened. Blank cases are left out.
    """
    times, scores = np.asarray(time, dtype=float), np.asarray(score, dtype=float)
    events = np.asarray(event, dtype=bool)
    fit = np.isfinite(times) & np.isfinite(scores)
    times, events, scores = times[fit], events[fit], scores[fit]
    n = len(times)
    if n > MOST_CASES:
        return Unsaid(reason=f"Pairs are counted up to {MOST_CASES} cases; there are {n}.")
    found = count_pairs(times, events, scores)
    if math.isnan(found.share):
        return Unsaid(reason="No two cases can be put in an order by what happened to them.")
    low = high = None
    method = f"no interval: it holds from {FEWEST_FOR_AN_INTERVAL} cases on"
    if n >= FEWEST_FOR_AN_INTERVAL and 0 < found.share < 1 and found.deviation > 0:
        at = math.log(found.share / (1 - found.share))
        reach = float(t.isf((1 - confidence) / 2, max(int(events.sum()) - 1, 1)))
        reach *= math.sqrt(n / (n - 1))
        half = reach * found.deviation / (found.share * (1 - found.share))
        low, high = (
            1 / (1 + math.exp(-min(max(end, -700), 700))) for end in (at - half, at + half)
        )
        method = "infinitesimal jackknife and Student's t, log odds"
    elif n >= FEWEST_FOR_AN_INTERVAL:
        method = "no interval: all pairs went the same way"
    return Estimate(value=found.share, low=low, high=high, n=n, method=method)


def concordance_bounds(
    time: Sequence[float] | Floats,
    event: Sequence[bool] | Bools,
    score: Sequence[float] | Floats,
    confidence: float = 0.95,
) -> Estimate | Unsaid:
    """Return the concordance index with bounds of which each by itself is to hold at this confidence.

    They are the ends of the interval of that confidence. The ends of one that leaves as much out on one side
    as they may do hold 0.93 of 0.95 where the index is 0.8 or more: what it misses is not even to both sides.
    """
    return concordance(time, event, score, confidence)
