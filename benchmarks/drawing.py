"""Samples whose truth is known, and whether the intervals that the product makes of each hold it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import norm, rankdata

from capsule_flows.agreement import Limits, limits_of_agreement
from capsule_flows.benefit import benefit, net_benefit
from capsule_flows.calibration import brier, recalibration
from capsule_flows.concordance import concordance, concordance_bounds
from capsule_flows.cost_bound import expected_cost
from capsule_flows.discrimination import newcombe_area
from capsule_flows.estimates import Estimate, Unsaid
from capsule_flows.number_errors import FEWEST_FOR_ABSOLUTE, mean_with_interval
from capsule_flows.paired import Changes, difference

TRUTHS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
BATCH = 1_000
"""Samples drawn at once."""
PRICES = (1.0, 20.0, 500.0)
PAIRS = 2_000_000
LARGER = (250, 500)
"""Sizes from which on slope and intercept of calibration are printed."""

Held = Mapping[str, np.ndarray]
"""By an interval's name, whether it held the truth, for each sample in which it is printed."""
Draw = Callable[[np.random.Generator, int], Held]
"""Draw `BATCH` samples of so many cases."""


class Drawing(NamedTuple):
    """One setting."""

    about: str
    draw: Draw
    larger: tuple[int, ...] = ()
    """Sizes beyond the usual ones."""


def drawings(rng: np.random.Generator) -> Iterator[Drawing]:
    """Yield every setting."""
    usual = chain(areas(), orders(rng), limits(), distances(), versions(), benefits(), costs())
    yield from (Drawing(*one) for one in usual)
    yield from (Drawing(*one, LARGER) for one in scores())


def areas() -> Iterator[tuple[str, Draw]]:
    """Normal scores of two classes, one of them half or a fifth of the cases."""
    for share in (0.5, 0.2):
        for area in TRUTHS:
            yield f"area {area:g}, {share:.0%} positive", partial(_areas, share, area)


def _areas(share: float, area: float, rng: np.random.Generator, n: int) -> Held:
    positives = round(share * n)
    scores = rng.normal(size=(BATCH, n))
    scores[:, :positives] += np.sqrt(2) * norm.ppf(area)
    low, high = areas_at_once(scores, positives)
    floor, _ = areas_at_once(scores, positives, 0.9)
    return {
        "the area under the ROC curve": (low <= area) & (area <= high),
        "the area under the ROC curve, at least": floor <= area,
    }


