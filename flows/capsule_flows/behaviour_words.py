"""The sentences of a behaviour check: what is changed, what is expected, what came of it. Pure."""

from collections.abc import Mapping

from capsule_flows.behaviour_checks import (
    Again,
    BehaviourCheck,
    Change,
    Expected,
    OtherSmiles,
    OtherUnit,
    Reordered,
    Rewritten,
    SetTo,
    Shifted,
    Swapped,
    measured_in,
    moves,
)
from capsule_flows.intervals import Interval
from capsule_flows.judgement import Rate
from capsule_flows.wording import count, number, plausibly, tolerated
from capsule_kit.answers import Answer, NumberAnswer
from capsule_kit.columns import DIMENSIONLESS
from capsule_kit.contract import Contract


def asked(check: BehaviourCheck, contract: Contract) -> str:
    """Return "Raising mean texture by 10 %: the score of malignant does not fall"."""
    return f"{changing(check, contract)}: {expecting(check.expected, contract.answer)}"


def changing(check: BehaviourCheck, contract: Contract) -> str:
    """Return what is done to the cases: "Raising mean texture by 10 % and setting sex to female"."""
    said = " and ".join(change_in_words(one, contract) for one in check.changes)
    return said[:1].upper() + said[1:]


def change_in_words(change: Change, contract: Contract) -> str:
    """Return one change: "raising mean texture by 10 %"."""
    match change:
        case Shifted():
            verb = "raising" if change.by > 0 else "lowering"
            column = next((one for one in contract.columns if one.name == change.column), None)
            unit = "%" if change.percent else (column and column.unit) or DIMENSIONLESS
            return f"{verb} {_plain(change.column)} by {_exact(abs(change.by), unit)}"
        case SetTo():
            return f"setting {_plain(change.column)} to {change.value}"
        case Swapped():
            return f"swapping {_plain(change.column)} for the other choice"
        case OtherUnit():
            digits = count(change.digits, "digit")
            return f"writing {_plain(change.column)} in {change.unit} with {digits}"
        case Rewritten():
            spaced = change.writing == "wider gaps"
            how = f"{'with' if spaced else 'in'} {change.writing}"
            return f"writing {_plain(change.column)} {how}"
        case OtherSmiles():
            return f"writing the same {_plain(change.column)} as another SMILES"
        case Reordered():
            return "putting the cases in another order"
        case Again():
            return "running these cases once more by themselves"


def expecting(expected: Expected, answer: Answer) -> str:
    """Return what the prediction is to do: "the score of malignant does not fall by more than 0.05"."""
    what, free = moves(answer), expected.within
    told = number(free or 0, measured_in(answer))
    if expected.way != "stays":
        return f"{what} {expected.way}{f' by more than {told}' if free else ''}"
    if what is None or (answer.kind == "class" and free is None):
        return "the answer stays the same"
    if answer.kind == "class":
        return f"the class stays, and {what} within {told}"
    return f"{what} stays{_near(expected, answer)}"


def found(
    check: BehaviourCheck, contract: Contract, rate: Rate | None, largest: float | None
) -> str:
    """Say in how many cases the expectation was broken, and how far the worst of them moved."""
    doing, answer = changing(check, contract), contract.answer
    if rate is None:
        return f"{doing}: no case can be compared, so nothing can be said."
    k, interval = rate.k, Interval(rate.low, rate.high)
    must_move = check.expected.way in ("falls", "rises")
    if must_move:
        # What must move is told by how often it did: "did not lower in none" is no plain word.
        k, interval = rate.n - k, Interval(1 - interval.high, 1 - interval.low)
    told = f"in {k or 'none'} of {count(rate.n, 'case')} ({plausibly(k, rate.n, interval)})"
    worst = ""
    if rate.k and largest is not None and not must_move:
        noun = {"does not fall": "fall", "does not rise": "rise"}.get(check.expected.way, "change")
        of_score = " of the score" if answer.kind == "class" and noun == "change" else ""
        worst = f"; the largest {noun}{of_score} was {number(largest, measured_in(answer))}"
    return f"{doing} {_did(check.expected, answer)} {told}{worst}."


def notes(
    check: BehaviourCheck,
    missing: int,
    left_out: Mapping[str, int],
    control: Rate | None,
    *,
    trial_known: bool,
) -> tuple[str, ...]:
    """Say what limits the result: cases that were not compared, cases left out, a model that wavers."""
    if check.of_the_table and not trial_known:
        none = (
            "There is no trial on these cases of the same release and settings to compare it with."
        )
        return (none,)
    said = []
    if missing:
        said.append(
            f"{count(missing, 'case')} cannot be compared: a prediction is missing. That is no pass."
        )
    said += [f"{count(n, 'case')} left out: {why}." for why, n in left_out.items()]
    if control is not None and control.k:
        said.append(
            f"Unchanged, {control.k} of {count(control.n, 'case')} came out otherwise than in the trial"
            " before: the model does not answer the same twice, or looks at the other cases. What is"
            " said here may partly be that."
        )
    if not trial_known:
        said.append(
            "No trial on these cases had the same release and settings, so whether the model answers"
            " the same twice was not seen."
        )
    return tuple(said)


def _did(expected: Expected, answer: Answer) -> str:
    """Return what happened to the prediction in the cases that are counted: "lowered the score of malignant"."""
    what, unit = moves(answer), measured_in(answer)
    by = f" by more than {number(expected.within, unit)}" if expected.within else ""
    match expected.way:
        case "stays" if what is None or (answer.kind == "class" and expected.within is None):
            return "changed the answer"
        case "stays":
            changed = "changed the class or " if answer.kind == "class" else ""
            return f"{changed}moved {what}{by or _beyond(expected, answer)}"
        case "does not fall" | "falls":
            return f"lowered {what}{by}"
        case "does not rise" | "rises":
            return f"raised {what}{by}"


def _near(expected: Expected, answer: Answer) -> str:
    if expected.within:
        return f" within {number(expected.within, measured_in(answer))}"
    if expected.within is None and isinstance(answer, NumberAnswer):
        return f" within {tolerated(answer).removesuffix(' of')}"
    return " the same"


def _beyond(expected: Expected, answer: Answer) -> str:
    if expected.within is None and isinstance(answer, NumberAnswer):
        return f" by more than {tolerated(answer).removesuffix(' of')}"
    return ""


def _exact(value: float, unit: str) -> str:
    text = f"{value:.10g}"
    return text if unit == DIMENSIONLESS else f"{text} {unit}"


def _plain(name: str) -> str:
    return name.replace("_", " ")
