"""Cases that were checked against another contract, checked again under the one of today."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd
import pyarrow as pa

from capsule_blocks.sealing import ANSWER, EVENT
from capsule_flows.cells_as_text import arrow_text, as_series, column_as_text
from capsule_flows.checking import Report, check
from capsule_flows.file_types import Files
from capsule_flows.fitting import Fitting
from capsule_flows.reading import Table
from capsule_flows.reading_choices import ReadAs
from capsule_flows.typing_cells import STILL_GOING
from capsule_kit.answers import TimeAnswer
from capsule_kit.columns import DIGEST_ENDING
from capsule_kit.contract import Contract
from capsule_kit.receipt import CASE_ID, ROW

FIRST_LINE = 2
"""The line of the first row, as a file with a header has it."""


@dataclass(frozen=True)
class Refitted:
    """What of the cases still fits."""

    inputs: pd.DataFrame
    """`case_id` (under the new contract), `row`, then its columns."""
    answers: pd.DataFrame
    """`case_id`, `answer`, of times `event`."""
    was: Mapping[str, str]
    """New case_id → the old one."""
    refused: Mapping[str, str]
    """Old case_id → why it no longer fits."""


def refit(
    inputs: pd.DataFrame,
    answers: pd.DataFrame,
    old: Contract,
    new: Contract,
    files: Files = MappingProxyType({}),
) -> Refitted:
    """Check these cases under the new contract, numbers turned from the old one's units.

    `inputs` has `case_id`, `row` and the old columns, `answers` `case_id` and `answer`; `files` are
    those that the cases name.
    """
    table = Table(
        as_written(inputs, answers, old), FIRST_LINE, "kept cases, checked again", files=files
    )
    units = {one.name: one.unit for one in old.all_columns if one.unit}
    lines = dict(zip(table.lines, inputs[CASE_ID], strict=True))
    refused: dict[str, str] = {}
    as_it_is = Fitting(units=units, read_as=ReadAs(decimal="."))
    report = check(table, new, as_it_is)
    if not report.accepted:
        refused = {lines[line]: why for line, why in _refused(report).items()}
        left_out = tuple(line for line, case_id in lines.items() if case_id in refused)
        report = check(table, new, as_it_is.model_copy(update={"left_out": left_out}))
    if report.inputs is None or report.answers is None:
        why = next(one.sentence for one in report.findings if one.severity == "refuse")
        rest = {case_id: why for case_id in lines.values() if case_id not in refused}
        return Refitted(inputs.iloc[:0], answers.iloc[:0], {}, {**refused, **rest})
    places = zip(report.inputs[CASE_ID], report.inputs[ROW], strict=True)
    was = {new_id: lines[line] for new_id, line in places}
    lost = set(lines.values()) - set(was.values()) - set(refused)
    gone = dict.fromkeys(lost, "It is the contract's example row now.")
    return Refitted(report.inputs, report.answers, was, {**refused, **gone})


def _refused(report: Report) -> dict[int, str]:
    """Return why each refused line is, by the first thing that refuses it."""
    said = {
        (one.column, one.mistake): one.sentence
        for one in reversed(report.findings)
        if one.severity == "refuse"
    }
    found: dict[int, str] = {}
    for mark in report.marks:
        why = said.get((mark.column.name, mark.mistake), f"{mark.column.name} does not fit")
        for line in mark.lines.tolist():
            found.setdefault(line, why)
    return found


def as_written(inputs: pd.DataFrame, answers: pd.DataFrame, old: Contract) -> dict[str, Any]:
    """Return the cases as a person would have brought them, by header, as `Table` holds them."""
    known = answers.set_index(CASE_ID).reindex(inputs[CASE_ID]).reset_index(drop=True)
    beside = [name for name in inputs if str(name).endswith(DIGEST_ENDING)]
    given = inputs.drop(columns=[CASE_ID, ROW, *beside]).reset_index(drop=True)
    cells = {str(name): _cells(given[name]) for name in given}
    if isinstance(old.answer, TimeAnswer):
        cells |= _times(known, old.answer)
    elif columns := old.answer.as_columns():
        cells[columns[0].name] = _cells(known[ANSWER])
    return cells


def _times(known: pd.DataFrame, answer: TimeAnswer) -> dict[str, Any]:
    if answer.event is not None:
        return {answer.column: _cells(known[ANSWER]), answer.event: _cells(known[EVENT])}
    texts = as_series(column_as_text(pa.array(known[ANSWER], from_pandas=True)))
    went_on = known[EVENT].astype("boolean").eq(other=False).fillna(value=False).to_numpy(bool)
    return {answer.column: arrow_text(texts.mask(went_on, texts + STILL_GOING))}


def _cells(values: pd.Series) -> Any:
    held = pa.array(values, from_pandas=True)
    return held.cast(pa.float64()) if pa.types.is_floating(held.type) else column_as_text(held)
