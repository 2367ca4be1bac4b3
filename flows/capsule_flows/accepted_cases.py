"""Typed columns that nothing refuses become the two tables that are sealed: inputs, and answers apart from them."""

from typing import Any

import pandas as pd

from capsule_blocks.sealing import ANSWER, EVENT
from capsule_flows.brought_files import Brought
from capsule_flows.case_ids import DIGITS, case_ids, is_repeated
from capsule_flows.findings import Finding, finding
from capsule_flows.typing_cells import STILL_GOING
from capsule_kit.answers import Answer, NoAnswer, TimeAnswer
from capsule_kit.columns import Column
from capsule_kit.contract import Contract
from capsule_kit.named_files import digest_column
from capsule_kit.receipt import CASE_ID, ROW


def inputs_of(
    typed: dict[str, pd.Series], contract: Contract, lines: Any, brought: Brought
) -> pd.DataFrame:
    """Return the accepted cases, typed, each under the hash of its content; no answer among them.

    Beside a column that names files stand the hashes of those that it means.
    """
    cases = {column.name: typed[column.name] for column in contract.columns}
    for column in contract.columns:
        if column.file:
            cases[digest_column(column.name)] = brought.digests(typed[column.name])
    plain = {name: _plain(values) for name, values in cases.items()}
    ids = case_ids(pd.DataFrame(cases, copy=False))
    return pd.DataFrame({CASE_ID: ids, ROW: lines, **plain}, copy=False)


def _plain(values: pd.Series) -> pd.Series:
    """Return a column without blanks in numpy's own type, which models know best."""
    if values.isna().any():
        return values
    match str(values.dtype):
        case "Int64":
            return values.astype("int64")
        case "boolean":
            return values.astype("bool")
        case _:
            return values


def answers_of(
    typed: dict[str, pd.Series], contract: Contract, inputs: pd.DataFrame
) -> pd.DataFrame:
    """Return the answers of the cases that have one: `case_id`, `answer`, and of times `event`."""
    known = pd.DataFrame({CASE_ID: inputs[CASE_ID], **_answered(typed, contract.answer)})
    return known.dropna().reset_index(drop=True)


def _answered(typed: dict[str, pd.Series], answer: Answer) -> dict[str, pd.Series]:
    if isinstance(answer, NoAnswer):
        return {ANSWER: pd.Series(dtype="str")}
    given = typed[answer.column]
    if not isinstance(answer, TimeAnswer):
        return {ANSWER: given}
    if answer.event is not None:
        return {ANSWER: given, EVENT: typed[answer.event]}
    went_on = given.str.endswith(STILL_GOING)
    time = pd.to_numeric(given.str.removesuffix(STILL_GOING))
    return {ANSWER: time, EVENT: (~went_on.astype("boolean"))}


def repeated(inputs: pd.DataFrame) -> list[Finding]:
    """Return a warning for each case that stands in the table again, on its later lines."""
    again = inputs.loc[is_repeated(inputs[CASE_ID]), [CASE_ID, ROW]]
    first = again[CASE_ID].str[:DIGITS]
    case = Column(name=CASE_ID, kind="text", meaning="", example="")
    return [
        finding(
            case,
            "repeated row",
            severity="warn",
            lines=rows[ROW].to_numpy(),
            technical=f"content hash {content}",
        ).model_copy(update={"column": None})
        for content, rows in again.groupby(first, sort=False)
    ]
