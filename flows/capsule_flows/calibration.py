"""Whether scores come true as often as they say: tenths, Brier score, recalibration. Pure.

Brier 1950 (Mon Weather Rev 78:1), on the scale from 0 to 1; Cox 1958 (Biometrika 45:562) for slope
and intercept, from as many cases on as Collins 2016 (Stat Med 35:214) asks for.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm, t

from capsule_flows.estimates import Bools, Estimate, Floats, Unsaid, usable

TENTHS = 10
FEWEST_FOR_BRIER, FEWEST_OF_EACH = 50, 10
FEWEST_FOR_A_SLOPE = 100
"""Of each class."""
_STEPS, _CLOSE = 50, 1e-10


class Tenth(NamedTuple):
    """The cases whose score lies in one tenth."""

    low: float
    high: float
    n: int
    events: int
    mean_score: float


class Recalibration(NamedTuple):
    """How scores would have to be bent to come true."""

    slope: Estimate | Unsaid
    intercept: Estimate | Unsaid


def tenths(events: Bools, scores: Floats) -> tuple[Tenth, ...]:
    """Return the tenths that hold a case, ascending; a score of 1 belongs to the last."""
    place = np.minimum((scores * TENTHS).astype(np.int64), TENTHS - 1)
    n = np.bincount(place, minlength=TENTHS)
    k = np.bincount(place[events], minlength=TENTHS)
    total = np.bincount(place, weights=scores, minlength=TENTHS)
    return tuple(
        Tenth(
            one / TENTHS, (one + 1) / TENTHS, int(n[one]), int(k[one]), float(total[one] / n[one])
        )
        for one in np.flatnonzero(n).tolist()
    )


def brier(
    outcome: Sequence[bool] | Bools, score: Sequence[float] | Floats, confidence: float = 0.95
) -> Estimate | Unsaid:
    """Return the mean squared distance of the score from 0 or 1; Student's interval where it holds."""
    events, scores = usable(outcome, score)
    if not len(events):
        return Unsaid(reason="No case has both an answer and a score.")
    squares = (scores - events) ** 2
    value, n = float(squares.mean()), len(squares)
    low = high = None
    method = f"no interval: it holds from {FEWEST_FOR_BRIER} cases with {FEWEST_OF_EACH} of each class on"
    if n >= FEWEST_FOR_BRIER and min(events.sum(), (~events).sum()) >= FEWEST_OF_EACH:
        half = float(t.isf((1 - confidence) / 2, n - 1)) * float(squares.std(ddof=1)) / math.sqrt(n)
        # A spread of nothing is no certainty.
        if half > 0:
            low, high = max(0.0, value - half), min(1.0, value + half)
            method = "Student's t"
        else:
            method = "no interval: every score is equally far off"
    return Estimate(value=value, low=low, high=high, n=n, method=method)


def recalibration(
    outcome: Sequence[bool] | Bools, score: Sequence[float] | Floats, confidence: float = 0.95
) -> Recalibration:
    """Return slope and intercept (of slope 1) of the outcome on the score's logit, with Wald's intervals."""
    events, scores = usable(outcome, score)
    if (why := _why_not(events, scores)) is not None:
        return Recalibration(why, why)
    x, y = logit(scores), events.astype(float)
    z = float(norm.isf((1 - confidence) / 2))
    fitted = _logistic(np.column_stack([np.ones_like(x), x]), y, np.zeros_like(x))
    level = _logistic(np.ones((len(x), 1)), y, x)
    apart = Unsaid(reason="The score tells the classes wholly apart, so it has no slope.")
    return Recalibration(
        apart if fitted is None else _wald(*fitted, 1, z, len(x)),
        apart if level is None else _wald(*level, 0, z, len(x)),
    )


def _why_not(events: Bools, scores: Floats) -> Unsaid | None:
    fewest = int(min(events.sum(), (~events).sum())) if len(events) else 0
    if fewest < FEWEST_FOR_A_SLOPE:
        return Unsaid(
            reason=f"Slope and intercept take {FEWEST_FOR_A_SLOPE} cases of each class;"
            f" the rarer has {fewest}."
        )
    if sure := int(((scores == 0) | (scores == 1)).sum()):
        are = "score is" if sure == 1 else "scores are"
        return Unsaid(
            reason=f"{sure} {are} exactly 0 or 1, so there is neither slope nor intercept."
        )
    if (scores == scores[0]).all():
        return Unsaid(reason="All scores are the same, so there is neither slope nor intercept.")
    return None


def _logistic(design: Floats, y: Floats, offset: Floats) -> tuple[Floats, Floats] | None:
    """Return coefficients and their covariance by Newton's method; None where they run away."""
    at: Floats = np.zeros_like(design[0])
    for _ in range(_STEPS):
        p = expit(design @ at + offset)
        weights = p * (1 - p)
        information = design.T @ (design * weights[:, None])
        try:
            step = np.linalg.solve(information, design.T @ (y - p))
            spread = np.linalg.inv(information)
        except np.linalg.LinAlgError:
            return None
        at = at + step
        if not np.isfinite(at).all() or np.abs(at).max() > 1e3:
            return None
        if np.abs(step).max() < _CLOSE:
            return at, spread
    return None


def _wald(at: Floats, spread: Floats, place: int, z: float, n: int) -> Estimate:
    value, half = float(at[place]), z * math.sqrt(float(spread[place, place]))
    return Estimate(value=value, low=value - half, high=value + half, n=n, method="Wald's interval")
