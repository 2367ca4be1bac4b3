"""The simulation of coverage makes the intervals that the product makes, and finds one that fails."""

import numpy as np
import pytest
from benchmarks.coverage import LEVEL, SIZES, of_rates
from benchmarks.drawing import areas_at_once

from capsule_flows.discrimination import auroc
from capsule_flows.estimates import Estimate
from capsule_flows.paired import Changes, difference, newcombe_paired


@pytest.mark.parametrize(("n", "positives"), [(10, 2), (10, 5), (50, 25), (200, 40)])
def test_many_areas_at_once_have_the_intervals_of_each(n: int, positives: int) -> None:
    scores = np.random.default_rng(n).random((20, n)).round(2)
    for low, high, sample in zip(*areas_at_once(scores, positives), scores, strict=True):
        found = auroc(np.arange(n) < positives, sample)
        assert isinstance(found, Estimate)
        assert (max(low, 0), min(high, 1)) == pytest.approx((found.low, found.high), abs=1e-9)


def test_the_intervals_of_a_rate_hold_at_every_rate_and_size() -> None:
    cells = list(of_rates())
    assert {cell.setting.split(",")[0] for cell in cells} == {f"n = {n}" for n in SIZES}
    assert min(cell.coverage for cell in cells) >= LEVEL


def test_the_printed_difference_of_two_versions_is_never_narrower_than_newcombes_own() -> None:
    for counts in [(5, 1, 3, 1), (10, 0, 0, 0), (36, 5, 12, 1), (0, 4, 4, 2)]:
        printed, own = difference(Changes(*counts)), newcombe_paired(Changes(*counts))
        assert printed.low <= own.low < own.high <= printed.high
