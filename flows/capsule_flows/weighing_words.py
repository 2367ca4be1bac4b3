"""The sentences of two trials beside each other: facts in, plain words out."""

from collections.abc import Sequence

from capsule_flows.estimates import Estimate
from capsule_flows.wording import count, number, percent

NOTHING_TO_WEIGH = "No case is right or wrong on both sides, so nothing can be said of the change."
_NAMED = 10


def critical(broken: Sequence[str], of: int) -> tuple[str, ...]:
    """Name the critical cases that broke; nothing where none is critical."""
    if not of:
        return ()
    if not broken:
        none = (
            "The critical case did not break" if of == 1 else f"None of {of} critical cases broke"
        )
        return (f"{none}.",)
    more = f" and {len(broken) - _NAMED} more" if len(broken) > _NAMED else ""
    return (
        f"{len(broken)} of {count(of, 'critical case')} broke: {', '.join(broken[:_NAMED])}{more}.",
    )


def other_cases(less: int, more: int) -> str:
    """Say that the two trials cover other cases, so neither is called better."""
    parts = [f"{count(less, 'case')} only in the first"] if less else []
    parts += [f"{count(more, 'case')} only in the second"] if more else []
    return (
        f"The two trials do not cover the same cases ({', '.join(parts)}), so neither is called better:"
        " run both on one case set."
    )


def other_answers(changed: int) -> str:
    """Say that the answers differ, so neither trial is called better."""
    return (
        f"The answers to {count(changed, 'case')} differ between the two trials, so neither is called"
        " better: run the first again on the answers as they stand now."
    )


def judged_once(apart: int) -> str:
    """Say that some cases were judged on one side alone."""
    return (
        f"{count(apart, 'case')} could be judged in one trial alone, so neither is called better."
    )


def chance(broken: int, fixed: int, p: float) -> str:
    """Say how often chance alone makes as lopsided a change."""
    if not broken + fixed:
        return "No case changed."
    return (
        f"{broken} against {fixed}: chance alone makes a change as lopsided in {_of_hundred(p)} such"
        " comparisons (exact McNemar test)."
    )


def share(before: int, n: int, change: Estimate) -> str:
    """Say by how much the share right changed, with what else is plausible."""
    after = before / n + change.value
    low, high = (_points(end or 0.0) for end in (change.low, change.high))
    return (
        f"Right were {percent(before / n)} before and {percent(round(after, 12))} after:"
        f" {_points(change.value)} percentage points, plausibly {low} to {high}."
    )


def cost(before: float, after: float, p: float) -> str:
    """Say what a case cost before and after."""
    return (
        f"A case cost {number(before)} before and {number(after)} after; chance alone makes as large a"
        f" difference in {_of_hundred(p)} such comparisons."
    )


def power(n: int, noticed: float, breaks: float, fixes: float, enough: int) -> str:
    """Say what so many cases can and cannot notice."""
    change = f"a version that breaks {100 * breaks:.0f} and fixes {100 * fixes:.0f} of 100 cases"
    said = f"{count(n, 'case')} would notice {change} with a probability of {percent(noticed)}"
    if n >= enough:
        return f"{said}."
    return f"{said}; {enough} cases would with 80 %. That no difference is seen does not say there is none."


def _of_hundred(p: float) -> str:
    if p >= 0.01:
        return f"{100 * p:.0f} of 100"
    return f"{max(1, round(1000 * p))} of 1,000" if p >= 0.001 else "fewer than 1 of 1,000"


def _points(share: float) -> str:
    value = round(100 * share, 1)
    return f"{value:+g}".replace("-", "\N{MINUS SIGN}") if value else "0"
