"""How often each interval that the product prints holds the truth, over many samples whose truth is known.

The product's own functions make the intervals. For a rate the coverage is computed; elsewhere samples
are drawn until the coverage is above its level beyond doubt, or `MOST` were. A sample for which the
product prints no interval is not counted.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.stats import binom, norm, rankdata

from benchmarks.figures import Figure, bounded
from capsule_flows.agreement import Limits, limits_of_agreement
from capsule_flows.benefit import benefit, net_benefit
from capsule_flows.concordance import concordance
from capsule_flows.cost_bound import expected_cost
from capsule_flows.discrimination import newcombe_area
from capsule_flows.estimates import Estimate, Unsaid
from capsule_flows.intervals import clopper_pearson, described, lower_bound, upper_bound
from capsule_flows.paired import Changes, difference

SIZES = (10, 20, 50, 100, 200)
RATES = tuple(float(rate) for rate in np.linspace(0.5, 0.99, 50).round(2))
TRUTHS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
LEVEL = 0.95
BATCH, MOST, DOUBT = 1_000, 10_000, 3.0
"""Samples drawn at once, at most; standard errors beyond which there is no doubt."""
PRICES = (1.0, 20.0, 500.0)
PAIRS = 2_000_000
SEED = 20_261_101

Held = Mapping[str, np.ndarray]
"""By an interval's name, whether it held the truth, for each sample in which it is printed."""
Draw = Callable[[np.random.Generator, int], Held]
"""Draw `BATCH` samples of so many cases."""


class Cell(NamedTuple):
    """One interval in one setting."""

    interval: str
    setting: str
    coverage: float
    error: float
    """What drawing may have put the coverage off by; 0 where it is computed."""
    printed: float
    """The share of samples for which it is printed."""

    @property
    def shortfall(self) -> float:
        """By how much it covers less than its level, beyond the simulation's error."""
        return LEVEL - self.coverage - self.error


def measure_coverage(tell: Callable[[str], None] = print) -> dict[str, Figure]:
    """Cover every printed interval; `tell` is given a line for the worst setting of each."""
    rng = np.random.default_rng(SEED)
    cells = [*of_rates(), *drawn(rng)]
    for interval in dict.fromkeys(cell.interval for cell in cells):
        tell(_line([cell for cell in cells if cell.interval == interval]))
    worst = max(cells, key=lambda cell: cell.shortfall)
    note = (
        f"the most by which any of {len({cell.interval for cell in cells})} printed 95 % intervals covers"
        f" less, beyond the simulation's error of {DOUBT:g} standard errors, in {len(cells)} settings;"
        f" negative: none does; nearest: {worst.interval}, {worst.setting}, {worst.coverage:.4f}"
    )
    return {"coverage_worst_shortfall": bounded(worst.shortfall, "share", note, 0.0)}


def of_rates() -> Iterator[Cell]:
    """Compute the coverage of the intervals of a rate."""
    kinds: Mapping[str, Callable[[int, int], tuple[float, float]]] = {
        "a rate, described": described,
        "a rate, claimed": clopper_pearson,
        "a rate, at least": lambda k, n: (lower_bound(k, n), 1.0),
        "a rate, at most": lambda k, n: (0.0, upper_bound(k, n)),
    }
    for name, interval in kinds.items():
        for n in SIZES:
            low, high = np.array([interval(k, n) for k in range(n + 1)]).T
            for rate in RATES:
                holds = (low <= rate) & (rate <= high)
                share = float(binom.pmf(np.arange(n + 1), n, rate)[holds].sum())
                yield Cell(name, f"n = {n}, {rate:g}", share, 0.0, 1.0)


def drawn(rng: np.random.Generator) -> Iterator[Cell]:
    """Draw the coverage of all other intervals."""
    for settings in (areas(), orders(rng), limits(), versions(), benefits(), costs()):
        for setting, draw in settings:
            for n in SIZES:
                yield from _covered(rng, f"n = {n}, {setting}", n, draw)


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
    return {"the area under the ROC curve": (low <= area) & (area <= high)}


def areas_at_once(scores: np.ndarray, positives: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of `discrimination.auroc` for many samples, shape (n_samples,).

    `scores` has shape (n_samples, n_cases), the positive cases first. A test holds it against
    the product's own.
    """
    others = scores.shape[1] - positives
    ranks = rankdata(scores, axis=1)
    one = (ranks[:, :positives] - rankdata(scores[:, :positives], axis=1)) / others
    two = 1 - (ranks[:, positives:] - rankdata(scores[:, positives:], axis=1)) / positives
    area = one.mean(axis=1)
    half = norm.isf(0.025) * np.sqrt(one.var(1, ddof=1) / positives + two.var(1, ddof=1) / others)
    some, place = np.unique(area, return_inverse=True)
    low, high = np.array([newcombe_area(float(each), positives, others) for each in some]).T
    return np.minimum(low[place], area - half), np.maximum(high[place], area + half)


def orders(rng: np.random.Generator) -> Iterator[tuple[str, Draw]]:
    """Times to an event that a normal score hastens; a third or so leave before it."""
    for wanted in TRUTHS:
        slope = _slope(wanted)
        one, other = (_followed(rng, PAIRS, slope) for _ in range(2))
        index = _concordant(one, other)
        yield f"concordance {index:.2f}", partial(_orders, slope, index)


def _orders(slope: float, index: float, rng: np.random.Generator, n: int) -> Held:
    found = (concordance(*_followed(rng, n, slope)) for _ in range(BATCH))
    return {"concordance": _hold(found, index)}


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


def _covered(rng: np.random.Generator, setting: str, n: int, draw: Draw) -> Iterator[Cell]:
    held: dict[str, list[bool]] = {}
    done = 0
    while done < MOST:
        done += BATCH
        for name, holds in draw(rng, n).items():
            held.setdefault(name, []).extend(holds)
        # A name without a sample is an interval that is not printed at this size.
        if all(not of or np.mean(of) - DOUBT * _spread(of) >= LEVEL for of in held.values()):
            break
    for name, of in held.items():
        if of:
            yield Cell(name, setting, float(np.mean(of)), DOUBT * _spread(of), len(of) / done)


def _spread(held: Sequence[bool]) -> float:
    """Return the standard error of a coverage at its level over as many samples."""
    return float(np.sqrt(LEVEL * (1 - LEVEL) / len(held)))


def _hold(found: Iterable[Estimate | Unsaid], true: float) -> np.ndarray:
    said = [one for one in found if isinstance(one, Estimate)]
    ends = [(one.low, one.high) for one in said if one.low is not None and one.high is not None]
    return np.array([low <= true <= high for low, high in ends], dtype=bool)


def _slope(index: float) -> float:
    """Return how fast a standard normal score must hasten events so that so many pairs are in order."""
    if index == 0.5:
        return 0.0
    apart = np.abs(np.random.default_rng(SEED).normal(0.0, np.sqrt(2), 100_000))
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


def _line(cells: Iterable[Cell]) -> str:
    worst = max(cells, key=lambda cell: cell.shortfall)
    return (
        f"{worst.interval:<32} {worst.coverage:.4f} (drawing: {worst.error:.4f}) at {worst.setting},"
        f" printed for {worst.printed:.0%}"
    )
