"""How dear the errors may be in truth: a bound on the expected cost that holds for rare severe errors. Pure.

Each severity's rate gets Clopper and Pearson's upper bound, the risk divided by the number of
severities declared. A bootstrap covers 66 to 79 % with rare severe errors in 20 to 30 cases.
"""

from collections.abc import Mapping
from typing import NamedTuple

from capsule_flows.intervals import lower_bound, upper_bound


class CostBound(NamedTuple):
    """What a case costs on average, and what it may cost in truth; in the declaration's unit."""

    mean: float | None
    """None of no case."""
    low: float
    """The expected cost is at least this with the confidence asked for."""
    high: float
    """The expected cost is at most this with the confidence asked for."""
    n: int


def expected_cost(counts: Mapping[float, int], n: int, confidence: float = 0.95) -> CostBound:
    """Return one-sided bounds of the expected cost of a case.

    `counts` names every severity that was declared, with how many of the n cases had it: one that
    no case had must be named with 0, for it may still happen.
    """
    severities = {cost: count for cost, count in counts.items() if cost > 0}
    if not severities:
        return CostBound(0.0 if n else None, 0.0, 0.0, n)
    each = 1 - (1 - confidence) / len(severities)
    low = sum(cost * lower_bound(count, n, each) for cost, count in severities.items())
    high = sum(cost * upper_bound(count, n, each) for cost, count in severities.items())
    mean = sum(cost * count for cost, count in severities.items()) / n if n else None
    # No case costs more than the dearest error.
    return CostBound(mean, low, min(high, max(severities)), n)
