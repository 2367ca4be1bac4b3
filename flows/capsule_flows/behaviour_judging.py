"""What became of a behaviour check: held, broken or not comparable, case by case, worst first. Pure."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from capsule_flows import behaviour_words as words
from capsule_flows.behaviour_checks import BehaviourCheck, Expected, moves
from capsule_flows.estimates import Bools, Floats
from capsule_flows.intervals import described
from capsule_flows.judged_cases import floats, joined, within
from capsule_flows.judgement import Rate
from capsule_kit.answers import Answer, NumberAnswer
from capsule_kit.contract import Contract
from capsule_kit.predictions import NO_PREDICTION
from capsule_kit.receipt import CASE_ID, ROW

Word = Literal["held", "broken", "not all seen"]

MOST_LISTED = 100
NOISE = 1e-9
"""What two ways of summing up may make of the same number, as a share of it."""


class Moved(BaseModel):
    """One case in which the expectation was broken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    case: str
    """How the expert calls it."""
    row: int
    """Its line in her file."""
    before: str | float
    """The prediction as the case was."""
    after: str | float
    """The prediction as it was changed."""
    before_score: float | None
    after_score: float | None


class Behaved(BaseModel):
    """What one run of a check shows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    held: int
    broken: int
    not_comparable: int
    """Cases without a prediction, or without a score, on one of the sides: never a pass."""
    left_out: Mapping[str, int]
    """Why a case could not be changed → how many."""
    rate: Rate | None
    """The broken among those that could be compared; None where none could."""
    largest: float | None
    """How far the worst broken case moved; None where nothing broke or nothing can move."""
    control: Rate | None
    """Unchanged cases that came out otherwise than in the trial before; None where none is known."""
    sentence: str
    notes: tuple[str, ...]
    """What limits it, a sentence each."""
    listed: tuple[Moved, ...]
    """The broken cases, worst first; at most 100."""

    @property
    def word(self) -> Word:
        """The result in a word; a case that cannot be compared is no pass."""
        if self.broken:
            return "broken"
        return "held" if self.rate is not None and not self.not_comparable else "not all seen"


class Side(NamedTuple):
    """Cases with what the model said of them."""

    inputs: pd.DataFrame
    """case_id, row and the contract's columns."""
    predictions: pd.DataFrame
    """case_id, prediction and perhaps score."""


class _Pairs(NamedTuple):
    """Cases on two sides, shape (n_cases,) each."""

    cases: pd.DataFrame
    """case and row."""
    before: pd.DataFrame
    after: pd.DataFrame
    """prediction and score."""


def behaved(
    run: Side,
    before: Side | None,
    check: BehaviourCheck,
    contract: Contract,
    left_out: Mapping[str, int],
) -> Behaved:
    """Compare what a model said of changed cases with what it said of them unchanged.

    Args:
        run: The derived cases with their predictions.
        before: The cases that they were derived from, as a trial of the same release and settings
            had them; None where there is none.
        check: What was changed, and what is expected.
        contract: What both ran under.
        left_out: Why a case was not changed → how many.
    """
    now = _table(run, contract)
    then = None if before is None else _table(before, contract)
    changed = now if check.of_the_table else now[now[ROW].duplicated()]
    alone = now[:0] if check.of_the_table else now[~now[ROW].duplicated()]
    unchanged = alone if not check.of_the_table else now[:0] if then is None else then
    pairs = _paired(unchanged, changed)
    usable, held, away = _verdicts(pairs, check.expected, contract.answer)
    broken = np.flatnonzero(usable & ~held)
    worst = broken[np.lexsort((broken, -away[broken]))]
    control = None if then is None else _control(_paired(then, alone), contract.answer)
    largest = _furthest(away[worst])
    rate = _rate(len(broken), int(usable.sum()))
    missing = len(changed) - int(usable.sum())
    return Behaved(
        held=int((usable & held).sum()),
        broken=len(broken),
        not_comparable=missing,
        left_out=dict(left_out),
        rate=rate,
        largest=largest,
        control=control,
        sentence=words.found(check, contract, rate, largest),
        notes=words.notes(check, missing, left_out, control, trial_known=then is not None),
        listed=tuple(_moved(pairs, place) for place in worst[:MOST_LISTED]),
    )


