"""Answers are told apart from inputs before either is stored."""

import pandas as pd

from capsule_kit.receipt import CASE_ID

ANSWER = "answer"


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
    if not inputs[CASE_ID].is_unique or not answers[CASE_ID].is_unique:
        msg = "A case_id occurs twice. Give each case its own"
        raise ValueError(msg)
    if not answers[CASE_ID].isin(inputs[CASE_ID]).all():
        msg = "There is an answer to a case that is not among the inputs. Leave it out"
        raise ValueError(msg)
    return answers[[CASE_ID, headers[0]]].rename(columns={headers[0]: ANSWER})
