"""The contract as a Great Expectations suite, and a table checked against it.

Great Expectations takes seconds to import, so the functions that need it import it.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from capsule_flows.findings import Finding, FoundMistake, finding
from capsule_flows.matching import Matching, match
from capsule_flows.reading import Table
from capsule_flows.typing_cells import type_cells
from capsule_kit.columns import Column
from capsule_kit.contract import Contract
from capsule_kit.receipt import CASE_ID, ROW

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite
    from great_expectations.expectations import Expectation

ANSWER = "answer"
LINE = "_row"
AS_WRITTEN = " (as written)"
UNREAD = " (not readable)"


@dataclass(frozen=True)
class Report:
    """What the check found, and the table it lets through."""

    findings: tuple[Finding, ...]
    """Refusals first, then by line."""
    accepted: bool
    """Whether nothing refuses the table."""
    inputs: pd.DataFrame | None
    """`case_id`, `row`, then the contract's columns in its order; None if refused."""
    answers: pd.DataFrame | None
    """`case_id`, `answer`, of the cases that have one; None if refused."""


def check(table: Table, contract: Contract) -> Report:
    """Check a table against a contract; mistakes in it come back as findings."""
    matching = match(list(table.cells.columns), contract)
    frame = shadow(table, contract, matching)
    found = [
        *_of_the_file(contract, matching),
        *_of_the_cells(frame, contract, matching),
    ]
    accepted = not any(one.severity == "refuse" for one in found)
    inputs = answers = None
    if accepted:
        inputs = _inputs(frame, contract)
        answers = _answers(frame, contract, inputs)
        found += _repeated(inputs)
    found.sort(key=lambda one: (one.severity != "refuse", one.row or 0))
    return Report(tuple(found), accepted, inputs, answers)


def suite_of(contract: Contract) -> "ExpectationSuite":
    """Return the contract as an expectation suite on the frame that `shadow` makes."""
    from great_expectations import ExpectationSuite

    expected = [one for column in _columns(contract) for one in _expectations(column, contract)]
    return ExpectationSuite(name=f"contract-{contract.hash[:12]}", expectations=expected)


def _columns(contract: Contract) -> tuple[Column, ...]:
    return (*contract.columns, contract.answer.as_column())


def _expectations(column: Column, contract: Contract) -> "list[Expectation]":
    from great_expectations import expectations as gxe

    name, written = column.name, column.name + AS_WRITTEN

    def meta(mistake: FoundMistake, severity: str = "refuse") -> dict[str, str]:
        said = {str(key): text for key, text in column.says.items()}.get(mistake, "")
        return {"column": name, "mistake": mistake, "severity": severity, "says": said}

    expected = [gxe.ExpectColumnToExist(column=written, meta=meta("no column"))]
    if column.kind != "choice":
        expected.append(gxe.ExpectColumnValuesToBeNull(column=name + UNREAD, meta=meta("kind")))
    if name == contract.answer.column:
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


def shadow(table: Table, contract: Contract, matching: Matching) -> pd.DataFrame:
    """Return the frame that the suite looks at: each matched column typed, written, and unread."""
    columns: dict[str, pd.Series] = {LINE: pd.Series(table.lines, dtype="int64")}
    cells = table.cells.reset_index(drop=True)
    for column in _columns(contract):
        if column.name not in matching.headers:
            continue
        written = cells[matching.headers[column.name]]
        typed = type_cells(written, column)
        columns[column.name] = typed.values  # noqa: PD011  a field, not a frame
        columns[column.name + AS_WRITTEN] = written.mask(written.str.strip() == "")
        columns[column.name + UNREAD] = written.where(typed.unread)
    return pd.DataFrame(columns)


def _of_the_file(contract: Contract, matching: Matching) -> list[Finding]:
    """Return a warning for each header the contract does not ask for."""
    extra = [Column(name=header, kind="text", meaning="", example="") for header in matching.unused]
    technical = f"not in contract {contract.hash[:12]}"
    return [
        finding(column, "extra column", severity="warn", technical=technical) for column in extra
    ]