def _table(side: Side, contract: Contract) -> pd.DataFrame:
    """Return case_id, row, case, prediction, score and why there is none, as a judgement has them."""
    nothing = pd.DataFrame({CASE_ID: pd.Series(dtype="str"), "answer": pd.Series(dtype="object")})
    told = joined(
        side.inputs, nothing.assign(event=pd.Series(dtype="boolean")), side.predictions, contract
    )
    return told.drop(columns=["answer", "event", NO_PREDICTION], errors="ignore")


def _paired(unchanged: pd.DataFrame, changed: pd.DataFrame) -> _Pairs:
    """Return those cases that stand on both sides, by their line, in the changed one's order."""
    there = unchanged.set_index(ROW)
    known = changed[changed[ROW].isin(there.index)].reset_index(drop=True)
    before = there.loc[known[ROW]].reset_index()
    said = ["prediction", "score"]
    return _Pairs(before[["case", ROW]], before[said], known[said])


def _furthest(away: Floats) -> float | None:
    """Return the first distance that is one; None where nothing moved by a number."""
    known = away[np.isfinite(away)]
    return float(known[0]) if len(known) else None


def _verdicts(pairs: _Pairs, expected: Expected, answer: Answer) -> tuple[Bools, Bools, Floats]:
    """Return which cases can be compared, which of them held, and how far the others are from it."""
    before, after = pairs.before, pairs.after
    usable = (before["prediction"].notna() & after["prediction"].notna()).to_numpy(bool)
    if moves(answer) is None:
        held = (before["prediction"] == after["prediction"]).fillna(value=False).to_numpy(bool)
        return usable, held, np.full(len(held), np.inf)
    name = "score" if answer.kind == "class" else "prediction"
    old, new = floats(before[name]), floats(after[name])
    moved = new - old
    free = (expected.within or 0.0) + NOISE * np.maximum(1, np.abs(np.nan_to_num(old)))
    match expected.way:
        case "stays":
            held = _stayed(pairs, expected, answer, moved, free)
            by_score = answer.kind == "class" and expected.within is None
            return (
                usable if by_score else usable & ~np.isnan(moved),
                held,
                _far(moved, answer),
            )
        case "does not fall":
            held, away = moved >= -free, -moved
        case "does not rise":
            held, away = moved <= free, moved
        case "falls":
            held, away = moved < -free, moved
        case "rises":
            held, away = moved > free, -moved
    return usable & ~np.isnan(moved), held, away


def _stayed(
    pairs: _Pairs, expected: Expected, answer: Answer, moved: Floats, free: Floats
) -> Bools:
    old, new = pairs.before["prediction"], pairs.after["prediction"]
    if answer.kind == "class":
        same: Bools = (old == new).fillna(value=False).to_numpy(bool)
        return same if expected.within is None else same & (np.abs(moved) <= free)
    if expected.within is None and isinstance(answer, NumberAnswer):
        return within(floats(new), floats(old), answer)
    return np.abs(moved) <= free


def _far(moved: Floats, answer: Answer) -> Floats:
    """Return how far a case moved to either side; another class without a score is furthest."""
    far = np.abs(moved)
    return np.nan_to_num(far, nan=np.inf) if answer.kind == "class" else far


def _control(pairs: _Pairs, answer: Answer) -> Rate | None:
    """Return how many unchanged cases came out otherwise than before."""
    usable, same, _ = _verdicts(pairs, Expected(), answer)
    if moves(answer) is not None:
        name = "score" if answer.kind == "class" else "prediction"
        old, new = floats(pairs.before[name]), floats(pairs.after[name])
        near = np.abs(new - old) <= NOISE * np.maximum(1, np.abs(old))
        same = same & (near | np.isnan(old) | np.isnan(new))
    return _rate(int((usable & ~same).sum()), int(usable.sum()))


def _rate(k: int, n: int) -> Rate | None:
    if not n:
        return None
    interval = described(k, n)
    return Rate(k=k, n=n, share=k / n, low=interval.low, high=interval.high)


def _moved(pairs: _Pairs, place: int) -> Moved:
    def said(side: pd.DataFrame) -> tuple[str | float, float | None]:
        one = side.iloc[place]
        value = one["prediction"]
        return (
            value if isinstance(value, str) else float(value),
            None if pd.isna(one["score"]) else float(one["score"]),
        )

    case, before, after = pairs.cases.iloc[place], said(pairs.before), said(pairs.after)
    return Moved(
        case=str(case["case"]),
        row=int(case[ROW]),
        before=before[0],
        after=after[0],
        before_score=before[1],
        after_score=after[1],
    )
