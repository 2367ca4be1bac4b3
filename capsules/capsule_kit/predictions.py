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
    _insist_on_each_case(given, case_ids)
    given = given.set_index(CASE_ID).loc[case_ids].reset_index()
    if isinstance(answer, ClassAnswer):
        return _insist_on_classes(given, answer)
    return _insist_on_numbers(given)


def _insist_on_each_case(given: pd.DataFrame, case_ids: pd.Series) -> None:
    asked, answered = set(case_ids), set(given[CASE_ID])
    if given[CASE_ID].duplicated().any():
        raise ModelFailed("it gave two predictions for one case")
    if missing := asked - answered:
        raise ModelFailed(f"it gave no prediction for {len(missing)} of {len(asked)} cases")
    if extra := answered - asked:
        raise ModelFailed(f"it gave predictions for {len(extra)} cases that nobody asked about")


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
