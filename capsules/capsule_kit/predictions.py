"""Predictions that can be judged: one for each case, of the declared type, or a sentence that says why not."""

from pathlib import Path

import pandas as pd

from capsule_kit.answers import Answer, ClassAnswer
from capsule_kit.errors import ModelFailed
from capsule_kit.receipt import CASE_ID

PREDICTIONS_FILE = "predictions.parquet"
PREDICTION = "prediction"
SCORE = "score"


def read_predictions(path: Path, case_ids: pd.Series, answer: Answer) -> pd.DataFrame:
    """Return the model's predictions in the order of the cases.

    Args:
        path: What the model's process wrote, as Parquet.
        case_ids: The cases that were asked, shape (n_cases,).
        answer: The declared answer, which gives the predictions their type.

    Raises:
        ModelFailed: a case has no prediction or two, or one is not of the declared type.
    """
    try:
        given = pd.read_parquet(path)
    except (OSError, ValueError) as cause:
        raise ModelFailed("its predictions cannot be read") from cause
    for needed in (CASE_ID, PREDICTION):
        if needed not in given:
            raise ModelFailed(f"its predictions have no column {needed!r}")
    given = _in_the_order_of_the_cases(given, case_ids)
    if isinstance(answer, ClassAnswer):
        return _insist_on_classes(given, answer)
    return _insist_on_numbers(given)


def _in_the_order_of_the_cases(given: pd.DataFrame, case_ids: pd.Series) -> pd.DataFrame:
    """Return the predictions as the cases were asked, one for each."""
    # The usual order is that of the cases: nothing needs to be looked up.
    if given[CASE_ID].equals(case_ids.reset_index(drop=True)):
        return given
    answered = pd.Index(given[CASE_ID])
    if not answered.is_unique:
        raise ModelFailed("it gave two predictions for one case")
    places = answered.get_indexer(pd.Index(case_ids))
    missing = int((places < 0).sum())
    if missing:
        raise ModelFailed(f"it gave no prediction for {missing} of {len(case_ids)} cases")
    if extra := len(given) - len(case_ids):
        raise ModelFailed(f"it gave predictions for {extra} cases that nobody asked about")
    ordered: pd.DataFrame = given.iloc[places]
    return ordered.reset_index(drop=True)


def _insist_on_classes(given: pd.DataFrame, answer: ClassAnswer) -> pd.DataFrame:
    unknown = given.loc[~given[PREDICTION].isin(answer.classes), PREDICTION]
    if not unknown.empty:
        raise ModelFailed(
            f"it predicted {unknown.iloc[0]!r}, which is none of {', '.join(answer.classes)}"
        )
    given[PREDICTION] = given[PREDICTION].astype(str)
    if answer.positive is None:
        return given
    if SCORE not in given:
        raise ModelFailed(
            f"its predictions have no column {SCORE!r}, the probability of {answer.positive}"
        )
    scores = pd.to_numeric(given[SCORE], errors="coerce")
    if not scores.between(0, 1).all():
        raise ModelFailed("it gave a score outside 0 to 1")
    given[SCORE] = scores.astype(float)
    return given


def _insist_on_numbers(given: pd.DataFrame) -> pd.DataFrame:
    numbers = pd.to_numeric(given[PREDICTION], errors="coerce").astype(float)
    unusable = int((numbers.isna() | numbers.abs().eq(float("inf"))).sum())
    if unusable:
        raise ModelFailed(f"{unusable} of its {len(numbers)} predictions are not numbers")
    given[PREDICTION] = numbers
    return given
