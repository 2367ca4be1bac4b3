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
        bounds = gxe.ExpectColumnValuesToBeBetween(
            column=name, min_value=low, max_value=high, meta=meta("bounds")
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
    told = {key: value for key, value in config.kwargs.items() if key != "batch_id"}
    where = np.array(result.result.get("unexpected_index_list") or (), dtype=np.int64)
    return Failure(f"{config.type} {told}", config.meta, np.sort(where))


class CheckBrokenError(RuntimeError):
    """An expectation could not be evaluated: our fault or the contract's, never the expert's."""

    def __init__(self, config: Any, info: Mapping[str, Any]) -> None:
        """Say which expectation broke, and how."""
        super().__init__(
            f"The check {config.type} on {config.kwargs} could not be made: {dict(info)}."
            " Report this with the capsule's contract."
        )
