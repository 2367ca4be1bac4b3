"""Numbers and counts in plain words, as every sentence has them.

Nothing is printed as NaN, and n of n is never called certain.
"""

import math
import re

from capsule_flows.intervals import Interval
from capsule_kit.answers import NumberAnswer
from capsule_kit.columns import DIMENSIONLESS

_LOOSE = re.compile(r"(?<=\d) (?=%(?!>)|\S*[µ°²³/])")


def unbroken(said: str) -> str:
    """Return words in which no number is parted from its % or unit at the end of a line."""
    return _LOOSE.sub("\N{NO-BREAK SPACE}", said)


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


def tolerated(answer: NumberAnswer) -> str:
    """Return a tolerance with the word that leads to what it is of: "0.5 mg/L of", "10 % of"."""
    match answer.tolerance_kind:
        case "absolute":
            return f"{number(answer.tolerance, answer.unit)} of"
        case "relative":
            return f"{100 * answer.tolerance:.3g} % of"
        case "fold":
            return f"{number(answer.tolerance)}-fold of"


def within(reason: str) -> str:
    """Return a whole sentence as it stands inside another, its stop kept."""
    return reason[:1].lower() + reason[1:]
