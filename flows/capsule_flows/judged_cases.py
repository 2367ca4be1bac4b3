"""The cases one by one: each with its answer, its prediction, whether they agree and what it costs.

Pure, as the judgement is. Blank means: no answer, or nothing that can be used.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from capsule_flows.estimates import Bools, Floats
from capsule_flows.said import GOOD, Said
from capsule_kit.answers import Answer, ClassAnswer, NoAnswer, NumberAnswer, RankAnswer, TimeAnswer
from capsule_kit.contract import Contract
from capsule_kit.criteria import ErrorCost
from capsule_kit.predictions import NO_PREDICTION, SCORE

Codes = np.ndarray[tuple[int], np.dtype[np.int64]]
Ordered = TimeAnswer | RankAnswer


class Known(NamedTuple):
    """Cases that count, as arrays of one length."""

    place: Codes
    """Where each stands among all cases."""
    right: Bools
    there: Bools
    """Whether it has a usable prediction."""
    true: Floats
    """The answer: the place of its class, or a number; NaN where there is none."""
    said: Floats
    """The prediction, likewise; a class after the declared ones is undeclared, then blank."""
    event: Bools
    """Of times: whether it happened; else True."""
    score: Floats
    """NaN where there is none in [0, 1]."""
    cost: Floats
    """NaN where no cost is declared or said."""

    def of(self, which: Bools) -> "Known":
        """Return those of the cases."""
        return self if which.all() else self.at(np.flatnonzero(which))

    def at(self, places: Codes) -> "Known":
        """Return the cases at these places, in their order."""
        return Known._make(values[places] for values in self)


def joined(
    inputs: pd.DataFrame, answers: pd.DataFrame, predictions: pd.DataFrame, contract: Contract
) -> pd.DataFrame:
    """Return a row for each case: case_id, row, case, answer, prediction, score.

    Of times also `event`; `why` there is no prediction, where the predictions say it.
    """
    ids = inputs["case_id"]
    answered, predicted = _of_each(inputs, answers), _of_each(inputs, predictions)
    usable = _text if _is_text(contract.answer) else _numbers
    score = _numbers(predicted[SCORE]) if SCORE in predicted else _nothing(len(ids))
    known = _nothing(len(ids)) if isinstance(contract.answer, NoAnswer) else answered["answer"]
    columns = {
        "case_id": ids.array,
        "row": inputs["row"].to_numpy(),
        "case": labels(inputs, contract.identifier).array,
        "answer": usable(known).array,
        "prediction": usable(predicted["prediction"]).array,
        "score": score.where(score.between(0, 1).fillna(value=False)).array,
    }
    if isinstance(contract.answer, TimeAnswer):
        event = answered["event"].astype("boolean")
        columns["event"] = event.array
        columns["answer"] = usable(known).mask(event.isna().to_numpy()).array
    if NO_PREDICTION in predicted:
        columns["why"] = _text(predicted[NO_PREDICTION]).array
    return pd.DataFrame(columns)


def known_cases(
    table: pd.DataFrame, answer: Answer, prices: Sequence[ErrorCost], said: Said
) -> Known:
    """Return every case as arrays, in the order of the table."""
    if isinstance(answer, ClassAnswer):
        true = codes(table["answer"], answer.classes).astype(float)
        predicted = codes(table["prediction"], answer.classes).astype(float)
        right = (true == predicted) & (true < len(answer.classes))
        true = np.where(table["answer"].isna().to_numpy(bool), np.nan, true)
    elif isinstance(answer, NoAnswer):
        true = np.full(len(table), np.nan)
        predicted = true
        word = table["case_id"].map(said.words) if said.words else None
        there = table["prediction"].notna().to_numpy(bool)
        right = (
            np.zeros(len(table), bool) if word is None else there & word.isin(GOOD).to_numpy(bool)
        )
    else:
        true, predicted = floats(table["answer"]), floats(table["prediction"])
        right = np.zeros(len(table), bool)
        if isinstance(answer, NumberAnswer):
            right = within(predicted, true, answer)
    known = Known(
        place=np.arange(len(table)),
        right=right,
        there=table["prediction"].notna().to_numpy(bool),
        true=true,
        said=predicted,
        event=table["event"].fillna(value=False).to_numpy(bool)
        if "event" in table
        else np.ones(len(table), bool),
        score=floats(table["score"]),
        cost=true,
    )
    return known._replace(cost=_costs(table, known, answer, prices, said.case_prices))


def counting(table: pd.DataFrame, answer: Answer, said: Said) -> Bools:
    """Return which cases count: those with an answer, or a word, not left out, that the expert can judge."""
    words = said.words
    if isinstance(answer, NoAnswer):
        judged = [one for one, word in words.items() if word != "cannot judge"]
        # An output that is not there needs nobody to say that it is not right.
        counts = (table["case_id"].isin(judged) | table["prediction"].isna()).to_numpy(bool)
    else:
        counts = table["answer"].notna().to_numpy(bool)
    return counts & ~unjudgeable(table, said) & ~left_out(table, said)


def left_out(table: pd.DataFrame, said: Said) -> Bools:
    """Return which cases were left out knowingly."""
    return _among(table, said.preferences.left_out)


def unjudgeable(table: pd.DataFrame, said: Said) -> Bools:
    """Return which cases the expert says that she cannot judge."""
    return _among(table, [one for one, word in said.words.items() if word == "cannot judge"])


def within(said: Floats, true: Floats, answer: NumberAnswer) -> Bools:
    """Return which numbers are within the tolerance; a blank is not."""
    away = distance(said, true, answer)
    limit = np.log(answer.tolerance) if answer.tolerance_kind == "fold" else answer.tolerance
    # 1.1 - 1.0 is within 0.1, whatever binary fractions make of it.
    return (away <= limit) | np.isclose(away, limit, rtol=1e-9, atol=0)


def distance(said: Floats, true: Floats, answer: NumberAnswer) -> Floats:
    """Return how far each number is from its answer, in what the tolerance is counted in.

    Absolute in the unit; relative to the answer; of a fold the logarithm. Infinite where either is
    blank, and relative to an answer of 0 where the two differ.
    """
    with np.errstate(all="ignore"):
        if answer.tolerance_kind == "fold":
            alike = said * np.sign(true) > 0
            away = np.abs(np.log(np.abs(said)) - np.log(np.abs(true)))
            away = np.where(said == true, 0.0, np.where(alike, away, np.inf))
        else:
            away = np.abs(said - true)
            if answer.tolerance_kind == "relative":
                away = np.where(away == 0, 0.0, away / np.abs(true))
    return np.where(np.isnan(away), np.inf, away)


def disagreements_first(table: pd.DataFrame, known: Known, answer: Answer) -> pd.DataFrame:
    """Return the costliest, then the boldest disagreements first, and the unanswered last.

    Those that agree, and the unanswered, keep the order in which they came. Where only pairs of
    cases can be right, the worst placed come first.
    """
    if "placed" in table:
        order = np.argsort(floats(table["placed"]), kind="stable")
        return table.iloc[order].reset_index(drop=True)
    right = table["right"].to_numpy(float, na_value=2.0)
    # Disagreements are few: a million cases that agree need no sorting.
    wrong = np.flatnonzero(right == 0)
    few = known.at(wrong)
    worst = np.lexsort((wrong, -_confidence(few, answer), -np.nan_to_num(few.cost, nan=-1.0)))
    order = np.concatenate([wrong[worst], np.flatnonzero(right == 1), np.flatnonzero(right == 2)])
    return table.iloc[order].reset_index(drop=True)


def codes(values: pd.Series, classes: tuple[str, ...]) -> Codes:
    """Return the place of each value in `classes`; after them undeclared, then blank."""
    texts = pa.array(values, type=pa.large_string(), from_pandas=True)
    known = pc.index_in(texts, value_set=pa.array(classes, pa.large_string()))
    places = known.fill_null(len(classes)).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.where(values.isna().to_numpy(bool), len(classes) + 1, places)


def floats(values: pd.Series) -> Floats:
    """Return numbers with NaN for blank."""
    return values.to_numpy(float, na_value=np.nan)


def _costs(
    table: pd.DataFrame,
    known: Known,
    answer: Answer,
    prices: Sequence[ErrorCost],
    cases: Mapping[str, float],
) -> Floats:
    """Return what each case costs: right ones nothing, an error its own or its kind's cost, or NaN."""
    if not prices and not cases:
        return np.full(len(table), np.nan)
    paid = np.full(len(table), np.nan)
    if isinstance(answer, ClassAnswer) and prices:
        size = len(answer.classes) + 2
        each = np.full((size, size), np.nan)
        for error in prices:
            if error.answer in answer.classes and error.prediction in answer.classes:
                true = answer.classes.index(error.answer)
                each[true, answer.classes.index(error.prediction)] = error.cost
        true_codes = np.nan_to_num(known.true, nan=size - 1).astype(np.int64)
        paid = each[true_codes, known.said.astype(np.int64)]
    if cases:
        own = table["case_id"].map(cases).to_numpy(float)
        paid = np.where(np.isnan(own), paid, own)
    return np.where(known.right, 0.0, paid)


