"""What a statistic comes to: a number with its interval, or a sentence that says why there is none."""

import math
from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy.stats import t

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Bools = np.ndarray[tuple[int], np.dtype[np.bool_]]
OF_AMOUNTS = "Student's t, its upper end on the scale of logarithms"


class Estimate(BaseModel):
    """A number and what else is plausible."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float
    low: float | None
    """The smallest plausible value; None where no interval holds what it promises."""
    high: float | None
    n: int
    """The cases it was taken over."""
    method: str
    """Whose interval it is, or why there is none."""


class Unsaid(BaseModel):
    """A statistic that these cases do not allow."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: str
    """A whole sentence."""


def usable(
    outcome: Sequence[bool] | Bools, score: Sequence[float] | Floats
) -> tuple[Bools, Floats]:
    """Return outcomes and scores without the cases whose score is no number from 0 to 1."""
    events, scores = np.asarray(outcome, dtype=bool), np.asarray(score, dtype=float)
    fit = (scores >= 0) & (scores <= 1)
    return (events, scores) if fit.all() else (events[fit], scores[fit])


def one_class(events: Bools) -> Unsaid | None:
    """Return why nothing can be told apart where only one class, or no case, is there."""
    if not len(events):
        return Unsaid(reason="No case has both an answer and a score.")
    if events.all() or not events.any():
        return Unsaid(reason="All cases have the same answer, so there is nothing to tell apart.")
    return None


def mean_of_amounts(values: Floats, confidence: float) -> tuple[float, float] | None:
    """Return the ends of an interval for the mean of amounts from 0 on; None where they do not vary.

    Student's, its upper end on the scale of logarithms: amounts are skewed, and by Student's alone the
    mean absolute error is held 0.92 of 0.95 in 50 cases, one in ten of which errs three times as far.
    """
    n = len(values)
    with np.errstate(over="ignore", invalid="ignore"):
        mean, spread = float(values.mean()), float(values.std(ddof=1))
    half = float(t.isf((1 - confidence) / 2, n - 1)) * spread / math.sqrt(n)
    if not (half > 0 and mean > 0 and math.isfinite(mean + half)):
        return None
    high = mean * math.exp(half / mean)
    return (max(0.0, mean - half), high) if math.isfinite(high) else None
