"""However often it is asked, the gate says GO of a model at a floor no more often than it states."""

import numpy as np
import pytest
from scipy.stats import binom

from capsule_flows.gate import confidence_of
from capsule_flows.intervals import lower_bound
from capsule_kit.policy import Policy

CASES = 1_000


def ever_met(rate: float, floor: float, confidence: float) -> float:
    """Return exactly how probably a model of this rate meets the floor after any of so many cases."""
    sizes = np.arange(1, CASES + 1)
    # The fewest right of n with which the bound reaches the floor.
    needed = binom.isf(1 - confidence, sizes, floor).astype(int) + 1
    going, met = np.zeros(CASES + 2), 0.0
    going[0] = 1.0
    for k in needed:
        going[1:] = going[1:] * (1 - rate) + going[:-1] * rate
        going[0] *= 1 - rate
        met += float(going[k:].sum())
        going[k:] = 0.0
    return met


@pytest.mark.parametrize("floor", [0.5, 0.85, 0.99])
def test_the_whole_risk_is_kept_at_every_moment(floor: float) -> None:
    policy = Policy.model_validate({"criteria": [{"metric": "right", "at_least": floor, "tier": "critical"}]})  # fmt: skip
    sure = confidence_of(policy)
    assert ever_met(floor, floor, sure) <= policy.false_go
    # Asked each time as if it were the only time, it would not be.
    assert ever_met(floor, floor, 1 - policy.false_go) > policy.false_go


def test_the_fewest_that_are_right_is_what_the_bound_says() -> None:
    for n in (36, 50, 200):
        needed = int(binom.isf(1 - 0.99667, n, 0.85)) + 1
        assert lower_bound(needed, n, 0.99667) >= 0.85 > lower_bound(needed - 1, n, 0.99667)
