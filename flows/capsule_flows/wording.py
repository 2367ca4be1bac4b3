"""The sentences of a judgement: facts in, plain words out.

No sentence carries an adjective that the numbers do not, calls n of n certain, or prints NaN.
"""

import math
from collections.abc import Sequence

from capsule_flows.intervals import Interval
from capsule_kit.columns import DIMENSIONLESS
from capsule_kit.criteria import Criterion

_HOPELESS = "No number of cases that anyone would bring lets you say at least"


def count(n: int, noun: str) -> str:
    """Return "1 case", "2 cases"."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def number(value: float, unit: str = DIMENSIONLESS) -> str:
    """Return a number with three significant digits and its unit; "unknown" if it is none."""
    if not math.isfinite(value):
        return "unknown"
    text = f"{value:.0f}" if 100 <= abs(value) < 1e15 else f"{value:.3g}"
    return text if unit == DIMENSIONLESS else f"{text} {unit}"


def percent(share: float) -> str:
    """Return a share as "94 %", never as 0 or 100 % unless it is exactly that."""
    if share in (0, 1):
        return f"{share:.0%}".replace("%", " %")
    if share < 0.001:
        return "under 0.1 %"
    if share > 0.999:
        return "over 99.9 %"
    digits = 1 if share < 0.01 or share > 0.99 else 0
    return f"{100 * share:.{digits}f} %"


def plausibly(k: int, n: int, interval: Interval) -> str:
    """Return "94 %, plausibly 84 to 98 %"; at 0 and at n of n only the bound is said."""
    if n == 0:
        return "unknown"
    if k == n:
        return f"plausibly {percent(interval.low)} or more"
    if k == 0:
        return f"plausibly {percent(interval.high)} or less"
    low = percent(interval.low).removesuffix(" %")
    return f"{percent(k / n)}, plausibly {low} to {percent(interval.high)}"


def agreement(cases: int, k: int, n: int, interval: Interval) -> str:
    """Say on how many cases the classes agreed, or why that cannot be said."""
    if n == 0:
        return nothing_to_judge(cases)
    return f"It agreed with you on {k} of {count(n, 'case')} ({plausibly(k, n, interval)})."


def closeness(cases: int, k: int, n: int, interval: Interval, tolerance: float, unit: str) -> str:
    """Say on how many cases the number was within the tolerance, or why that cannot be said."""
    if n == 0:
        return nothing_to_judge(cases)
    return (
        f"It was within {number(tolerance, unit)} of your answer on {k} of {count(n, 'case')}"
        f" ({plausibly(k, n, interval)})."
    )


def nothing_to_judge(cases: int) -> str:
    """Say why no case could be judged."""
    if cases == 0:
        return "There are no cases, so nothing can be said of the model."
    have = "The only case has no" if cases == 1 else f"None of the {cases} cases has an"
    return f"{have} answer, so nothing can be said of how often the model is right."


def misses(positive: str, missed: int, positives: int, alarms: int, others: int) -> str:
    """Say what was missed and what was a false alarm, in counts."""
    found = (
        f"It missed {missed} of {positives} {positive}."
        if positives
        else f"No answer is {positive}, so what it would miss cannot be said."
    )
    if not others:
        raised = f"Every answer is {positive}, so its false alarms cannot be said."
    elif alarms:
        raised = f"It raised {alarms} false alarm{'s' * (alarms != 1)} in {others} others."
    else:
        raised = f"It raised no false alarm in {others} others."
    return f"{found} {raised}"


def sensitivity(positive: str, k: int, n: int, interval: Interval) -> str:
    """Say how many of the positive cases were found."""
    if n == 0:
        return f"No answer is {positive}, so what it would find cannot be said."
    return f"It found {k} of {n} {positive} ({plausibly(k, n, interval)})."


def specificity(positive: str, k: int, n: int, interval: Interval) -> str:
    """Say how many of the other cases were not called positive."""
    if n == 0:
        return f"Every answer is {positive}, so its false alarms cannot be said."
    return f"It cleared {k} of {n} that are not {positive} ({plausibly(k, n, interval)})."


def errors(mean: float | None, mean_absolute: float | None, unit: str) -> str:
    """Say how far predicted numbers lie from the answers, and to which side."""
    if mean is None or mean_absolute is None:
        return "How far it is from your answers cannot be said."
    side = "too high" if mean > 0 else "too low"
    lean = (
        f"On average it was {number(abs(mean), unit)} {side}"
        if mean
        else "On average it was neither too high nor too low"
    )
    return f"{lean}, and {number(mean_absolute, unit)} away from your answer."


def cost(total: float, costed: int) -> str:
    """Say what the errors cost, in the declaration's unit."""
    if costed == 0:
        return "No case has a declared cost."
    return (
        f"The errors cost {number(total)} in all, {number(total / costed)} a case"
        f" over {count(costed, 'case')}."
    )


