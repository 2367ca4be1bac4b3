"""A table checked against a contract: findings, and the typed cases where nothing refuses them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from capsule_flows.accepted_cases import answers_of, inputs_of, repeated
from capsule_flows.brought_files import Brought
from capsule_flows.cells_as_text import as_series, column_as_text
from capsule_flows.example_row import is_example_row
from capsule_flows.findings import (
    ABOUT_THE_FILE,
    Finding,
    FoundMistake,
    Lines,
    about_rows,
    finding,
    in_doubt,
    remainder,
)
from capsule_flows.fitting import Fitting, fitted
from capsule_flows.matching import Matching, match
from capsule_flows.reading import Table
from capsule_flows.spreadsheet_traps import traps
from capsule_flows.suites import AS_WRITTEN, UNREAD, Failure, failures, side_by_side, suite_of
from capsule_flows.typing_cells import Typed, type_cells
from capsule_flows.units import NotConvertible, converted, same_unit
from capsule_kit.columns import Column
from capsule_kit.contract import Contract

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

MOST_FINDINGS = 20_000
"""From here on a mistake is listed for its first 100 values alone, and counted for the others."""
FEWEST_VALUES = 100
BLOCK_CELLS = 200_000
"""Up to so many cells of columns alike are checked at once: a table of 765 genes took 16 s, one after another."""


@dataclass(frozen=True)
class Mark:
    """The cells of one column that one mistake refuses."""

    header: str
    """The file's header above them."""
    column: Column
    mistake: FoundMistake
    lines: Lines = field(compare=False)
    """Their lines in the file."""


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
    """`case_id`, `answer`, for times `event`, of the cases that have one; None if refused."""
    matching: Matching
    """Which header was taken for which column."""
    marks: tuple[Mark, ...] = ()
    """Where the refused cells stand, all of them."""


AS_IT_IS = Fitting()


def check(table: Table, contract: Contract, fitting: Fitting = AS_IT_IS) -> Report:
    """Check a table, with what a person decided of it, against a contract; mistakes are findings."""
    table, about_the_rows = _without_example(fitted(table, fitting), contract)
    matching = match(list(table.columns), contract, fitting.headers)
    matching = replace(matching, units={**matching.units, **_chosen_units(fitting, matching)})
    found = [in_doubt(one) for one in (table.seen.doubts if table.seen else ())]
    found += [*about_the_rows, *_of_the_file(contract, matching)]
    brought = Brought(table.files)
    typed, marks = _of_the_columns(table, contract, matching, fitting, brought, found)
    found += brought.unnamed(
        [typed[c.name] for c in contract.columns if c.file and c.name in typed]
    )
    accepted = not any(one.severity == "refuse" for one in found)
    inputs = answers = None
    if accepted:
        inputs = inputs_of(typed, contract, table.line_numbers, brought)
        answers = answers_of(typed, contract, inputs)
        found += repeated(inputs)
    found.sort(key=lambda one: (one.severity != "refuse", one.row or 0))
    return Report(tuple(found), accepted, inputs, answers, matching, tuple(marks))


def _without_example(table: Table, contract: Contract) -> tuple[Table, list[Finding]]:
    """Return the table without its template's example row, and what is said of that and of no rows."""
    said: list[Finding] = []
    if is_example_row(table, contract):
        line = table.line_numbers[:1]
        table = fitted(table, Fitting(left_out=(int(line[0]),)))
        left = (
            "This is the template's example row, unchanged: it was left out. If it is a case of"
            " yours, write it further down."
        )
        technical = "every cell is the contract's example"
        said.append(about_rows("example row", left, lines=line, technical=technical))
    if not len(table):
        none = "No case is left in the table. Write yours beneath the header, one row for each."
        nowhere = ABOUT_THE_FILE
        one = about_rows("no rows", none, lines=nowhere, technical="0 rows", severity="refuse")
        said.append(one)
    return table, said


def _chosen_units(fitting: Fitting, matching: Matching) -> dict[str, str]:
    """Return the unit that was chosen for each column's header."""
    headers = matching.headers.items()
    return {name: fitting.units[header] for name, header in headers if header in fitting.units}


def _of_the_file(contract: Contract, matching: Matching) -> list[Finding]:
    """Return a warning for each header the contract does not ask for, or that has another name."""
    extra = [Column(name=header, kind="text", meaning="", example="") for header in matching.unused]
    technical = f"not in contract {contract.hash[:12]}"
    taken = {column.name: column for column in contract.all_columns}
    return [
        *(
            finding(column, "extra column", severity="warn", technical=technical)
            for column in extra
        ),
        *(
            finding(
                taken[name],
                "column taken",
                severity="warn",
                found=matching.headers[name],
                technical=f"matched by {why}",
            )
            for name, why in matching.why.items()
            if why in ("synonym", "chosen")
        ),
    ]


