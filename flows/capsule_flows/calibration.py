"""Whether scores come true as often as they say: tenths, Brier score, recalibration. Pure.

Brier 1950 (Mon Weather Rev 78:1), on the scale from 0 to 1; Cox 1958 (Biometrika 45:562) for slope
and intercept, from as many cases on as Collins 2016 (Stat Med 35:214) asks for. The intercept's spread is
White's (1982, Econometrica 50:1): by Wald's it is held 0.92 of 0.95 where the slope is 0.6.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm

from capsule_flows.estimates import (
    OF_AMOUNTS,
    Bools,
    Estimate,
    Floats,
    Unsaid,
    mean_of_amounts,
    usable,
)

TENTHS = 10
FEWEST_FOR_BRIER, FEWEST_OF_EACH = 50, 10
FEWEST_ANNOUNCED, FEWEST_SEEN = 100, 50
"""Of each class for a slope. By the scores first: a rule by what happened would choose the lucky samples."""
# A last step of 1e-4 leaves some 1e-8, since each squares what is left.
_STEPS, _CLOSE, _FAR, _ENOUGH = 50, 1e-4, 1e3, 50_000
_BLOCK = 32_768
"""Cases whose numbers stay in the processor's cache from one operation to the next."""

Matrix = np.ndarray[tuple[Any, ...], np.dtype[np.float64]]
Step = Callable[[Floats, Floats, Floats], tuple[Matrix, Floats]]
"""Coefficients, x and the outcome in; the information matrix and the gradient out."""


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
    """Return the mean squared distance of the score from 0 or 1, with an interval where it holds."""
    events, scores = usable(outcome, score)
    if not len(events):
        return Unsaid(reason="No case has both an answer and a score.")
    squares = (scores - events) ** 2
    value, n = float(squares.mean()), len(squares)
    low = high = None
    method = f"no interval: it holds from {FEWEST_FOR_BRIER} cases with {FEWEST_OF_EACH} of each class on"
    if n >= FEWEST_FOR_BRIER and min(events.sum(), (~events).sum()) >= FEWEST_OF_EACH:
        ends = mean_of_amounts(squares, confidence)
        # A spread of nothing is no certainty.
        if ends is None:
            method = "no interval: every score is equally far off"
        else:
            low, high, method = ends[0], min(1.0, ends[1]), OF_AMOUNTS
    return Estimate(value=value, low=low, high=high, n=n, method=method)


def recalibration(
    outcome: Sequence[bool] | Bools, score: Sequence[float] | Floats, confidence: float = 0.95
) -> Recalibration:
    """Return slope and intercept (of slope 1) of the outcome on the score's logit, each with its interval."""
    events, scores = usable(outcome, score)
    if (why := _why_not(events, scores)) is not None:
        return Recalibration(why, why)
    x, y = logit(scores), events.astype(float)
    z = float(norm.isf((1 - confidence) / 2))
    line, level = _line(x, y), _level(x, y)
    apart = Unsaid(reason="The score tells the classes wholly apart, so it has no slope.")
    return Recalibration(
        apart if line is None else _around(*line, z, len(x), "Wald's interval"),
        apart if level is None else _around(*level, z, len(x), "White's interval"),
    )


def _why_not(events: Bools, scores: Floats) -> Unsaid | None:
    announced = min(float(scores.sum()), len(scores) - float(scores.sum()))
    seen = min(int(events.sum()), int((~events).sum()))
    if announced < FEWEST_ANNOUNCED or seen < FEWEST_SEEN:
        return Unsaid(
            reason=f"Slope and intercept take scores that announce {FEWEST_ANNOUNCED} cases of each class,"
            f" and {FEWEST_SEEN} of each; of the rarer {math.floor(announced)} are announced and {seen} are"
            " there."
        )
    if sure := int(((scores == 0) | (scores == 1)).sum()):
        are = "score is" if sure == 1 else "scores are"
        return Unsaid(
            reason=f"{sure} {are} exactly 0 or 1, so there is neither slope nor intercept."
        )
    if (scores == scores[0]).all():
        return Unsaid(reason="All scores are the same, so there is neither slope nor intercept.")
    return None


def _line(x: Floats, y: Floats) -> tuple[float, float] | None:
    """Return the slope of the outcome on x, and its deviation; None where it runs away."""

    def step(at: Floats, x: Floats, y: Floats) -> tuple[Matrix, Floats]:
        p = expit(at[0] + at[1] * x)
        weight, off = p * (1 - p), y - p
        bent = weight * x
        cross, across = bent.sum(), (bent * x).sum()
        information = np.array([[weight.sum(), cross], [cross, across]])
        return information, np.array([off.sum(), (off * x).sum()])

    found = _newton(step, np.zeros(2), x, y)
    return None if found is None else (float(found[0][1]), math.sqrt(float(found[1][1, 1])))


def _level(x: Floats, y: Floats) -> tuple[float, float] | None:
    """Return the intercept beside x with a slope of 1, and its deviation; None where it runs away."""

    def step(at: Floats, x: Floats, y: Floats) -> tuple[Matrix, Floats]:
        p = expit(at[0] + x)
        return np.array([[(p * (1 - p)).sum()]]), np.array([(y - p).sum()])

    found = _newton(step, np.zeros(1), x, y)
    if found is None:
        return None
    level = float(found[0][0])
    # Where the slope is not 1, outcomes are spread otherwise than this line says.
    spread = math.sqrt(float(((y - expit(level + x)) ** 2).sum()))
    return level, spread * float(found[1][0, 0])


def _newton(step: Step, at: Floats, x: Floats, y: Floats) -> tuple[Floats, Matrix] | None:
    """Return where the likelihood is greatest, and the covariance there."""
    if len(x) > 2 * _ENOUGH:
        # A million cases take one or two steps from where some thousands of them lead.
        every = len(x) // _ENOUGH
        near = _newton(step, at, x[::every], y[::every])
        at = at if near is None else near[0]
    for _ in range(_STEPS):
        blocks = [slice(start, start + _BLOCK) for start in range(0, len(x), _BLOCK)]
        parts = [step(at, x[block], y[block]) for block in blocks]
        information, uphill = (np.sum(each, axis=0) for each in zip(*parts, strict=True))
        try:
            spread = np.asarray(np.linalg.inv(information), dtype=np.float64)
        except np.linalg.LinAlgError:
            return None
        change = spread @ uphill
        at = at + change
        if not np.isfinite(at).all() or np.abs(at).max() > _FAR:
            return None
        if np.abs(change).max() < _CLOSE:
            return at, spread
    return None


def _around(value: float, deviation: float, z: float, n: int, method: str) -> Estimate:
    half = z * deviation
    return Estimate(value=value, low=value - half, high=value + half, n=n, method=method)
