"""The sentences about what errors cost and what acting on the model is worth."""

from capsule_flows.cost_bound import CostBound
from capsule_flows.estimates import Estimate
from capsule_flows.wording import count, number


def cost(total: float, costed: int, bound: CostBound) -> str:
    """Say what the errors cost in the declaration's unit, and what a case may cost in truth."""
    if costed == 0:
        return "No case has a declared cost."
    return (
        f"The errors cost {number(total)} in all, {number(total / costed)} a case"
        f" over {count(costed, 'case')}; in truth a case may cost up to {number(bound.high)}."
    )


def worth(
    false_alarms: float,
    threshold: float,
    in_use: tuple[float, float] | None,
    as_called: Estimate | None,
    call_all: float,
) -> str:
    """Say which threshold a preference implies, which is in use, and whether acting on it is worth it."""
    accepted = f"{number(false_alarms)} false alarm{'s' * (false_alarms != 1)}"
    implied = (
        f"Whoever accepts {accepted} to catch one true case calls from a score of"
        f" {number(threshold)} on"
    )
    return f"{implied}; {_use(in_use, threshold)}. {_gain(as_called, call_all)}"


def _use(in_use: tuple[float, float] | None, threshold: float) -> str:
    if in_use is None:
        return "the model's calls do not follow its score"
    low, high = in_use
    if low < threshold <= high:
        return "the model's calls agree with that"
    place = number(high) if number(low) == number(high) else f"{number(low)} to {number(high)}"
    return f"the model begins at {place}"


def _gain(as_called: Estimate | None, call_all: float) -> str:
    if as_called is None:
        return "What acting on it is worth cannot be said."
    best, name = max((0.0, "calling nobody"), (call_all, "calling everybody"))
    per = f"{number(100 * as_called.value)} true cases in 100, less what the false alarms weigh"
    if as_called.value > best:
        told = f"Acting on its calls gains {per}: more than {name} ({number(100 * best)})"
    else:
        told = f"Acting on its calls gains {per}: no more than {name} ({number(100 * best)})"
    if as_called.low is None or as_called.high is None:
        return f"{told}."
    low, high = number(100 * as_called.low), number(100 * as_called.high)
    return f"{told}; plausibly {low} to {high}."
