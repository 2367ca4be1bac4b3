"""The sentences about criteria: what was counted, what it lets one say, what would settle it."""

import math
from typing import NamedTuple

from capsule_flows.wording import count, number
from capsule_kit.columns import DIMENSIONLESS
from capsule_kit.criteria import SHARES, Criterion, Metric

_HOPELESS = "No number of cases that anyone would bring lets you say"
NAMES: dict[Metric, str] = {
    "right": "right",
    "sensitivity": "found",
    "specificity": "cleared",
    "ppv": "called so and so in truth",
    "npv": "called otherwise and otherwise in truth",
    "auroc": "area under the ROC curve",
    "concordance": "pairs in the right order",
    "mean error": "mean error",
    "mean absolute error": "mean distance from your answer",
    "cost per case": "cost of a case",
    "net benefit": "net benefit",
}


class Told(NamedTuple):
    """What a sentence about a criterion is made of."""

    wanted: Criterion
    positive: str | None
    unit: str
    k: int | None
    n: int
    value: float | None


def sentence(
    told: Told,
    outcome: str,
    low: float | None,
    high: float | None,
    needed: int | None,
    why_not: str,
) -> str:
    """Say what the cases allow of a criterion: met, not met, or what would settle it."""
    if outcome == "met":
        return (
            f"Met: {lets_say(told, low, high)}"
            f" ({_exactly(told.wanted.confidence)} confidence); {_asked(told)} was asked."
        )
    if outcome == "not met":
        return (
            f"Not met: with {counted(told)} the true {_what(told)} is {_against(told, low, high)}"
            f" ({_exactly(told.wanted.confidence)} confidence); {_asked(told)} was asked."
        )
    return f"Too few to tell: {_too_few(told, low, high, needed, why_not)}"


def asked(wanted: Criterion) -> str:
    """Return what a criterion asks: "found at least 90 % where site is lung"."""
    told = Told(wanted, None, "", None, 0, None)
    where = f" where {wanted.where[0]} is {wanted.where[1]}" if wanted.where else ""
    return f"{NAMES[wanted.metric]} {_side(told)} {_asked(told)}{where}"


def counted(told: Told) -> str:
    """Return what was counted for a criterion: "18 of 20 malignant found where site is lung"."""
    wanted, name = told.wanted, told.positive or "positive"
    if told.k is None:
        value = "unknown" if told.value is None else number(told.value, told.unit or DIMENSIONLESS)
        said = f"{NAMES[wanted.metric]} {value} over {count(told.n, 'case')}"
    else:
        said = {
            "right": f"{told.k} of {told.n} right",
            "sensitivity": f"{told.k} of {told.n} {name} found",
            "specificity": f"{told.k} of {told.n} that are not {name} cleared",
            "ppv": f"{told.k} of {told.n} called {name} that are",
            "npv": f"{told.k} of {told.n} not called {name} that are not",
        }[wanted.metric]
    return f"{said} where {wanted.where[0]} is {wanted.where[1]}" if wanted.where else said


def lets_say(told: Told, low: float | None, high: float | None) -> str:
    """Return what was counted and what it lets one claim: "18 of 20 right lets you say at least 71.7 %"."""
    return f"{counted(told)} lets you say {_claim(told, low, high)}"


def bound(told: Told) -> str:
    """Return what is asked for: "at least 90 %"."""
    return f"{_side(told)} {_asked(told)}"


def _too_few(
    told: Told, low: float | None, high: float | None, needed: int | None, why_not: str
) -> str:
    wanted = told.wanted
    sure = f"({_exactly(wanted.confidence)} confidence)"
    asked = f"{bound(told)} {sure}"
    good = "that it gets right" if wanted.at_least is not None else "that it gets wrong"
    add = "" if needed is None else count(needed, "such case")
    if told.k is not None and add:
        add = f"{add} {good}"
    if why_not:
        return f"{why_not} Add cases to say {asked}."
    if told.n == 0:
        settle = f"Add {add} to say {asked}." if add else f"{_HOPELESS} {asked}."
        return f"there is no such case. {settle}"
    say = _claim(told, low, high)
    if told.k is None:
        settle = f"Add about {add} that go as these do, or say {say}." if add else f"Say {say}."
    elif add:
        alone = ", without another error" if wanted.at_least is not None else ""
        settle = f"Add {add}{alone}, or say {say}."
    else:
        settle = f"{_HOPELESS} {asked}."
    return f"{counted(told)} lets you say {say}, not {_asked(told)} {sure}. {settle}"


def _asked(told: Told) -> str:
    if told.wanted.metric in SHARES:
        return _exactly(told.wanted.bound)
    return number(told.wanted.bound, told.unit or DIMENSIONLESS)


def _side(told: Told) -> str:
    return "at least" if told.wanted.at_least is not None else "at most"


def _claim(told: Told, low: float | None, high: float | None) -> str:
    """Return what can be claimed on the side that was asked about, never rounded in its own favour."""
    wanted = told.wanted
    if wanted.metric == "mean error" and low is not None and high is not None:
        high = max(abs(low), abs(high))
    bound = low if wanted.at_least is not None else high
    if bound is None:
        return "nothing"
    if wanted.metric in SHARES:
        return (
            f"at least {_down(bound)}" if wanted.at_least is not None else f"at most {_up(bound)}"
        )
    unit = told.unit or DIMENSIONLESS
    if wanted.at_least is not None:
        return f"at least {number(_rounded(bound, up=False), unit)}"
    return f"at most {number(_rounded(bound, up=True), unit)}"


def _against(told: Told, low: float | None, high: float | None) -> str:
    wanted = told.wanted
    if wanted.at_least is not None:
        assert high is not None
        if wanted.metric in SHARES:
            return f"at most {_up(high, wanted.at_least)}"
        return f"at most {number(high, told.unit or DIMENSIONLESS)}"
    assert low is not None
    assert high is not None
    if wanted.metric == "mean error":
        low = max(low, -high)
    if wanted.metric in SHARES:
        return f"at least {_down(low)}"
    return f"at least {number(low, told.unit or DIMENSIONLESS)}"


def _what(told: Told) -> str:
    return "rate" if told.k is not None else NAMES[told.wanted.metric]


def _rounded(value: float, *, up: bool) -> float:
    """Return a value rounded to three digits, up or down."""
    if value == 0 or not math.isfinite(value):
        return value
    scale = 10.0 ** (2 - math.floor(math.log10(abs(value))))
    scaled = value * scale
    # A value that has no more digits stays what it is, whatever binary fractions make of it.
    nearest = round(scaled)
    if math.isclose(scaled, nearest, rel_tol=1e-12):
        return nearest / scale
    return (math.ceil(scaled) if up else math.floor(scaled)) / scale


def _exactly(share: float) -> str:
    return f"{100 * share:.10g} %"


def _down(bound: float) -> str:
    # A claimed bound is never rounded in its own favour.
    return f"{math.floor(1000 * bound) / 10:.1f} %"


def _up(bound: float, below: float = math.inf) -> str:
    digits = next((d for d in range(1, 9) if _ceil(bound, d) < 100 * below), 9)
    return f"{_ceil(bound, digits):.{digits}f} %"


def _ceil(bound: float, digits: int) -> float:
    scale: float = 10.0**digits
    return math.ceil(100 * bound * scale) / scale
