"""One thing the data check says, in the author's words or in a good default's."""

import re
from typing import Any, Literal, get_args

import numpy as np
from pydantic import BaseModel, ConfigDict

from capsule_flows.file_types import MEANT
from capsule_flows.reading_choices import Doubt
from capsule_kit.columns import MISTAKES, Column, Mistake

Severity = Literal["refuse", "warn"]
AboutTheFit = Literal["no column", "extra column", "other unit", "unit turned", "column taken"]
AboutFiles = Literal["no file", "several files", "empty file", "other type"]
Turned = Literal["turned into a date", "turned into a number", "shortened"]
AboutTheRows = Literal[
    "no answer",
    "repeated row",
    "example row",
    "no rows",
    "unlike training",
    "trained on",
    "reading in doubt",
    "unnamed files",
]
FoundMistake = Literal[Mistake, AboutTheRows, AboutTheFit, AboutFiles, Turned]
ABOUT_THE_FIT: tuple[AboutTheFit, ...] = get_args(AboutTheFit)

Lines = np.ndarray[tuple[Any, ...], np.dtype[np.int64]]
"""Lines of the file, ascending, shape (n_rows,)."""

ABOUT_THE_FILE = np.empty(0, dtype=np.int64)
SCIENTIFIC = r"(?i)[0-9](?:[.,][0-9]+)?e\+?[0-9]{1,3}"
ONE_COMMA = r"[+-]?[1-9][0-9]{0,2},[0-9]{3}"
ROWS_SHOWN = 20
BEYOND_A_LIMIT = (*"<>≤≥", "LOD", "LOQ", "BDL", "n.d.")
LONGEST_FOUND = 80


class Finding(BaseModel):
    """The same mistake with the same value in one column, wherever it stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: int | None
    """The first line it stands in, as a spreadsheet counts; None if it is about the file."""
    rows: tuple[int, ...]
    """The first 20 lines it stands in; empty if it is about the file."""
    count: int
    """How many rows it is about, all of them; 0 if it is about the file."""
    column: str | None
    """The contract's column, or the file's header for an extra column."""
    found: str | None
    """What stands in the cell, as written, cut at 80 signs; None if nothing does."""
    mistake: FoundMistake
    """What is wrong; the first five can carry a sentence of the author's."""
    sentence: str
    """What is wrong and what to do, for the expert."""
    severity: Severity
    """Whether the table cannot be used like this, or can."""
    technical: str
    """The expectation that failed, for a developer."""


def finding(
    column: Column,
    mistake: FoundMistake,
    *,
    severity: Severity = "refuse",
    lines: Lines = ABOUT_THE_FILE,
    found: str | None = None,
    technical: str,
) -> Finding:
    """Return the finding on one value of a column, with the sentence that fits."""
    shown = tuple(int(line) for line in lines[:ROWS_SHOWN])
    return Finding(
        row=shown[0] if shown else None,
        rows=shown,
        count=len(lines),
        column=column.name,
        found=None if found is None else _cut(found),
        mistake=mistake,
        sentence=sentence(column, mistake, found),
        severity=severity,
        technical=technical,
    )


def in_doubt(doubt: Doubt) -> Finding:
    """Return the finding that keeps a table from being used until its reading is decided."""
    technical = f"reading in doubt: {doubt.about}"
    return about_rows(
        "reading in doubt",
        doubt.sentence,
        lines=ABOUT_THE_FILE,
        technical=technical,
        severity="refuse",
    )


def about_rows(
    mistake: FoundMistake,
    said: str,
    *,
    lines: Lines,
    technical: str,
    severity: Severity = "warn",
    column: str | None = None,
    found: str | None = None,
) -> Finding:
    """Return a finding about whole rows, or about there being none, in the sentence given."""
    shown = tuple(int(line) for line in lines[:ROWS_SHOWN])
    return Finding(
        row=shown[0] if shown else None,
        rows=shown,
        count=len(lines),
        column=column,
        found=found,
        mistake=mistake,
        sentence=said,
        severity=severity,
        technical=technical,
    )


def remainder(last: Finding, column: Column, *, values: int, lines: Lines) -> Finding:
    """Return the finding that stands for all values which are too many to be listed, after `last`."""
    whole = finding(column, last.mistake, severity=last.severity, lines=lines, technical="")
    more = f"{values:,} more value{'s' * (values != 1)} of “{column.name}”, in {len(lines):,} rows"
    said = f"{more}, fail in the same way and are not listed one by one. Write {allowed(column)}."
    return whole.model_copy(update={"sentence": said, "technical": last.technical})


def sentence(column: Column, mistake: FoundMistake, found: str | None = None) -> str:
    """Return the author's sentence for a mistake, or a default that says what is allowed."""
    if mistake in MISTAKES and mistake in column.says:
        return column.says[mistake]
    if mistake in ABOUT_THE_FIT:
        return _of_the_fit(column, mistake, found)
    name, seen = f"“{column.name}”", f"“{_cut(found or '')}”"
    match mistake:
        case "missing":
            return f"{name} is blank. Write {allowed(column)}."
        case "duplicate":
            return f"{seen} stands in {name} more than once. Give every case a name of its own."
        case "no answer":
            return (
                f"{name} is blank: the case will be run but not judged."
                f" Write {allowed(column)} if you know it."
            )
        case "repeated row":
            return "The same case stands here again. It is counted each time; remove it if unmeant."
        case "turned into a date" | "turned into a number" | "shortened":
            return _of_a_spreadsheet(mistake, name, seen)
        case "no file" | "several files" | "empty file" | "other type":
            return _of_a_file(column, mistake, seen)
        case "kind":
            return _of_the_kind(column, (found or "").strip(), seen)
        case _:
            return f"{seen} cannot stand in {name}. Write {allowed(column)}."


