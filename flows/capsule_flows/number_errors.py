"""How far predicted numbers lie from the answers, to which side, and between which limits. Pure."""

import math

import numpy as np

from capsule_flows import judgement_words
from capsule_flows.agreement import limits_of_agreement
from capsule_flows.estimates import OF_AMOUNTS, Estimate, Floats, Unsaid, mean_of_amounts
from capsule_flows.judged_cases import Known
from capsule_flows.judgement import NumberErrors
from capsule_kit.answers import NumberAnswer

FEWEST_FOR_ABSOLUTE = 100
"""Absolute errors are skewed: the interval of their mean holds from so many cases on, a few gross ones among them."""


def errors_of(known: Known) -> Floats:
    """Return prediction - answer of the cases that have both."""
    with np.errstate(over="ignore", invalid="ignore"):
        error = known.said - known.true
    found: Floats = error[~np.isnan(error)]
    return found


def number_errors(known: Known, answer: NumberAnswer) -> NumberErrors:
    """Return bias, absolute error and limits of agreement, each where these cases allow it."""
    error = errors_of(known)
    n = len(error)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = _finite(error.mean()) if n else None
        absolute = _finite(np.abs(error).mean()) if n else None
        spread = _finite(1.96 * error.std(ddof=1)) if n > 1 else None
    between = limits_of_agreement(error)
    bias, limits = None, None
    if not isinstance(between, Unsaid) and all(_is_finite(one) for one in between):
        bias, limits = between.bias, (between.low, between.high)
    return NumberErrors(
        n=n,
        mean_error=mean,
        mean_absolute_error=absolute,
        agreement_low=None if mean is None or spread is None else _finite(mean - spread),
        agreement_high=None if mean is None or spread is None else _finite(mean + spread),
        within_tolerance=int(known.right.sum()),
        sentence=judgement_words.errors(mean, absolute, answer.unit),
        bias=bias,
        absolute=mean_with_interval(np.abs(error), FEWEST_FOR_ABSOLUTE),
        limits=limits,
    )


def mean_with_interval(values: Floats, fewest: int, confidence: float = 0.95) -> Estimate | None:
    """Return the mean of amounts from 0 on with its interval from `fewest` cases on.

    None without a case, or where the mean is too large to be a number.
    """
    n = len(values)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = _finite(values.mean()) if n else None
        spread = _finite(values.std(ddof=1)) if n > 1 else None
    if mean is None:
        return None
    if n < fewest or spread is None:
        method = f"no interval: it holds from {fewest} cases on"
        return Estimate(value=mean, low=None, high=None, n=n, method=method)
    if spread == 0:
        method = "no interval: every case is equally far off"
        return Estimate(value=mean, low=None, high=None, n=n, method=method)
    ends = mean_of_amounts(values, confidence)
    if ends is None:
        return None
    return Estimate(value=mean, low=ends[0], high=ends[1], n=n, method=OF_AMOUNTS)


def _is_finite(one: Estimate) -> bool:
    return all(math.isfinite(end) for end in (one.value, one.low, one.high) if end is not None)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
