"""Findings for a person: one mistake in 4,000 rows is one line with a count, not 4,000 lines."""

from collections.abc import Iterable, Sequence
from itertools import chain

from capsule_flows.findings import (
    ROWS_SHOWN,
    Finding,
    FoundMistake,
    Severity,
    allowed,
    of_many_files,
)
from capsule_flows.wording import count
from capsule_kit.columns import Column
from capsule_kit.contract import Contract

LISTED = 3
"""As many different values are listed one by one; more become one line."""

COLUMNS_LISTED = 20
"""The same mistake in as many columns is listed column by column; in more, it is one line."""

IN_DOUBT: FoundMistake = "reading in doubt"

Key = tuple[str | None, FoundMistake, Severity]


def grouped(findings: Sequence[Finding], contract: Contract) -> list[Finding]:
    """Return the findings with many values, or many columns, of one mistake drawn together, in their order."""
    columns = {one.name: one for one in contract.all_columns}
    groups: dict[Key, list[Finding]] = {}
    for one in findings:
        # Columns that nobody asked for are one thing, whatever they are called.
        column = None if one.mistake == "extra column" else one.column
        groups.setdefault((column, one.mistake, one.severity), []).append(one)
    drawn = (
        [_together(group, columns.get(column or ""))]
        if len(group) > LISTED and mistake != IN_DOUBT
        else group
        for (column, mistake, _), group in groups.items()
    )
    return _columns_together(list(chain.from_iterable(drawn)))


def left_to_do(findings: Iterable[Finding]) -> str:
    """Return "1 thing to decide, 2 things to mend" of what refuses a file; "" where nothing does."""
    refusing = [one for one in findings if one.severity == "refuse"]
    doubts = sum(one.mistake == IN_DOUBT for one in refusing)
    said = ((doubts, "to decide"), (len(refusing) - doubts, "to mend"))
    return ", ".join(f"{count(n, 'thing')} {what}" for n, what in said if n)


def only_doubts(findings: Iterable[Finding]) -> bool:
    """Say whether nothing but how the file is to be read refuses it."""
    refusing = [one.mistake for one in findings if one.severity == "refuse"]
    return bool(refusing) and set(refusing) == {IN_DOUBT}


def _together(group: Sequence[Finding], column: Column | None) -> Finding:
    first = group[0]
    if first.mistake == "extra column":
        return _not_asked_for(group)
    lines = sorted(set(_lines(group)))[:ROWS_SHOWN]
    cells = sum(one.count for one in group)
    examples = ", ".join(f"“{one.found}”" for one in group[:LISTED])
    found = f"{examples} and {count(len(group) - LISTED, 'other value')}"
    said = {one.sentence for one in group}
    sentence = first.sentence if len(said) == 1 else _in_general(first, column)
    return first.model_copy(
        update={
            "row": lines[0] if lines else None,
            "rows": tuple(lines),
            "count": cells,
            "found": found,
            "sentence": sentence,
        }
    )


def _not_asked_for(group: Sequence[Finding]) -> Finding:
    said = f"{_columns_of(group)} are not asked for. They are left out; the model never sees them."
    return group[0].model_copy(update={"column": None, "sentence": said})


def _columns_together(findings: Sequence[Finding]) -> list[Finding]:
    alike: dict[Key, list[Finding]] = {}
    for one in findings:
        kind = None if one.column else "about no column"
        alike.setdefault((kind, one.mistake, one.severity), []).append(one)
    many = [
        group for group in alike.values() if len({one.column for one in group}) > COLUMNS_LISTED
    ]
    drawn = {id(one) for group in many for one in group[1:]}
    first = {id(group[0]): _of_many_columns(group) for group in many}
    return [first.get(id(one), one) for one in findings if id(one) not in drawn]


def _of_many_columns(group: Sequence[Finding]) -> Finding:
    lines = sorted(set(_lines(group)))
    alike = len({one.sentence for one in group}) == 1
    of_the_first = "" if alike else f"Of “{group[0].column}”: "
    sentence = f"{_columns_of(group)}. {of_the_first}{group[0].sentence}"
    return group[0].model_copy(
        update={
            "row": lines[0] if lines else None,
            "rows": tuple(lines[:ROWS_SHOWN]),
            # Of each column the first lines are known and how many there are; at least so many it is in all.
            "count": max(len(lines), *(one.count for one in group)),
            "column": None,
            "found": None,
            "sentence": sentence,
        }
    )


def _columns_of(group: Iterable[Finding]) -> str:
    names = list(dict.fromkeys(f"“{one.column}”" for one in group))
    return f"{', '.join(names[:LISTED])} and {count(len(names) - LISTED, 'other column')}"


def _lines(group: Iterable[Finding]) -> Iterable[int]:
    return chain.from_iterable(one.rows for one in group)


def _in_general(first: Finding, column: Column | None) -> str:
    """Say what is wrong without naming one value."""
    if column is None:
        return first.sentence
    if first.mistake == "duplicate":
        return f"Names in “{column.name}” stand there more than once. Give every case its own."
    if said := of_many_files(column, first.mistake):
        return said
    return f"These cannot stand in “{column.name}”. Write {allowed(column)}."