def _of_a_spreadsheet(mistake: FoundMistake, name: str, seen: str) -> str:
    match mistake:
        case "turned into a date":
            return (
                f"{seen} looks like a name that a spreadsheet turned into a date, as it does with"
                f" SEPT7. Look it up where it comes from, and bring {name} as text."
            )
        case "turned into a number":
            return (
                f"{seen} looks like the number by which a spreadsheet stores a day, as where SEPT7"
                f" became one. Look it up where it comes from, and bring {name} as text."
            )
        case _:
            return (
                f"{seen} looks like a long number that a spreadsheet has shortened: its last digits"
                f" are lost. Take {name} from where it comes from again, as text."
            )


def _of_a_file(column: Column, mistake: FoundMistake, seen: str) -> str:
    match mistake:
        case "no file":
            return (
                f"There is no file {seen} among those that came with the table. Pack the table and the"
                f" files that “{column.name}” names into one ZIP archive, or mend the name."
            )
        case "several files":
            return (
                f"More than one file is called {seen}. Write which one, with its folder, such as"
                " day-1/scan.png."
            )
        case "empty file":
            return f"The file {seen} is empty. Bring it again from where it comes from."
        case _:
            return (
                f"The file {seen} is not {MEANT[column.file or 'any']} by its first bytes. Save it as one"
                " where it was made, and bring that."
            )


def of_many_files(column: Column, mistake: FoundMistake) -> str:
    """Say what is wrong with files that a column names, without naming one; nothing of other mistakes."""
    match mistake:
        case "no file":
            return (
                "These files did not come with the table. Pack the table and the files that"
                f" “{column.name}” names into one ZIP archive, or mend the names."
            )
        case "several files":
            return "Each of these names more than one file. Write which ones, with their folders."
        case "empty file":
            return "These files are empty. Bring them again from where they come from."
        case "other type":
            return f"Each of these is to be {MEANT[column.file or 'any']}, and none is by its first bytes."
        case _:
            return ""


def _of_the_kind(column: Column, found: str, seen: str) -> str:
    if found.startswith(BEYOND_A_LIMIT):
        return (
            f"{seen} says only that the value lies beyond a limit of measurement. Write the"
            f" number that your laboratory uses for it, or leave the row out."
        )
    if column.kind == "integer" and re.fullmatch(SCIENTIFIC, found):
        return (
            f"{seen} is a number that a spreadsheet has shortened: its last digits are lost."
            f" Take “{column.name}” from where it comes from again, with all its digits."
        )
    if column.kind in ("number", "integer") and re.fullmatch(ONE_COMMA, found):
        return (
            f"{seen} may have a decimal comma, or be over a thousand. Say which sign stands before"
            f" the decimals, or write {allowed(column)}."
        )
    return f"{seen} cannot stand in “{column.name}”. Write {allowed(column)}."


def _of_the_fit(column: Column, mistake: FoundMistake, found: str | None) -> str:
    name, seen = f"“{column.name}”", f"“{_cut(found or '')}”"
    match mistake:
        case "no column":
            todo = f"Is it your {seen}? Then name it so" if found else "Add it, or rename yours"
            return f"The table has no column {name} ({column.meaning}). {todo}."
        case "other unit":
            return (
                f"The file gives {name} in {found}, which cannot be turned into {column.unit}."
                f" Write {allowed(column)}, or choose the unit your numbers are in."
            )
        case "unit turned":
            return f"{name} is in {found} in your file and was turned into {column.unit}."
        case "column taken":
            return f"Your column {seen} was taken for {name}. Choose another if it is not."
        case _:
            return f"The column {name} is not asked for. It is left out; the model never sees it."


def allowed(column: Column) -> str:
    """Say what may stand in a column's cell, such as `a number from 0 to 5 mm, such as 1.2`."""
    match column.kind:
        case "choice":
            listed = ", ".join(column.choices[:-1])
            return f"{listed} or {column.choices[-1]}" if listed else column.choices[-1]
        case "yes/no":
            return "yes or no"
        case "date":
            return f"a date as year-month-day, such as {column.example}"
        case "text" if column.file:
            meant = MEANT[column.file].partition(" (")[0]
            return f"the name of {meant} that comes with the table, such as {column.example}"
        case "text":
            return f"a text, such as {column.example}"
        case "time":
            unit = f" in {column.unit}" if column.unit else ""
            return (
                f"a time{unit}, with + behind it where it had not happened by then,"
                f" such as {column.example} or {column.example}+"
            )
        case "number" | "integer":
            noun = "a whole number" if column.kind == "integer" else "a number"
            return f"{noun}{_range(column)}, such as {column.example}"


def _range(column: Column) -> str:
    unit = "" if column.unit in (None, "dimensionless") else f" {column.unit}"
    low, high = column.at_least, column.at_most
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}{unit}"
    if low is not None:
        return f" of at least {low:g}{unit}"
    if high is not None:
        return f" of at most {high:g}{unit}"
    return f" in{unit}" if unit else ""


def _cut(found: str) -> str:
    return found if len(found) <= LONGEST_FOUND else found[: LONGEST_FOUND - 1] + "…"
