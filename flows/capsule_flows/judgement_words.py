"""The sentences of a judgement: facts in, plain words out.

No sentence carries an adjective that the numbers do not, calls n of n certain, or prints NaN.
"""

from collections.abc import Sequence

from capsule_flows.estimates import Estimate
from capsule_flows.intervals import Interval
from capsule_flows.wording import count, number, percent, plausibly, tolerated
from capsule_kit.answers import NumberAnswer


def agreement(cases: int, k: int, n: int, interval: Interval) -> str:
    """Say on how many cases the classes agreed, or why that cannot be said."""
    if n == 0:
        return nothing_to_judge(cases)
    return f"It agreed with you on {k} of {count(n, 'case')} ({plausibly(k, n, interval)})."


def closeness(cases: int, k: int, n: int, interval: Interval, answer: NumberAnswer) -> str:
    """Say on how many cases the number was within the tolerance, or why that cannot be said."""
    if n == 0:
        return nothing_to_judge(cases)
    return (
        f"It was within {tolerated(answer)} your answer on {k} of {count(n, 'case')}"
        f" ({plausibly(k, n, interval)})."
    )


def accepted(cases: int, k: int, n: int, interval: Interval) -> str:
    """Say how many outputs the expert called right or acceptable, or that she has not said yet."""
    if cases == 0:
        return nothing_to_judge(cases)
    if n == 0:
        return (
            f"Nobody has said yet whether the {count(cases, 'output')} are right:"
            " your word on each is the evidence."
        )
    return (
        f"You called {k} of {count(n, 'output')} right or acceptable ({plausibly(k, n, interval)})."
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


def ppv(positive: str, k: int, n: int, interval: Interval) -> str:
    """Say how many of those called positive are."""
    if n == 0:
        return f"It called nothing {positive}, so what such a call is worth cannot be said."
    return f"Of {n} that it called {positive}, {k} were ({plausibly(k, n, interval)})."


def npv(positive: str, k: int, n: int, interval: Interval) -> str:
    """Say how many of those called otherwise are."""
    if n == 0:
        return f"It called nothing but {positive}, so what another call is worth cannot be said."
    return (
        f"Of {n} that it called otherwise, {k} were not {positive} ({plausibly(k, n, interval)})."
    )


def auroc(found: Estimate, positive: str) -> str:
    """Say how well the score tells the positive class apart."""
    return (
        f"Of two cases, one {positive} and one not, its score is higher for the {positive} one in"
        f" {share_of(found)}."
    )


def concordance(found: Estimate) -> str:
    """Say how well cases were put in an order."""
    return f"Of two cases it put the one that came first first in {share_of(found)}."


def share_of(found: Estimate) -> str:
    """Return a share as "94 % (plausibly 84 to 98 %)", never as certain."""
    if found.low is None or found.high is None:
        said = percent(found.value)
        if found.value in (0, 1):
            said = f"{'all' if found.value else 'none'} of the pairs seen"
        return f"{said} ({found.method})"
    if found.value in (0, 1):
        bound = f"{percent(found.low)} or more" if found.value else f"{percent(found.high)} or less"
        return f"{'all' if found.value else 'none'} of the pairs seen (plausibly {bound})"
    if found.high == 1:
        return f"{percent(found.value)} (plausibly {percent(found.low)} or more)"
    low = percent(found.low).removesuffix(" %")
    return f"{percent(found.value)} (plausibly {low} to {percent(found.high)})"


def announced(positive: str, expected: float, events: int, n: int) -> str:
    """Say how many positives the scores announce, and how many there are."""
    return f"Its scores announce {number(expected)} {positive} in {count(n, 'case')}; there are {events}."


def measured(name: str, found: Estimate) -> str:
    """Return a number with its interval, or with why there is none."""
    called = {"brier": "Brier score (0 is perfect)", "slope": "Slope (1 is right)"}
    said = f"{called.get(name, 'Intercept (0 is right)')} {number(found.value)}"
    if found.low is None or found.high is None:
        return f"{said}; {found.method}."
    return f"{said}, plausibly {number(found.low)} to {number(found.high)}."


def assessed(right: int, acceptable: int, wrong: int, cannot_judge: int, unread: int) -> str:
    """Say what the expert said of the outputs."""
    words = ((right, "right"), (acceptable, "acceptable"), (wrong, "wrong"))
    said = [f"{n} {word}" for n, word in words if n]
    said += [f"{cannot_judge} that you cannot judge"] if cannot_judge else []
    if not said:
        return "You have not said a word on any output yet."
    left = f" {count(unread, 'output')} left." if unread else ""
    return f"You called {', '.join(said)}.{left}"


def searched(slices: int, found: int) -> str:
    """Say what a search for weak groups came to."""
    if not slices:
        return "No group is large enough to be searched for weak spots (ten cases in it and beside it)."
    looked = f"{count(slices, 'group')} searched"
    if not found:
        return f"{looked}, corrected for that: none is wrong more often than chance allows."
    are = "is" if found == 1 else "are"
    return (
        f"{looked}, corrected for that: {found} {are} wrong more often than the rest."
        " Found by looking, so look again on other cases."
    )


def group(
    column: str, value: str, k: int, n: int, interval: Interval | None, p: float | None
) -> str:
    """Say how many of a group are right; without an interval in counts alone."""
    said = f"Where {column} is {value}: {k} of {n} right"
    if interval is not None:
        said = f"{said} ({plausibly(k, n, interval)})"
    if p is None:
        return f"{said}."
    return (
        f"{said}. By chance a search like this meets a group as weak in {percent(p)} of searches."
    )


def set_apart(why: str, cases: int, otherwise: tuple[int, int] | None, *, counted: bool) -> str:
    """Say how many cases are counted by themselves, and how many of how many were right otherwise."""
    one = {
        "no answer": ("case has no answer", "cases have no answer"),
        "left out": ("case was left out knowingly", "cases were left out knowingly"),
        "cannot judge": ("case you cannot judge", "cases you cannot judge"),
        "crash": ("case made the model crash", "cases made the model crash"),
        "timeout": ("case took the model too long", "cases took the model too long"),
        "unreadable input": ("case could not be read", "cases could not be read"),
        "refused": ("case was refused by the model", "cases were refused by the model"),
        "no prediction": (
            "case has no usable prediction",
            "cases have no usable prediction",
        ),
    }[why]
    said = f"{cases} {one[cases != 1]}"
    if why == "no answer" or otherwise is None:
        return f"{said}{', counted as not right' if counted else ', left out'}."
    rate = f"{otherwise[0]} of {otherwise[1]} right"
    if counted:
        return f"{said}, counted as not right; without: {rate}."
    return f"{said}, left out; counted in: {rate}."


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


def notes(
    said_already: Sequence[str], undeclared: int = 0, unscored: int = 0, uncosted: int = 0
) -> tuple[str, ...]:
    """Say what was left out and what could not be used; a thing that did not happen is not said."""
    said: Sequence[tuple[int, str, str]] = (
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
    return (*said_already, *(f"{n} {one if n == 1 else many}." for n, one, many in said if n))


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