def notes(
    unanswered: int, unpredicted: int, undeclared: int = 0, unscored: int = 0, uncosted: int = 0
) -> tuple[str, ...]:
    """Say what was left out and what could not be used; a thing that did not happen is not said."""
    said: Sequence[tuple[int, str, str]] = (
        (unanswered, "case without an answer is left out", "cases without an answer are left out"),
        (
            unpredicted,
            "case has no usable prediction and counts as not right",
            "cases have no usable prediction and count as not right",
        ),
        (
            undeclared,
            "case carries a class that nobody declared",
            "cases carry a class that nobody declared",
        ),
        (
            unscored,
            "score is missing or not in 0 to 1 and is not shown",
            "scores are missing or not in 0 to 1 and are not shown",
        ),
        (
            uncosted,
            "error has no declared cost and is left out of the cost",
            "errors have no declared cost and are left out of the cost",
        ),
    )
    return tuple(f"{n} {one if n == 1 else many}." for n, one, many in said if n)


def criterion(wanted: Criterion, positive: str | None, k: int, n: int) -> str:
    """Return what was counted for a criterion: "18 of 20 malignant found where site is lung"."""
    name = positive or "positive"
    counted = {
        "right": f"{k} of {n} right",
        "sensitivity": f"{k} of {n} {name} found",
        "specificity": f"{k} of {n} that are not {name} cleared",
    }[wanted.metric]
    return f"{counted} where {wanted.where[0]} is {wanted.where[1]}" if wanted.where else counted


def met(counted: str, lower: float, wanted: Criterion) -> str:
    """Say that the floor can be claimed."""
    return (
        f"Met: {counted} lets you say at least {_down(lower)}"
        f" ({_exactly(wanted.confidence)} confidence); {_exactly(wanted.at_least)} was asked."
    )


def not_met(counted: str, upper: float, wanted: Criterion) -> str:
    """Say that the floor is out of reach of what is plausible."""
    return (
        f"Not met: with {counted} the true rate is at most {_up(upper, wanted.at_least)}"
        f" ({_exactly(wanted.confidence)} confidence); {_exactly(wanted.at_least)} was asked."
    )


def too_few(counted: str, n: int, lower: float, needed: int | None, wanted: Criterion) -> str:
    """Say that the cases allow neither, and what would settle it."""
    asked = f"{_exactly(wanted.at_least)} ({_exactly(wanted.confidence)} confidence)"
    add = "" if needed is None else count(needed, "such case") + " that it gets right"
    if n == 0:
        settle = f"Add {add} to say at least {asked}." if add else f"{_HOPELESS} {asked}."
        return f"Too few to tell: there is no such case. {settle}"
    say = f"say at least {_down(lower)}"
    settle = f"Add {add}, without another error, or {say}." if add else f"{_HOPELESS} {asked}."
    return f"Too few to tell: {counted} lets you {say}, not {asked}. {settle}"


def changes(
    fixed: int, broken: int, still_right: int, still_wrong: int, not_comparable: int
) -> str:
    """Say what differs between two versions on the same cases, breaks first."""
    compared = fixed + broken + still_right + still_wrong
    left_out = f" {count(not_comparable, 'case')} cannot be compared." if not_comparable else ""
    if compared == 0:
        return f"No case can be compared.{left_out if not_comparable else ''}"
    return (
        f"Of {count(compared, 'case')}, {broken} broken, {fixed} fixed,"
        f" {still_right} still right, {still_wrong} still wrong.{left_out}"
    )


def _exactly(share: float) -> str:
    return f"{100 * share:.10g} %"


def _down(bound: float) -> str:
    # A claimed bound is never rounded in its own favour.
    return f"{math.floor(1000 * bound) / 10:.1f} %"


def _up(bound: float, below: float) -> str:
    digits = next((d for d in range(1, 9) if _ceil(bound, d) < 100 * below), 9)
    return f"{_ceil(bound, digits):.{digits}f} %"


def _ceil(bound: float, digits: int) -> float:
    scale: float = 10.0**digits
    return math.ceil(100 * bound * scale) / scale
