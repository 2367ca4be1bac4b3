"""What must be asked about a file that does not fit: headers, units, words. Pure."""

from collections.abc import Mapping

from capsule_flows.drafting import Draft
from capsule_kit.columns import Column
from capsule_kit.manifest import Manifest

WORDS_ASKED = 12
"""So many unknown words of a column are asked about; with more, it is another column."""


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


def perhaps_another_unit(draft: Draft, name: str) -> bool:
    """Say whether most numbers of a column are out of bounds, as they are in another unit."""
    marked = sum(
        len(mark.lines)
        for mark in draft.report.marks
        if mark.column.name == name and mark.mistake == "bounds"
    )
    return 2 * marked > len(draft.table)


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
