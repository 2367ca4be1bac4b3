"""What the two intervals of a rate promise holds at every true rate, computed and not drawn."""

import numpy as np
import pytest
from scipy.stats import binom

from capsule_flows.intervals import Interval, clopper_pearson, described, wilson

RATES = np.arange(0.005, 1, 0.005)


def coverage(ends: list[Interval]) -> np.ndarray:
    """Return how often intervals of 0 to n of n hold each of RATES, shape (n_rates,)."""
    low, high = np.array(ends).T[:, :, None]
    n = len(ends) - 1
    return (
        binom.pmf(np.arange(n + 1)[:, None], n, RATES) * ((low <= RATES) & (high >= RATES))
    ).sum(0)


@pytest.mark.parametrize("n", [1, 2, 10, 20, 50, 200])
def test_the_interval_that_describes_holds_at_every_true_rate(n: int) -> None:
    assert coverage([described(k, n) for k in range(n + 1)]).min() >= 0.95


@pytest.mark.parametrize("n", [1, 10, 50])
def test_the_interval_that_claims_holds_at_every_true_rate(n: int) -> None:
    assert coverage([clopper_pearson(k, n) for k in range(n + 1)]).min() >= 0.95


def test_wilsons_alone_does_not_which_is_why_it_is_widened() -> None:
    assert coverage([wilson(k, 50) for k in range(51)]).min() < 0.92


@pytest.mark.parametrize("n", [1, 7, 50, 100_000])
def test_what_describes_never_lies_inside_wilsons_and_is_the_same_seen_from_the_other_side(
    n: int,
) -> None:
    for k in {0, 1, n // 3, n - 1, n}:
        ends, other = described(k, n), described(n - k, n)
        assert ends.low <= wilson(k, n).low + 1e-12
        assert ends.high >= wilson(k, n).high - 1e-12
        assert ends == pytest.approx((1 - other.high, 1 - other.low), abs=1e-12)


def test_forty_seven_of_fifty_is_plausibly_84_to_98_percent() -> None:
    assert described(47, 50) == pytest.approx((0.836, 0.984), abs=5e-4)
