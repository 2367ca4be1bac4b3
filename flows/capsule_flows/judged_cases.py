"""The cases one by one: each with its answer, its prediction, whether they agree and what it costs.

Pure, as the judgement is. Blank means: no answer, or nothing that can be used.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from capsule_kit.answers import Answer, ClassAnswer, NumberAnswer
from capsule_kit.contract import Contract
from capsule_kit.manifest import Manifest

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Codes = np.ndarray[tuple[int], np.dtype[np.int64]]


def joined(
    inputs: pd.DataFrame, answers: pd.DataFrame, predictions: pd.DataFrame, contract: Contract
) -> pd.DataFrame:
    """Return a row for each case: case_id, row, case, answer, prediction, score."""
    ids = inputs["case_id"]
    answered, predicted = _of_each(inputs, answers), _of_each(inputs, predictions)
    label = "row " + inputs["row"].astype("string")
    if contract.identifier in inputs:
        label = _text(inputs[contract.identifier]).fillna(label)
    usable = _numbers if isinstance(contract.answer, NumberAnswer) else _text
    score = _numbers(predicted["score"]) if "score" in predicted else _nothing(len(ids))
    return pd.DataFrame(
        {
            "case_id": ids.array,
            "row": inputs["row"].to_numpy(),
            "case": label.array,
            "answer": usable(answered["answer"]).array,
            "prediction": usable(predicted["prediction"]).array,
            "score": score.where(score.between(0, 1).fillna(value=False)).array,
        }
    )


def _of_each(inputs: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    """Return what is given for each case, in the order of the cases."""
    # The usual order is that of the cases: nothing needs to be looked up.
    if given["case_id"].reset_index(drop=True).equals(inputs["case_id"]):
        return given.drop(columns="case_id")
    return given.drop_duplicates("case_id").set_index("case_id").reindex(inputs["case_id"])


def agrees(table: pd.DataFrame, answer: Answer) -> pd.Series:
    """Return for each case whether the prediction agrees; blank without an answer."""
    if isinstance(answer, NumberAnswer):
        away = _distance(table)
        # 1.1 - 1.0 is within 0.1, whatever binary fractions make of it.
        within = (away <= answer.tolerance) | np.isclose(away, answer.tolerance, rtol=1e-9, atol=0)
        right = pd.Series(pd.array(within, dtype="boolean"), table.index)
    else:
        right = (table["answer"] == table["prediction"]).fillna(value=False).astype("boolean")
    return right.mask(table["answer"].isna())


def costs(table: pd.DataFrame, manifest: Manifest) -> pd.Series:
    """Return what each case costs: right ones nothing, an error its declared cost or blank."""
    answer = manifest.contract.answer
    if not manifest.costs or not isinstance(answer, ClassAnswer):
        return _nothing(len(table))
    size = len(answer.classes) + 2
    prices = np.full((size, size), np.nan)
    for error in manifest.costs:
        if error.answer in answer.classes and error.prediction in answer.classes:
            true = answer.classes.index(error.answer)
            prices[true, answer.classes.index(error.prediction)] = error.cost
    paid = prices[
        codes(table["answer"], answer.classes), codes(table["prediction"], answer.classes)
    ]
    right = table["right"].fillna(value=False).to_numpy(bool)
    return pd.Series(pd.array(np.where(right, 0.0, paid), dtype="Float64"))


def disagreements_first(table: pd.DataFrame, answer: Answer) -> pd.DataFrame:
    """Return the costliest, then the boldest disagreements first, and the unanswered last.

    Those that agree, and the unanswered, keep the order in which they came.
    """
    right = table["right"].to_numpy(float, na_value=2.0)
    # Disagreements are few: a million cases that agree need no sorting.
    wrong = np.flatnonzero(right == 0)
    few = table.iloc[wrong]
    worst = np.lexsort(
        (
            few["row"].to_numpy(),
            -_confidence(few, answer),
            -few["cost"].to_numpy(float, na_value=-1.0),
        )
    )
    order = np.concatenate([wrong[worst], np.flatnonzero(right == 1), np.flatnonzero(right == 2)])
    return table.iloc[order].reset_index(drop=True)


def _confidence(table: pd.DataFrame, answer: Answer) -> Floats:
    """Return how boldly each prediction was made: its distance for numbers, else its score."""
    if isinstance(answer, NumberAnswer):
        return _distance(table)
    score = table["score"].to_numpy(float, na_value=np.nan)
    named = (table["prediction"] == answer.positive).fillna(value=False).to_numpy(bool)
    return np.nan_to_num(np.where(named, score, 1 - score), nan=-1.0)


def codes(values: pd.Series, classes: tuple[str, ...]) -> Codes:
    """Return the place of each value in `classes`; after them undeclared, then blank."""
    texts = pa.array(values, type=pa.large_string(), from_pandas=True)
    known = pc.index_in(texts, value_set=pa.array(classes, pa.large_string()))
    places = known.fill_null(len(classes)).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.where(values.isna().to_numpy(bool), len(classes) + 1, places)


def _distance(table: pd.DataFrame) -> Floats:
    """Return |prediction - answer|, infinite where either is blank."""
    with np.errstate(over="ignore"):
        away = np.abs(floats(table["prediction"]) - floats(table["answer"]))
    return np.where(np.isnan(away), np.inf, away)


def floats(values: pd.Series) -> Floats:
    """Return numbers with NaN for blank."""
    return values.to_numpy(float, na_value=np.nan)


def _text(values: pd.Series) -> pd.Series:
    text = values.astype("string")
    return text.mask((text.str.strip() == "").fillna(value=False))


def _numbers(values: pd.Series) -> pd.Series:
    found = pd.to_numeric(values, errors="coerce").to_numpy(float, na_value=np.nan)
    return pd.Series(pd.array(np.where(np.isfinite(found), found, np.nan), dtype="Float64"))


def _nothing(n: int) -> pd.Series:
    return pd.Series(pd.array(np.full(n, np.nan), dtype="Float64"))
