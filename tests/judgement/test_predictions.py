"""Predictions are taken for what they are: one for each case, of the declared type, or the model has failed."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from capsule_kit.answers import Answer, ClassAnswer, NumberAnswer
from capsule_kit.errors import ModelFailed
from capsule_kit.predictions import read_predictions

CASES = pd.Series(["a", "b", "c"], name="case_id", dtype="str")
SPECIES = ClassAnswer(column="species", classes=("cat", "dog"), positive="cat", meaning="seen")
MASS = NumberAnswer(column="mass", unit="g", tolerance=1, meaning="weighed", example=3)


def given(
    folder: Path, answer: Answer, ids: str, predictions: list[object], **more: object
) -> pd.DataFrame:
    """Read what a model gave for the cases of these one-letter ids."""
    frame = pd.DataFrame({"case_id": list(ids), "prediction": predictions, **more})
    frame.to_parquet(folder / "predictions.parquet")
    return read_predictions(folder / "predictions.parquet", CASES, answer)


@pytest.mark.parametrize("ids", ["abc", "cab", "bca"])
def test_predictions_come_back_in_the_order_of_the_cases(tmp_path: Path, ids: str) -> None:
    numbers = {"a": 1.0, "b": 2.0, "c": 3.0}

    found = given(tmp_path, MASS, ids, [numbers[one] for one in ids])

    assert found.to_dict("list") == {"case_id": ["a", "b", "c"], "prediction": [1.0, 2.0, 3.0]}
    assert found.index.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ("aabc", "two predictions for one case"),
        ("ab", "no prediction for 1 of 3 cases"),
        ("abd", "no prediction for 1 of 3 cases"),
        ("abcd", "predictions for 1 cases that nobody asked about"),
        ("", "no prediction for 3 of 3 cases"),
    ],
)
def test_a_case_without_exactly_one_prediction_is_the_models_failure(
    tmp_path: Path, ids: str, said: str
) -> None:
    with pytest.raises(ModelFailed, match=said):
        given(tmp_path, MASS, ids, [1.0] * len(ids))


@pytest.mark.parametrize(
    ("answer", "predictions", "scores", "said"),
    [
        (SPECIES, ["cat", "cow", "dog"], [1, 0, 0], "predicted 'cow'"),
        (SPECIES, ["cat", "dog", "dog"], [1, 0, 1.2], "a score outside 0 to 1"),
        (SPECIES, ["cat", "dog", "dog"], [1, 0, None], "a score outside 0 to 1"),
        (MASS, [1.0, None, float("inf")], [0, 0, 0], "2 of its 3 predictions are not numbers"),
    ],
)
def test_a_prediction_of_another_type_is_the_models_failure(
    tmp_path: Path, answer: Answer, predictions: list[object], scores: list[object], said: str
) -> None:
    with pytest.raises(ModelFailed, match=said):
        given(tmp_path, answer, "abc", predictions, score=scores)


def repeated(value: str, many: int) -> pa.Array:
    """A column that is small in a file: one value, and how often."""
    return pa.DictionaryArray.from_arrays(pa.array([0] * many, pa.int32()), pa.array([value]))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"case_id": repeated("a", 5000)}, "5000 predictions for 3 cases"),
        ({"case_id": pa.array(list("abc")), "prediction": repeated("x" * 2000, 3)}, "2000 char"),
        ({"case_id": repeated("a" * (1 << 21), 3)}, "larger than so many predictions can be"),
        ({"case_id": pa.array([["a"], ["b"], ["c"]])}, "'case_id' holds no single values"),
        ({"case_id": pa.array(list("abc")), "score": pa.array([{"a": 1}] * 3)}, "'score' holds no"),
        ({"identity": pa.array(list("abc"))}, "no column 'case_id'"),
    ],
)
def test_a_file_that_stands_for_more_than_predictions_is_not_read(
    tmp_path: Path, columns: dict[str, pa.Array], said: str
) -> None:
    """Rows, sizes and kinds are looked at before a value is."""
    many = len(next(iter(columns.values())))
    table = pa.table({"prediction": repeated("cat", many), **columns})
    pq.write_table(table, tmp_path / "predictions.parquet")
    with pytest.raises(ModelFailed, match=said):
        read_predictions(tmp_path / "predictions.parquet", CASES, SPECIES)