def _confidence(wrong: Known, answer: Answer) -> Floats:
    """Return how boldly each prediction was made: its distance for numbers, else its score."""
    if isinstance(answer, NumberAnswer):
        return distance(wrong.said, wrong.true, answer)
    positive = answer.positive if isinstance(answer, ClassAnswer) else None
    if not isinstance(answer, ClassAnswer) or positive is None:
        return np.zeros(len(wrong.said))
    named = wrong.said == answer.classes.index(positive)
    return np.nan_to_num(np.where(named, wrong.score, 1 - wrong.score), nan=-1.0)


def _of_each(inputs: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    """Return what is given for each case, in the order of the cases."""
    # The usual order is that of the cases: nothing needs to be looked up.
    if given["case_id"].reset_index(drop=True).equals(inputs["case_id"]):
        return given.drop(columns="case_id")
    return given.drop_duplicates("case_id").set_index("case_id").reindex(inputs["case_id"])


def _among(table: pd.DataFrame, ids: Sequence[str]) -> Bools:
    if not ids:
        return np.zeros(len(table), bool)
    return table["case_id"].isin(list(ids)).to_numpy(bool)


def _is_text(answer: Answer) -> bool:
    return isinstance(answer, ClassAnswer) or (
        isinstance(answer, NoAnswer) and answer.output == "text"
    )


def labels(inputs: pd.DataFrame, identifier: str | None) -> pd.Series:
    """Return what each case is called: its identifier's value, or its row where that is blank."""
    if identifier not in inputs:
        return "row " + inputs["row"].astype("string")
    named = _text(inputs[identifier])
    blank = named.isna()
    return named.mask(blank, "row " + inputs["row"].astype("string")) if blank.any() else named


def _text(values: pd.Series) -> pd.Series:
    text = values.astype("string")
    held = pa.array(text, pa.large_string(), from_pandas=True)
    blank = pc.or_kleene(pc.equal(pc.binary_length(held), 0), pc.utf8_is_space(held))
    return text.mask(blank.fill_null(fill_value=False).to_numpy(zero_copy_only=False))


def _numbers(values: pd.Series) -> pd.Series:
    found = pd.to_numeric(values, errors="coerce").to_numpy(float, na_value=np.nan)
    return pd.Series(pd.array(np.where(np.isfinite(found), found, np.nan), dtype="Float64"))


def _nothing(n: int) -> pd.Series:
    return pd.Series(pd.array(np.full(n, np.nan), dtype="Float64"))
