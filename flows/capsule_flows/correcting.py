"""An answer that its expert corrects after she has seen the prediction: a revision that says so.

What was judged stays judged by the answers that were locked; later trials take the corrected ones.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from capsule_blocks.tables import AnswersRevision, Trial
from capsule_flows.errors import FlowsError
from capsule_flows.home import Resources
from capsule_flows.typing_cells import type_cells
from capsule_kit.answers import Answer
from capsule_kit.columns import Column
from capsule_kit.manifest import Manifest
from capsule_kit.receipt import CASE_ID


class NoSuchAnswer(FlowsError):
    """The text is no answer that the contract allows."""

    def __init__(self, text: str, column: Column) -> None:
        allowed = f": {', '.join(column.choices)}" if column.choices else ""
        super().__init__(f"“{text}” cannot be an answer. Write one that the table allows{allowed}.")


class NothingToCorrect(FlowsError):
    """The trial has no answers that are kept here in one column."""

    def __init__(self, trial: Trial) -> None:
        super().__init__(
            f"The answers to “{trial.case_set_name}” cannot be corrected one by one."
            " Bring the table again, with the answers as they should be."
        )


@dataclass(frozen=True)
class Correction:
    """One answer, as it is to be from now on."""

    case_id: str
    case: str
    """The case as the expert knows it."""
    answer: str
    """The new answer, as she would write it."""
    why: str
    by: str


def correctable(answer: Answer) -> Column | None:
    """Return the column of an answer that can be corrected by itself; None where it is not one cell."""
    columns = answer.as_columns()
    return columns[0] if len(columns) == 1 and columns[0].kind in ("choice", "number") else None


def correct_answer(resources: Resources, trial: Trial, wanted: Correction) -> AnswersRevision:
    """Add the answers with one of them corrected, as seen after the trial's predictions.

    Raises:
        NoSuchAnswer: the contract does not allow the new answer.
        NothingToCorrect: the trial's cases or their answers are not in the store.
    """
    ledger, store = resources.ledger, resources.store
    case_set = trial.case_set_id and ledger.case_set_by_id(trial.case_set_id)
    latest = case_set and ledger.latest_answers(case_set.id)
    release = ledger.release(trial.release_id)
    column = release and correctable(Manifest.model_validate(release.manifest).contract.answer)
    if not case_set or not latest or not column:
        raise NothingToCorrect(trial)
    known = store.answers(case_set.inputs_hash, latest.answers_hash)
    before = known.set_index(CASE_ID)["answer"].get(wanted.case_id)
    changed = with_answer(known, wanted.case_id, wanted.answer, column)
    said = f"{wanted.case}: {_said(before)} became {wanted.answer}. {wanted.why}".strip()
    return ledger.add_revision(
        AnswersRevision(
            case_set_id=case_set.id,
            answers_hash=store.seal_anew(case_set.inputs_hash, changed),
            reason=f"Corrected after the prediction was seen. {said}",
            after_seeing=trial.flow_run_id,
            by=wanted.by,
        )
    )


def with_answer(known: pd.DataFrame, case_id: str, answer: str, column: Column) -> pd.DataFrame:
    """Return the answers (`case_id`, the column's own header) with one of them set.

    Raises:
        NoSuchAnswer: the contract does not allow it.
    """
    typed = type_cells(pd.Series([answer], dtype="string"), column)
    value = typed.values.iloc[0]  # noqa: PD011 - not pandas'
    if pd.isna(value) or not _allowed(value, column):
        raise NoSuchAnswer(answer, column)
    header = column.name
    named = known[[CASE_ID, "answer"]].rename(columns={"answer": header})
    if (named[CASE_ID] == case_id).any():
        return named.assign(**{header: named[header].mask(named[CASE_ID] == case_id, value)})
    added = pd.DataFrame({CASE_ID: [case_id], header: [value]}).astype(named.dtypes.to_dict())
    return pd.concat([named, added], ignore_index=True)


def _allowed(value: object, column: Column) -> bool:
    if column.choices:
        return value in column.choices
    number = float(str(value))
    low, high = column.at_least, column.at_most
    return (low is None or number >= low) and (high is None or number <= high)


def _said(answer: Any) -> str:
    return "no answer" if answer is None or pd.isna(answer) else str(answer)