def areas_at_once(
    scores: np.ndarray, positives: int, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of `discrimination.auroc` for many samples, shape (n_samples,).

    `scores` has shape (n_samples, n_cases), the positive cases first. A test holds it against
    the product's own.
    """
    others = scores.shape[1] - positives
    ranks = rankdata(scores, axis=1)
    one = (ranks[:, :positives] - rankdata(scores[:, :positives], axis=1)) / others
    two = 1 - (ranks[:, positives:] - rankdata(scores[:, positives:], axis=1)) / positives
    area = one.mean(axis=1)
    half = norm.isf((1 - confidence) / 2) * np.sqrt(
        one.var(1, ddof=1) / positives + two.var(1, ddof=1) / others
    )
    some, place = np.unique(area, return_inverse=True)
    low, high = np.array(
        [newcombe_area(float(each), positives, others, confidence) for each in some]
    ).T
    return np.minimum(low[place], area - half), np.maximum(high[place], area + half)


def orders(rng: np.random.Generator) -> Iterator[tuple[str, Draw]]:
    """Times to an event that a normal score hastens; a third or so leave before it."""
    for wanted in TRUTHS:
        slope = _slope(wanted)
        one, other = (_followed(rng, PAIRS, slope) for _ in range(2))
        index = _concordant(one, other)
        yield f"concordance {index:.2f}", partial(_orders, slope, index)


def _orders(slope: float, index: float, rng: np.random.Generator, n: int) -> Held:
    drawn = [_followed(rng, n, slope) for _ in range(BATCH)]
    floors = (concordance_bounds(*one) for one in drawn)
    lows = [one.low for one in floors if isinstance(one, Estimate) and one.low is not None]
    return {
        "concordance": _hold((concordance(*one) for one in drawn), index),
        "concordance, at least": np.array(lows, dtype=float) <= index,
    }


def limits() -> Iterator[tuple[str, Draw]]:
    """Normal errors."""
    yield "normal errors", _limits


def _limits(rng: np.random.Generator, n: int) -> Held:
    reach = float(norm.isf(0.025))
    found = [limits_of_agreement(rng.normal(size=n)) for _ in range(BATCH)]
    said = [one for one in found if isinstance(one, Limits)]
    return {
        "bias": _hold([one.bias for one in said], 0.0),
        "lower limit of agreement": _hold([one.low for one in said], -reach),
        "upper limit of agreement": _hold([one.high for one in said], reach),
    }


def distances() -> Iterator[tuple[str, Draw]]:
    """Errors to both sides or to one, some of them three times as wide as the rest."""
    for about, wide, bias in (
        ("normal errors", 0.0, 0.0),
        ("normal errors, too high", 0.0, 1.0),
        ("one error in ten three times as wide", 0.1, 0.0),
        ("one error in ten three times as wide, too high", 0.1, 1.0),
    ):
        yield about, partial(_distances, wide, bias)


def _distances(wide: float, bias: float, rng: np.random.Generator, n: int) -> Held:
    true = (1 - wide) * _folded(bias, 1.0) + wide * _folded(bias, 3.0)
    spread = np.where(rng.random((BATCH, n)) < wide, 3.0, 1.0)
    errors = bias + spread * rng.normal(size=(BATCH, n))
    found = [mean_with_interval(np.abs(one), FEWEST_FOR_ABSOLUTE) for one in errors]
    ends = [one.high for one in found if one is not None and one.high is not None]
    return {
        "mean absolute error": _hold((one for one in found if one is not None), true),
        "mean absolute error, at most": true <= np.array(ends, dtype=float),
    }


def _folded(mean: float, spread: float) -> float:
    """Return how far from 0 a normal number lies on average."""
    at = mean / spread
    return float(2 * spread * norm.pdf(at) + mean * (1 - 2 * norm.cdf(-at)))


def scores() -> Iterator[tuple[str, Draw]]:
    """Scores with normal logits, that come true as they say, are too bold, or are too low."""
    for centre in (0.0, -1.5):
        for about, slope, shift in (
            ("scores that come true", 1.0, 0.0),
            ("bold scores", 0.6, 0.0),
            ("low scores", 1.0, 0.7),
        ):
            yield f"{about} about {expit(centre):.2f}", partial(_scores, centre, slope, shift)


def _scores(centre: float, slope: float, shift: float, rng: np.random.Generator, n: int) -> Held:
    at, weight = np.polynomial.hermite_e.hermegauss(60)
    logits, weight = centre + 1.5 * at, weight / weight.sum()
    comes = expit(shift + slope * logits)
    said = expit(logits)
    off = float(weight @ (comes * (1 - said) ** 2 + (1 - comes) * said**2))
    level = brentq(lambda moved: float(weight @ (comes - expit(moved + logits))), -5, 5)
    x = rng.normal(centre, 1.5, (BATCH, n))
    events = rng.random((BATCH, n)) < expit(shift + slope * x)
    drawn = list(zip(events, expit(x), strict=True))
    again = [recalibration(*one) for one in drawn]
    return {
        "Brier score": _hold((brier(*one) for one in drawn), off),
        "calibration slope": _hold((one.slope for one in again), slope),
        "calibration intercept": _hold((one.intercept for one in again), level),
    }


def versions() -> Iterator[tuple[str, Draw]]:
    """Two versions right at two rates, independently of each other or more and more alike."""
    pairs = [(rate, rate) for rate in TRUTHS] + [(0.7, 0.8), (0.8, 0.95), (0.9, 0.99), (0.99, 0.9)]
    for before, after in pairs:
        for alike in (0.0, 0.5, 0.9):
            both = before * after * (1 - alike) + min(before, after) * alike
            shares = (both, before - both, after - both, 1 - before - after + both)
            yield f"{before:g} then {after:g}, alike by {alike:g}", partial(_versions, shares)


def _versions(shares: Sequence[float], rng: np.random.Generator, n: int) -> Held:
    true = shares[2] - shares[1]
    counts, times = np.unique(rng.multinomial(n, shares, BATCH), axis=0, return_counts=True)
    ends = [difference(Changes(*map(int, one))) for one in counts]
    return {
        "the difference of two versions": np.repeat(
            [low <= true <= high for low, high in ends], times
        )
    }


def benefits() -> Iterator[tuple[str, Draw]]:
    """A score that calls three quarters of the positive and a tenth of the others."""
    for threshold in (0.1, 0.5, 0.9):
        for prevalence in (0.05, 0.5):
            about = f"threshold {threshold:g}, {prevalence:.0%} positive"
            yield about, partial(_benefits, threshold, prevalence)


def _benefits(threshold: float, prevalence: float, rng: np.random.Generator, n: int) -> Held:
    # Beside a million cases the whole numbers of calls are the shares.
    many = 1_000_000
    true = net_benefit(
        round(0.75 * prevalence * many), round(0.1 * (1 - prevalence) * many), many, threshold
    )
    event = rng.random((BATCH, n)) < prevalence
    called = rng.random((BATCH, n)) < np.where(event, 0.75, 0.1)
    found = (benefit(*of, threshold) for of in zip(event, called.astype(float), strict=True))
    return {"net benefit": _hold(found, true)}


def costs() -> Iterator[tuple[str, Draw]]:
    """Common slight errors and rare severe ones."""
    for shares in ((0.1, 0.02, 0.001), (0.2, 0.05, 0.01), (0.01, 0.005, 0.002), (0.3, 0.1, 0.05)):
        yield f"errors of cost {PRICES} at {shares}", partial(_costs, shares)


def _costs(shares: Sequence[float], rng: np.random.Generator, n: int) -> Held:
    true = float(np.dot(PRICES, shares))
    counts = rng.multinomial(n, (*shares, 1 - sum(shares)), BATCH)[:, :-1]
    found = [expected_cost(dict(zip(PRICES, map(int, one), strict=True)), n) for one in counts]
    return {
        "the expected cost, at most": np.array([true <= one.high for one in found]),
        "the expected cost, at least": np.array([one.low <= true for one in found]),
    }


def _hold(found: Iterable[Estimate | Unsaid], true: float) -> np.ndarray:
    said = [one for one in found if isinstance(one, Estimate)]
    ends = [(one.low, one.high) for one in said if one.low is not None and one.high is not None]
    return np.array([low <= true <= high for low, high in ends], dtype=bool)


def _slope(index: float) -> float:
    """Return how fast a standard normal score must hasten events so that so many pairs are in order."""
    if index == 0.5:
        return 0.0
    apart = np.abs(np.random.default_rng(1).normal(0.0, np.sqrt(2), 100_000))
    low, high = 0.0, 200.0
    for _ in range(50):
        middle = (low + high) / 2
        less = float(np.mean(1 / (1 + np.exp(-middle * apart)))) < index
        low, high = (middle, high) if less else (low, middle)
    return low


def _followed(
    rng: np.random.Generator, n: int, slope: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    score = rng.normal(size=n)
    time = -slope * score + np.log(rng.exponential(size=n))
    left = -slope * rng.normal(size=n) + np.log(rng.exponential(2.0, size=n))
    return np.minimum(time, left), time <= left, score


def _concordant(one: tuple[np.ndarray, ...], other: tuple[np.ndarray, ...]) -> float:
    (time, event, score), (later, _, second) = one, other
    pair = event & (time < later)
    return float((score > second)[pair].mean())
