"""The contract as a Great Expectations suite, and which rows of a column fail it.

Great Expectations takes seconds to import, so the functions that need it import it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from capsule_flows.findings import FoundMistake
from capsule_flows.units import known
from capsule_kit.columns import Column
from capsule_kit.contract import Contract

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite
    from great_expectations.expectations import Expectation

AS_WRITTEN = " (as written)"
UNREAD = " (not readable)"

Positions = np.ndarray[tuple[Any, ...], np.dtype[np.int64]]

PASS_OR_FAIL = {"result_format": "BOOLEAN_ONLY"}
WHERE = {
    "result_format": "COMPLETE",
    "partial_unexpected_count": 0,
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
}


@dataclass(frozen=True)
class Failure:
    """An expectation that a column does not meet."""

    expectation: str
    """The expectation's type with its arguments, for a developer."""
    meta: Mapping[str, Any]
    """What `suite_of` put beside it: column, mistake, severity, and the author's sentence."""
    positions: Positions
    """The failing rows, counted from 0, ascending; empty if it is about the column itself."""


def make_ready() -> None:
    """Import what the first check would otherwise wait for, some seconds."""
    import_module("great_expectations.expectations")
    import_module("great_expectations.validator.validator")
    known("mg/L")  # the library of units


def suite_of(contract: Contract) -> "ExpectationSuite":
    """Return the contract as an expectation suite on each column typed, as written, and unread."""
    from great_expectations import ExpectationSuite

    columns = contract.all_columns
    expected = [one for column in columns for one in _expectations(column, contract)]
    return ExpectationSuite(name=f"contract-{contract.hash[:12]}", expectations=expected)


def _expectations(column: Column, contract: Contract) -> "list[Expectation]":
    from great_expectations import expectations as gxe

    name, written = column.name, column.name + AS_WRITTEN

    def meta(mistake: FoundMistake, severity: str = "refuse") -> dict[str, str]:
        said = {str(key): text for key, text in column.says.items()}.get(mistake, "")
        return {"column": name, "mistake": mistake, "severity": severity, "says": said}

    expected = [gxe.ExpectColumnToExist(column=written, meta=meta("no column"))]
    if column.kind != "choice":
        expected.append(gxe.ExpectColumnValuesToBeNull(column=name + UNREAD, meta=meta("kind")))
    if name in {one.name for one in contract.answer.as_columns()}:
        unknown = meta("no answer", "warn")
        expected.append(gxe.ExpectColumnValuesToNotBeNull(column=written, meta=unknown))
    elif column.required:
        expected.append(gxe.ExpectColumnValuesToNotBeNull(column=written, meta=meta("missing")))
    if column.at_least is not None or column.at_most is not None:
        low, high = column.at_least, column.at_most
        said = meta("bounds", "warn" if column.inferred else "refuse")
        bounds = gxe.ExpectColumnValuesToBeBetween(
            column=name, min_value=low, max_value=high, meta=said
        )
        expected.append(bounds)
    if column.kind == "choice":
        among = gxe.ExpectColumnValuesToBeInSet(
            column=name, value_set=list(column.choices), meta=meta("choices")
        )
        expected.append(among)
    if column.identifier:
        expected.append(gxe.ExpectColumnValuesToBeUnique(column=name, meta=meta("duplicate")))
    return expected


def failures(frame: pd.DataFrame, expected: "Sequence[Expectation]") -> list[Failure]:
    """Return which of the expectations the rows of a frame do not meet, and where.

    The frame is handed to the engine itself: a batch of a data source has every cell hashed
    twice, which takes longer than all its expectations. Rows are asked for where one has failed.
    """
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.validator.validator import Validator

    validator = Validator(PandasExecutionEngine(batch_data_dict={"cases": frame}))
    validator.metrics_calculator.show_progress_bars = False
    configurations = [one.configuration for one in expected]
    failed = [
        result.expectation_config
        for result in _validated(validator, configurations, PASS_OR_FAIL)
        if not result.success
    ]
    return [_failure(result) for result in _validated(validator, failed, WHERE)] if failed else []


def side_by_side(
    frames: Sequence[pd.DataFrame], expected: "Sequence[Sequence[Expectation]]"
) -> list[list[Failure]]:
    """Return what `failures` does for each of several columns of which the same is expected.

    They are asked beneath each other, as one column: to ask once takes about 20 ms, however few the rows.

    Args:
        frames: For each column its frame, all with as many rows.
        expected: For each column its expectations, alike but for the column's name and what is told.
    """
    if len(frames) < 2:
        return [failures(*one) for one in zip(frames, expected, strict=True)]
    rows, names = len(frames[0]), frames[0].columns
    beneath = pd.concat([one.set_axis(names, axis="columns") for one in frames], ignore_index=True)
    found: list[list[Failure]] = [[] for _ in frames]
    for failure in failures(beneath, expected[0]):
        column, row = np.divmod(failure.positions, rows)
        for place in np.unique(column):
            own = next(
                one for one in expected[place] if one.meta["mistake"] == failure.meta["mistake"]
            )
            where = row[column == place]
            found[place].append(Failure(_told(own.configuration), own.meta, where))
    return found


def _validated(validator: Any, configurations: list[Any], asked: dict[str, Any]) -> list[Any]:
    results: list[Any] = validator.graph_validate(
        configurations=configurations, runtime_configuration={"result_format": asked}
    )
    for result in results:
        if result.exception_info.get("raised_exception", True):
            raise CheckBrokenError(result.expectation_config, result.exception_info)
    return results


def _failure(result: Any) -> Failure:
    config = result.expectation_config
    where = np.array(result.result.get("unexpected_index_list") or (), dtype=np.int64)
    return Failure(_told(config), config.meta, np.sort(where))


def _told(config: Any) -> str:
    told = {key: value for key, value in config.kwargs.items() if key != "batch_id"}
    return f"{config.type} {told}"


class CheckBrokenError(RuntimeError):
    """An expectation could not be evaluated: our fault or the contract's, never the expert's."""

    def __init__(self, config: Any, info: Mapping[str, Any]) -> None:
        """Say which expectation broke, and how."""
        super().__init__(
            f"The check {config.type} on {config.kwargs} could not be made: {dict(info)}."
            " Report this with the capsule's contract."
        )
