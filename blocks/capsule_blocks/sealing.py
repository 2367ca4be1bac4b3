"""Answers are told apart from inputs before either is stored."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from capsule_kit.receipt import CASE_ID

ANSWER = "answer"


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
    """Return the answers as `case_id` and `answer`, known not to be among the inputs.

    Raises:
        ValueError: an answer is among the inputs, or the two tables do not fit together.
    """
    headers = [header for header in answers.columns if header != CASE_ID]
    if len(headers) != 1 or CASE_ID not in answers.columns:
        msg = f"The answers have the columns {list(answers.columns)}. Pass case_id and one more"
        raise ValueError(msg)
    if headers[0] in inputs.columns:
        msg = f"The answer column {headers[0]!r} is among the inputs. Take it out of them"
        raise ValueError(msg)
    cases, answered = pd.Index(inputs[CASE_ID]), pd.Index(answers[CASE_ID])
    # Where every case has its answer, in the same order, what holds of one holds of the other.
    alike = cases.equals(answered)
    if not cases.is_unique or not (alike or answered.is_unique):
        msg = "A case_id occurs twice. Give each case its own"
        raise ValueError(msg)
    if not alike and (cases.get_indexer(answered) < 0).any():
        msg = "There is an answer to a case that is not among the inputs. Leave it out"
        raise ValueError(msg)
    return answers[[CASE_ID, headers[0]]].rename(columns={headers[0]: ANSWER})


def write_table(frame: pd.DataFrame, place: Path) -> None:
    """Write a table to a file, and nothing that it carries beside its columns."""
    plain = frame.copy(deep=False)
    # They would be written into the file, whatever they hold.
    plain.attrs = {}
    plain.to_parquet(place, engine="pyarrow", index=False)