def _of_the_columns(
    table: Table,
    contract: Contract,
    matching: Matching,
    fitting: Fitting,
    brought: Brought,
    found: list[Finding],
) -> tuple[dict[str, pd.Series], list[Mark]]:
    """Return each matched column typed, and what refuses cells; add what the suite finds to `found`.

    A block at a time, so that what one expectation looks at is no larger than it needs to be.
    """
    expected: dict[str, list[Expectation]] = {column.name: [] for column in contract.all_columns}
    for one in suite_of(contract).expectations:
        expected[one.meta["column"]].append(one)
    values: dict[str, pd.Series] = {}
    marks: list[Mark] = []
    for block in _blocks(contract, len(table)):
        there = [column for column in block if column.name in matching.headers]
        read = {one.name: _read(table, one, matching, fitting) for one in there}
        looked_at = [frame for _, frame, _ in read.values()]
        failed = side_by_side(looked_at, [expected[name] for name in read])
        of_each = dict(zip(read, failed, strict=True))
        for column in block:
            if column.name not in read:
                alike = matching.proposed.get(column.name)
                found += _of_no_column(expected[column.name], column, len(table), alike)
                continue
            header = matching.headers[column.name]
            values[column.name], frame, said = read[column.name]
            found += said
            as_written = frame[column.name + AS_WRITTEN]
            of_files = brought.failures(values[column.name], column)
            trapped = () if column.file else traps(table.columns[header], column)
            for failure in (*of_each[column.name], *of_files, *trapped):
                room = max(FEWEST_VALUES, MOST_FINDINGS - len(found))
                found += _grouped(failure, column, as_written, table.line_numbers, room)
                if failure.meta["severity"] == "refuse" and len(failure.positions):
                    lines = table.line_numbers[failure.positions]
                    marks.append(Mark(header, column, failure.meta["mistake"], lines))
    return values, marks


def _blocks(contract: Contract, rows: int) -> Iterator[tuple[Column, ...]]:
    """Part the columns, in their order, into those that are checked at once: alike, and few cells together."""
    answers = {one.name for one in contract.answer.as_columns()}
    most = max(1, BLOCK_CELLS // max(1, rows))

    def kind_of_column(column: Column) -> tuple[object, ...]:
        alone = column.name if column.identifier or column.name in answers else ""
        bounds = column.at_least, column.at_most, column.inferred
        return alone, column.kind, column.choices, column.required, bounds

    for _, alike in groupby(contract.all_columns, kind_of_column):
        columns = tuple(alike)
        yield from (columns[at : at + most] for at in range(0, len(columns), most))


def _read(
    table: Table, column: Column, matching: Matching, fitting: Fitting
) -> tuple[pd.Series, pd.DataFrame, list[Finding]]:
    """Return a column typed, the frame that the suite looks at, and what is said of its unit."""
    held = table.columns[matching.headers[column.name]]
    hers = fitting.words.get(column.name, {})
    reads = column.model_copy(update={"words": {**column.words, **hers}})
    typed = type_cells(held, reads, fitting.read_as.decimal)
    typed, said = _in_its_unit(typed, column, matching.units.get(column.name))
    return typed.values, _looked_at(column, held, typed), said  # noqa: PD011  a field, not a frame


def _of_no_column(
    expected: "list[Expectation]", column: Column, rows: int, alike: str | None
) -> list[Finding]:
    """Return what is said of a column that is not there: it is asked for, and nothing else."""
    there = [one for one in expected if one.meta["mistake"] == "no column"]
    return [
        finding(column, "no column", found=alike, technical=failure.expectation)
        for failure in failures(pd.DataFrame(index=range(rows)), there)
    ]


def _in_its_unit(typed: Typed, column: Column, unit: str | None) -> tuple[Typed, list[Finding]]:
    """Return a column's numbers in the contract's unit, and what the expert is told of that."""
    if unit is None or column.unit is None or same_unit(unit, column.unit):
        return typed, []
    technical = f"{unit} to {column.unit}, molar mass {column.molar_mass}"
    if column.kind == "time":
        return typed, [finding(column, "other unit", found=unit, technical=technical)]
    try:
        numbers = typed.values.astype("float64")  # noqa: PD011  a field, not a frame
        turned = converted(numbers, unit, column.unit, column.molar_mass)
        if column.kind == "integer":
            turned = turned.astype("Int64")
    except (NotConvertible, TypeError):  # what is no whole number any more has no integer type
        return typed, [finding(column, "other unit", found=unit, technical=technical)]
    said = finding(column, "unit turned", severity="warn", found=unit, technical=technical)
    return replace(typed, values=turned), [said]


def _looked_at(column: Column, held: Any, typed: Typed) -> pd.DataFrame:
    """Return the frame that the suite looks at: one column typed, written, and unread."""
    # Only in text can what is no number be told from what is blank.
    numbers = pa.types.is_float64(held.type) and not typed.unread.any()
    written = held.to_pandas() if numbers else as_series(column_as_text(held))
    return pd.DataFrame(
        {
            column.name: typed.values,  # noqa: PD011  a field, not a frame
            column.name + AS_WRITTEN: written.mask(typed.blank) if typed.blank.any() else written,
            column.name + UNREAD: written.where(typed.unread),
        },
        copy=False,  # otherwise pandas copies all columns of a kind into one block
    )


def _grouped(
    failure: Failure, column: Column, written: pd.Series, lines: Lines, room: int
) -> list[Finding]:
    """Return one finding for each value that fails, in the file's order; after `room`, one for the rest."""
    mistake, severity = failure.meta["mistake"], failure.meta["severity"]
    if not len(failure.positions):
        return [finding(column, mistake, severity=severity, technical=failure.expectation)]
    # Missing cells group under "": by itself, factorize leaves them out.
    failing = column_as_text(pa.array(written.iloc[failure.positions], from_pandas=True))
    codes, texts = pd.factorize(as_series(failing))
    by_value = lines[failure.positions][np.argsort(codes, kind="stable")]
    *listed, rest = np.split(by_value, np.cumsum(np.bincount(codes))[:room])
    found = [
        finding(
            column,
            mistake,
            severity=severity,
            lines=where,
            found=str(text) or None,
            technical=failure.expectation,
        )
        for text, where in zip(texts[:room], listed, strict=True)
    ]
    if len(rest):
        found.append(remainder(found[-1], column, values=len(texts) - room, lines=np.sort(rest)))
    return found
