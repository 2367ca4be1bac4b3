"""What must be asked about a file that does not fit: headers, units, words; what an answer decides. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from capsule_flows.drafting import Draft
from capsule_flows.findings import allowed
from capsule_flows.fitting import Fitting
from capsule_flows.grouping import COLUMNS_LISTED
from capsule_kit.columns import DIMENSIONLESS, Column
from capsule_kit.manifest import Manifest

WORDS_ASKED = 12
"""So many unknown words of a column are asked about; with more, it is another column."""
NOBODY = "not in my file"
AS_WRITTEN = "leave as it is"

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Question:
    """One thing to ask about a file."""

    about: Literal["header", "unit", "word"]
    column: str
    """The contract's column."""
    of: str
    """The header whose unit, or the word whose meaning, is asked; "" where a header is."""
    label: str
    options: Mapping[str, str | None] | None
    """What can be chosen, by what is shown; None where it is written."""
    answer: str | None
    """What holds now."""
    said: str
    proposed: str | None = None
    """A header that is perhaps the right one."""

    @property
    def key(self) -> Key:
        """The same as long as the same is asked."""
        return (self.about, self.column, self.of)


def questions(draft: Draft, manifest: Manifest) -> list[Question]:
    """Return what this file needs to be asked, as it is fitted now."""
    columns, perhaps = contract_columns(manifest), perhaps_another_unit(draft)
    matching = draft.report.matching
    if len(perhaps) > COLUMNS_LISTED:  # then it is not the unit of each
        perhaps = set()
    units = [
        _unit(draft, columns[name], header)
        for name, header in matching.headers.items()
        if name in matching.units or name in perhaps
    ]
    words = [
        _word(draft, one, word) for one in columns.values() for word in unknown_words(draft, one)
    ]
    asked = in_question(draft, manifest)
    decided = {*matching.headers, *draft.fitting.headers}
    open_ones = [one.name for one in asked if one.name not in decided][:COLUMNS_LISTED]
    headers = [_header(draft, one) for one in asked if one.name in {*decided, *open_ones}]
    return [*headers, *units, *words]


def answered(asked: Question, answer: str | None, manifest: Manifest, now: Fitting) -> Fitting:
    """Return what is decided with an answer, given what was decided before."""
    if asked.about == "header":
        return now.model_copy(update={"headers": {**now.headers, asked.column: answer}})
    if asked.about == "unit":
        wanted = contract_columns(manifest)[asked.column].unit or ""
        unit = (answer or "").strip() or wanted
        return now.model_copy(update={"units": {**now.units, asked.of: unit}})
    said = {
        word: means for word, means in now.words.get(asked.column, {}).items() if word != asked.of
    }
    if answer is not None:
        said[asked.of] = answer
    return now.model_copy(update={"words": {**now.words, asked.column: said}})


def contract_columns(manifest: Manifest) -> Mapping[str, Column]:
    """Return the columns of her table by name, the answer's included."""
    contract = manifest.contract
    return {one.name: one for one in contract.all_columns}


def in_question(draft: Draft, manifest: Manifest) -> list[Column]:
    """Return the columns whose header is missing, or was not simply the same name."""
    matching = draft.report.matching
    return [
        one
        for name, one in contract_columns(manifest).items()
        if name in matching.unmatched or matching.why.get(name) in ("synonym", "chosen")
    ]


def perhaps_another_unit(draft: Draft) -> set[str]:
    """Return the columns of which most numbers are out of bounds, as they are in another unit."""
    return {
        mark.column.name
        for mark in draft.report.marks
        if mark.mistake == "bounds" and 2 * len(mark.lines) > len(draft.table)
    }


def unknown_words(draft: Draft, one: Column) -> list[str]:
    """Return the words of a column that are no choice, with those that she gave a meaning already."""
    if one.kind != "choice":
        return []
    found = [
        finding.found
        for finding in draft.report.findings
        if finding.column == one.name and finding.mistake == "choices" and finding.found
    ]
    given = list(draft.fitting.words.get(one.name, {}))
    return list(dict.fromkeys([*given, *found])) if len(found) <= WORDS_ASKED else given


def _header(draft: Draft, one: Column) -> Question:
    matching = draft.report.matching
    taken, proposed = matching.headers.get(one.name), matching.proposed.get(one.name)
    perhaps = proposed if proposed and not taken else None
    return Question(
        about="header",
        column=one.name,
        of="",
        label=f"Your column for “{one.name}”",
        options={NOBODY: None} | {header: header for header in draft.table.columns},
        answer=taken,
        said=one.meaning + (f" Perhaps it is your “{perhaps}”?" if perhaps else ""),
        proposed=perhaps,
    )


def _unit(draft: Draft, one: Column, header: str) -> Question:
    units, wanted = draft.report.matching.units, one.unit or ""
    into = "a plain number" if wanted == DIMENSIONLESS else wanted
    asked = f"Most numbers are out of bounds. If they are not in {into}, write what they are in."
    return Question(
        about="unit",
        column=one.name,
        of=header,
        label=f"The unit of your “{header}”",
        options=None,
        answer=units.get(one.name, wanted),
        said=f"It is turned into {into} for the model." if one.name in units else asked,
    )


def _word(draft: Draft, one: Column, word: str) -> Question:
    return Question(
        about="word",
        column=one.name,
        of=word,
        label=f"“{word}” in “{one.name}” means",
        options={AS_WRITTEN: None} | {choice: choice for choice in one.choices},
        answer=draft.fitting.words.get(one.name, {}).get(word),
        said=f"Allowed: {allowed(one)}.",
    )
