"""How often each interval that the product prints holds the truth, over many samples whose truth is known.

The product's own functions make the intervals. For a rate the coverage is computed; elsewhere samples
are drawn (`benchmarks.drawing`) until the coverage is above its level beyond doubt, or `MOST` were. A
sample for which the product prints no interval is not counted.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import binom

from benchmarks.drawing import BATCH, Draw, drawings
from benchmarks.figures import Figure, bounded
from capsule_flows.intervals import clopper_pearson, described, lower_bound, upper_bound

SIZES = (10, 20, 50, 100, 200)
RATES = tuple(float(rate) for rate in np.linspace(0.5, 0.99, 50).round(2))
LEVEL = 0.95
MOST, DOUBT = 10_000, 3.0
"""Samples drawn at most; standard errors beyond which there is no doubt."""
SEED = 20_261_101


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
    for setting, draw, larger in drawings(rng):
        for n in (*SIZES, *larger):
            yield from _covered(rng, f"n = {n}, {setting}", n, draw)


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


def _line(cells: Iterable[Cell]) -> str:
    worst = max(cells, key=lambda cell: cell.shortfall)
    return (
        f"{worst.interval:<32} {worst.coverage:.4f} (drawing: {worst.error:.4f}) at {worst.setting},"
        f" printed for {worst.printed:.0%}"
    )
