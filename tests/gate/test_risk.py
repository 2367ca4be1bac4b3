"""However often it is asked, the gate says GO of a model at a floor no more often than it states."""

import numpy as np
import pytest
from benchmarks.gate import CASES, asked, ever_met, fewest, policy_of
from scipy.stats import binom

from capsule_flows.gate import confidence_of


@pytest.mark.parametrize("floor", [0.5, 0.85, 0.99])
def test_the_whole_risk_is_kept_at_every_moment(floor: float) -> None:
    policy = policy_of((floor, 0.8))
    assert ever_met(floor, floor, confidence_of(policy)) <= policy.false_go
    # Asked each time as if it were the only time, it would not be.
    assert ever_met(floor, floor, 1 - policy.false_go) > policy.false_go


def test_what_is_computed_exactly_and_what_is_simulated_ask_for_the_same() -> None:
    needed = binom.isf(1 - 0.99667, np.arange(1, CASES + 1), 0.85).astype(int) + 1
    assert (fewest(0.85, 0.99667) == needed).all()


def test_the_gate_goes_with_the_fewest_that_are_needed_and_not_with_one_less() -> None:
    policy = policy_of((0.85, 0.8))
    k = int(fewest(0.85, confidence_of(policy))[99])
    assert asked(policy, (k, 100), 100).answer == "GO"
    assert asked(policy, (k - 1, 100), 100).answer == "INCONCLUSIVE"
