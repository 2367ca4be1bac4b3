"""Answers are told apart from inputs before either is stored."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from capsule_kit.receipt import CASE_ID

ANSWER = "answer"
EVENT = "event"
"""Beside the answer where it is a time: whether it happened by then."""
DIGITS = 16


@dataclass(frozen=True)
class Sealed:
    """Inputs and answers, stored apart."""

    inputs_hash: str
    """SHA-256 of `inputs.parquet`."""
    answers_hash: str
    """SHA-256 of the sealed answers' file."""
    cases: int
    """How many cases the inputs hold."""


def answers_apart(inputs: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Return the answers as `case_id`, `answer` and, of two columns, `event`, known not to be among the inputs.

    Raises:
        ValueError: an answer is among the inputs, or the two tables do not fit together.
    """
    headers = [header for header in answers.columns if header != CASE_ID]
    if not 1 <= len(headers) <= 2 or CASE_ID not in answers.columns:
        msg = (
            f"The answers have the columns {list(answers.columns)}. Pass case_id and the answer's,"
            " one or two"
        )
        raise ValueError(msg)
    if seen := [header for header in headers if header in inputs.columns]:
        msg = f"The answer column {seen[0]!r} is among the inputs. Take it out of them"
        raise ValueError(msg)
    cases, answered = pd.Index(inputs[CASE_ID]), pd.Index(answers[CASE_ID])
    # Where every case has its answer, in the same order, what holds of one holds of the other.
    alike = cases.equals(answered)
    if not _differ(cases) or not (alike or _differ(answered)):
        msg = "A case_id occurs twice. Give each case its own"
        raise ValueError(msg)
    if not alike and (cases.get_indexer(answered) < 0).any():
        msg = "There is an answer to a case that is not among the inputs. Leave it out"
        raise ValueError(msg)
    names = dict(zip(headers, (ANSWER, EVENT), strict=False))
    return answers[[CASE_ID, *headers]].rename(columns=names)


def _differ(ids: pd.Index) -> bool:
    """Say whether no id occurs twice; a million hashes are told apart faster as numbers than as texts."""
    numbers = _as_numbers(ids)
    if numbers is not None:
        in_order = np.sort(numbers)
        if (in_order[1:] != in_order[:-1]).all():
            return True
    return ids.is_unique


def _as_numbers(ids: pd.Index) -> np.ndarray[tuple[Any, ...], np.dtype[np.uint64]] | None:
    """Return ids of 16 hexadecimal digits as the numbers they say; None where one is no such id."""
    try:
        texts = pa.concat_arrays(pa.chunked_array([pa.array(ids, pa.large_string())]).chunks)
        if not pc.all(pc.equal(pc.binary_length(texts), DIGITS)).as_py():
            return None
        _, places, said = texts.buffers()
        start = int(np.frombuffer(places, np.int64)[texts.offset])
        digits = memoryview(said)[start : start + len(texts) * DIGITS].tobytes().decode("ascii")
        numbers = np.frombuffer(bytes.fromhex(digits), np.uint64)
    except (pa.ArrowException, TypeError, ValueError):
        return None
    # Blanks between digits are passed over.
    return numbers if len(numbers) == len(ids) else None


def write_table(frame: pd.DataFrame, place: Path) -> None:
    """Write a table to a file, and nothing that it carries beside its columns."""
    plain = frame.copy(deep=False)
    # They would be written into the file, whatever they hold.
    plain.attrs = {}
    plain.to_parquet(place, engine="pyarrow", index=False)