def _of_the_cells(frame: pd.DataFrame, contract: Contract, matching: Matching) -> list[Finding]:
    """Return what the suite finds; a column that is not there is asked for and nothing else."""
    suite = suite_of(contract)
    suite.expectations = [
        one
        for one in suite.expectations
        if one.meta["column"] in matching.headers or one.meta["mistake"] == "no column"
    ]
    columns = {column.name: column for column in _columns(contract)}
    lines = frame.set_index(LINE)
    return [
        one
        for result in _validate(frame, suite)
        if not result.success
        for one in _grouped(result, columns[result.expectation_config.meta["column"]], lines)
    ]


def _validate(frame: pd.DataFrame, suite: "ExpectationSuite") -> Sequence[Any]:
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    # It announces a temporary folder at each check, on whatever terminal there is.
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("table").add_dataframe_asset("cases")
    whole = asset.add_batch_definition_whole_dataframe("whole")
    batch = whole.get_batch(batch_parameters={"dataframe": frame})
    wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": [LINE]}
    results = batch.validate(suite, result_format=wanted).results
    for result in results:
        if result.exception_info.get("raised_exception", True):
            raise CheckBrokenError(result.expectation_config, result.exception_info)
    return results  # type: ignore[no-any-return]


def _grouped(result: Any, column: Column, lines: pd.DataFrame) -> list[Finding]:
    """Return one finding for each value that fails an expectation, in the file's order."""
    config = result.expectation_config
    mistake, severity = config.meta["mistake"], config.meta["severity"]
    told = {key: value for key, value in config.kwargs.items() if key != "batch_id"}
    technical = f"{config.type} {told}"
    rows = [int(index[LINE]) for index in result.result.get("unexpected_index_list") or ()]
    if not rows:
        return [finding(column, mistake, severity=severity, technical=technical)]
    written = lines[column.name + AS_WRITTEN].reindex(sorted(rows))
    # Missing cells group under "": by itself, groupby leaves them out.
    groups: Mapping[Any, pd.Index] = written.groupby(written.fillna(""), sort=False).groups
    return [
        finding(
            column,
            mistake,
            severity=severity,
            lines=tuple(int(line) for line in where),
            found=str(text) or None,
            technical=technical,
        )
        for text, where in groups.items()
    ]


def _inputs(frame: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Return the accepted cases, typed, each under the hash of its content; no answer among them."""
    typed = frame[[column.name for column in contract.columns]]
    hashes = pd.util.hash_pandas_object(typed, index=False)
    ids = hashes.map("{:016x}".format).astype("str")
    again = ids.groupby(ids).cumcount()
    ids = ids.where(again == 0, ids + "-" + (again + 1).astype("str"))
    plain = {name: _plain(typed[name]) for name in typed.columns}
    return pd.DataFrame({CASE_ID: ids, ROW: frame[LINE], **plain})


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


def _answers(frame: pd.DataFrame, contract: Contract, inputs: pd.DataFrame) -> pd.DataFrame:
    known = pd.DataFrame({CASE_ID: inputs[CASE_ID], ANSWER: frame[contract.answer.column]})
    return known.dropna(subset=[ANSWER]).reset_index(drop=True)


def _repeated(inputs: pd.DataFrame) -> list[Finding]:
    """Return a warning for each case that stands in the table again, on its later lines."""
    parts = inputs[CASE_ID].str.partition("-")
    again = inputs[parts[1] == "-"]
    case = Column(name=CASE_ID, kind="text", meaning="", example="")
    return [
        finding(
            case,
            "repeated row",
            severity="warn",
            lines=tuple(int(line) for line in rows[ROW]),
            technical=f"content hash {first}",
        ).model_copy(update={"column": None})
        for first, rows in again.groupby(parts[0], sort=False)
    ]


class CheckBrokenError(RuntimeError):
    """An expectation could not be evaluated: our fault or the contract's, never the expert's."""

    def __init__(self, config: Any, info: Mapping[str, Any]) -> None:
        """Say which expectation broke, and how."""
        super().__init__(
            f"The check {config.type} on {config.kwargs} could not be made: {dict(info)}."
            " Report this with the capsule's contract."
        )
