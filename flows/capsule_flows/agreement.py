"""How far two readings of the same thing lie apart: numbers by limits of agreement, classes by experts. Pure.

Bland and Altman 1986 (Lancet 1:307); the limits' intervals are exact for normal errors (Carkeet 2015,
Optom Vis Sci 92:e71). Cohen 1960 (Educ Psychol Meas 20:37).
"""

import math
from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.stats import nct, norm, t

from capsule_flows.estimates import Estimate, Floats, Unsaid
from capsule_flows.intervals import Interval, described

FEWEST_DOUBLE_READINGS = 50
_METHOD = "Student's t"
_EXACT = "exact where errors are normal"


class Limits(NamedTuple):
    """Between which the error of 95 % of cases lies, if errors are normal; in the answer's unit."""

    bias: Estimate
    low: Estimate
    high: Estimate


class Readers(NamedTuple):
    """Two experts on the same cases."""

    same: int
    n: int
    interval: Interval
    """Of the share read alike: `intervals.described`."""
    disputed: tuple[int, ...]
    """The places of the cases read differently."""
    kappa: float | None
    """Cohen's coefficient; None under 50 double readings, or where chance alone agrees wholly."""


def limits_of_agreement(
    error: Sequence[float] | Floats, confidence: float = 0.95, share: float = 0.95
) -> Limits | Unsaid:
    """Return bias and limits of agreement of errors, prediction - answer, with intervals."""
    errors = np.asarray(error, dtype=float)
    errors = errors[np.isfinite(errors)]
    n = len(errors)
    if n < 3:
        return Unsaid(reason=f"Limits of agreement take three cases or more; there are {n}.")
    with np.errstate(over="ignore", invalid="ignore"):
        mean, spread = float(errors.mean()), float(errors.std(ddof=1))
    if not (math.isfinite(mean) and math.isfinite(spread)):
        return Unsaid(reason="The errors are too large to be averaged.")
    reach, bias, near, far = _factors(n, confidence, share)
    z, half, inner, outer = reach, bias * spread, near * spread, far * spread
    if not (math.isfinite(inner) and math.isfinite(outer)):
        return Unsaid(reason="There are too many cases for exact limits of agreement.")

    def of(value: float, low: float, high: float, method: str) -> Estimate:
        return Estimate(value=value, low=low, high=high, n=n, method=method)

    return Limits(
        of(mean, mean - half, mean + half, _METHOD),
        of(mean - z * spread, mean - outer, mean - inner, _EXACT),
        of(mean + z * spread, mean + inner, mean + outer, _EXACT),
    )


@lru_cache(maxsize=1_000)
def _factors(n: int, confidence: float, share: float) -> tuple[float, float, float, float]:
    """Return in standard deviations: how far the limits lie, and the ends for the bias and the limits."""
    risk = (1 - confidence) / 2
    z, root = float(norm.isf((1 - share) / 2)), math.sqrt(n)
    inner, outer = (float(nct.ppf(level, n - 1, z * root)) / root for level in (risk, 1 - risk))
    return z, float(t.isf(risk, n - 1)) / root, inner, outer


def cohen_kappa(counts: Sequence[Sequence[int]]) -> float | None:
    """Return Cohen's coefficient of a square table of two readings; None where it has none.

    Raises:
        ValueError: the table is not square.
    """
    table = np.asarray(counts, dtype=float)
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        message = "Two readings are compared over the same classes: the table must be square."
        raise ValueError(message)
    n = table.sum()
    if not n:
        return None
    chance = float((table.sum(axis=0) * table.sum(axis=1)).sum() / n**2)
    return None if chance >= 1 else (float(np.trace(table) / n) - chance) / (1 - chance)


def readers(first: Sequence[Hashable], second: Sequence[Hashable]) -> Readers | Unsaid:
    """Return how two experts agree on the cases that both have read; None is not read."""
    both = [
        (place, one, other)
        for place, (one, other) in enumerate(zip(first, second, strict=True))
        if one is not None and other is not None
    ]
    if not both:
        return Unsaid(reason="No case has been read by both.")
    classes = sorted({reading for _, *pair in both for reading in pair}, key=str)
    counts = np.zeros((len(classes), len(classes)), dtype=int)
    for _, one, other in both:
        counts[classes.index(one), classes.index(other)] += 1
    same, n = int(np.trace(counts)), len(both)
    disputed = tuple(place for place, one, other in both if one != other)
    kappa = cohen_kappa(counts.tolist()) if n >= FEWEST_DOUBLE_READINGS else None
    return Readers(same, n, described(same, n), disputed, kappa)
