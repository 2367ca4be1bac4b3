"""Predictions that can be judged: one for each case, of the declared type, or a sentence that says why not."""

from collections.abc import Container
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from capsule_kit.answers import Answer, ClassAnswer, NoAnswer
from capsule_kit.errors import ModelFailed
from capsule_kit.receipt import CASE_ID

PREDICTIONS_FILE = "predictions.parquet"
PREDICTION = "prediction"
SCORE = "score"
NO_PREDICTION = "no_prediction"
"""Where a case has none, why not: one of WHY_NONE; blank where it has one."""
WHY_NONE = ("crash", "timeout", "unreadable input", "refused")
COLUMNS = (CASE_ID, PREDICTION, SCORE, NO_PREDICTION)
MOST_PREDICTIONS, FEW = 2, 1_000
"""How many predictions are looked at: so many for each case, and a few more."""
LONGEST_VALUE, LONGEST_OUTPUT = 1_000, 20_000
"""How long a case's id or a predicted class may be, and an output that nobody knows beforehand, in bytes."""


def read_predictions(path: Path, case_ids: pd.Series, answer: Answer) -> pd.DataFrame:
    """Return the model's predictions in the order of the cases.

    Args:
        path: What the model's process wrote, as Parquet.
        case_ids: The cases that were asked, shape (n_cases,).
        answer: The declared answer, which gives the predictions their type.

    Raises:
        ModelFailed: a case has no prediction or two, or one is not of the declared type.
    """
    longest = LONGEST_OUTPUT if isinstance(answer, NoAnswer) else LONGEST_VALUE
    try:
        given = _read(path, len(case_ids), longest)
    except (OSError, ValueError) as cause:
        raise ModelFailed("its predictions cannot be read") from cause
    given = _in_the_order_of_the_cases(given, case_ids)
    there = _there(given)
    if isinstance(answer, ClassAnswer):
        return _insist_on_classes(given, answer, there)
    if isinstance(answer, NoAnswer) and answer.output == "text":
        return _insist_on_texts(given, there)
    return _insist_on_numbers(given, there)


def _there(given: pd.DataFrame) -> pd.Series:
    """Return which cases have a prediction; where there is none, a reason stands and nothing else."""
    if NO_PREDICTION not in given:
        return pd.Series(data=True, index=given.index)
    why = given[NO_PREDICTION].astype("string")
    why = given[NO_PREDICTION] = why.mask((why == "").fillna(value=False))
    unknown = why[why.notna() & ~why.isin(WHY_NONE)]
    if not unknown.empty:
        raise ModelFailed(
            f"it gave {unknown.iloc[0]!r} for why a case has no prediction, which is none of"
            f" {', '.join(WHY_NONE)}"
        )
    if len(why) and why.notna().all():
        raise ModelFailed("it gave no prediction for any case")
    # What stands beside a reason is no prediction.
    given.loc[why.notna(), [name for name in (PREDICTION, SCORE) if name in given]] = None
    there: pd.Series = why.isna()
    return there


def _read(path: Path, cases: int, longest: int) -> pd.DataFrame:
    """Return the columns that count, read with no more memory than so many cases deserve.

    A small file may stand for a billion rows, or for a cell of a gigabyte in each row.
    """
    fields = {field.name: field.type for field in pq.read_schema(path) if field.name in COLUMNS}
    for needed in (CASE_ID, PREDICTION):
        if needed not in fields:
            raise ModelFailed(f"its predictions have no column {needed!r}")
    for name, kind in fields.items():
        if not _is_of_single_values(kind):
            raise ModelFailed(f"its column {name!r} holds no single values, but {kind}")
    # A value that is repeated is held once until it is known to be no longer than it may be.
    with pq.ParquetFile(path, read_dictionary=list(fields)) as file:
        if file.metadata.num_rows > MOST_PREDICTIONS * cases + FEW:
            raise ModelFailed(f"it gave {file.metadata.num_rows} predictions for {cases} cases")
        if _unpacked(file.metadata, fields) > longest * (cases + FEW):
            raise ModelFailed("its predictions are larger than so many predictions can be")
        table = file.read(columns=list(fields))
    for name, column in zip(table.column_names, table.columns, strict=True):
        if _longest(column) > (longest if name == PREDICTION else LONGEST_VALUE):
            raise ModelFailed(f"its column {name!r} has a value of {_longest(column)} characters")
    columns = [_unfolded(column) for column in table.columns]
    read: pd.DataFrame = pa.table(columns, names=table.column_names).to_pandas()
    return read


def _is_of_single_values(kind: pa.DataType) -> bool:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(
        pa.types.is_primitive(inner)
        or pa.types.is_string(inner)
        or pa.types.is_large_string(inner)
        or pa.types.is_null(inner)
    )


def _unpacked(facts: pq.FileMetaData, names: Container[str]) -> int:
    """Return how large these columns say that they are when they are unpacked, in bytes."""
    groups = [facts.row_group(place) for place in range(facts.num_row_groups)]
    columns = [group.column(place) for group in groups for place in range(group.num_columns)]
    return sum(one.total_uncompressed_size for one in columns if one.path_in_schema in names)


def _longest(column: pa.ChunkedArray) -> int:
    """Return the length of the longest text in a column, in bytes; 0 where it has none."""
    held = [chunk.dictionary for chunk in column.chunks if pa.types.is_dictionary(chunk.type)]
    return max((pc.max(pc.binary_length(one)).as_py() or 0 for one in held), default=0)


def _unfolded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_dictionary(column.type):
        return column
    unfolded = [chunk.dictionary_decode() for chunk in column.chunks]
    return pa.chunked_array(unfolded, column.type.value_type)


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


def _insist_on_classes(given: pd.DataFrame, answer: ClassAnswer, there: pd.Series) -> pd.DataFrame:
    unknown = given.loc[there & ~given[PREDICTION].isin(answer.classes), PREDICTION]
    if not unknown.empty:
        raise ModelFailed(
            f"it predicted {unknown.iloc[0]!r}, which is none of {', '.join(answer.classes)}"
        )
    given[PREDICTION] = given[PREDICTION].astype("str")
    if answer.positive is None:
        return given
    if SCORE not in given:
        raise ModelFailed(
            f"its predictions have no column {SCORE!r}, the probability of {answer.positive}"
        )
    scores = pd.to_numeric(given[SCORE], errors="coerce")
    if not scores[there].between(0, 1).all():
        raise ModelFailed("it gave a score outside 0 to 1")
    given[SCORE] = scores.astype(float)
    return given


def _insist_on_texts(given: pd.DataFrame, there: pd.Series) -> pd.DataFrame:
    texts = given[PREDICTION].astype("str")
    silent = int((there & (texts.isna() | (texts.str.strip() == ""))).sum())
    if silent:
        raise ModelFailed(f"it said nothing for {silent} of {len(given)} cases")
    given[PREDICTION] = texts
    return given


def _insist_on_numbers(given: pd.DataFrame, there: pd.Series) -> pd.DataFrame:
    numbers = pd.to_numeric(given[PREDICTION], errors="coerce").astype(float)
    unusable = int((there & (numbers.isna() | numbers.abs().eq(float("inf")))).sum())
    if unusable:
        raise ModelFailed(f"{unusable} of its {len(numbers)} predictions are not numbers")
    given[PREDICTION] = numbers
    return given
