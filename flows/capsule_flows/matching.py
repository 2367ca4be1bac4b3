"""The file's headers become the contract's columns: by name, by synonym, or by a person's choice.

What is merely alike is proposed, never taken: two measurements may differ in one word.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from capsule_flows.units import known, same_unit
from capsule_kit.columns import Column
from capsule_kit.contract import Contract

Why = Literal["same name", "same but for its spelling", "synonym", "chosen"]

IN_BRACKETS = re.compile(r"(?P<name>.*?\S)\s*[(\[](?P<unit>[^()\[\]]{1,40})[)\]]\s*")
MOST_PAIRS = 40_000
"""Of more, which take over a second, nobody puts the names right by hand."""
LIKENESS = 0.6
"""From here on difflib's ratio of two names makes one a proposal for the other."""


@dataclass(frozen=True)
class Matching:
    """Which header stands for which column of the contract."""

    headers: Mapping[str, str]
    """Contract column, the answer's included → the file's header."""
    unmatched: tuple[str, ...]
    """Contract columns that no header stands for, in the contract's order."""
    unused: tuple[str, ...]
    """Headers that stand for no column, in the file's order."""
    why: Mapping[str, Why] = field(default_factory=dict)
    """Contract column → why its header was taken."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Contract column → the unit its header names in brackets, where it is another than the contract's."""
    proposed: Mapping[str, str] = field(default_factory=dict)
    """Unmatched column → the unused header most like it."""


def match(
    headers: Sequence[str], contract: Contract, chosen: Mapping[str, str | None] | None = None
) -> Matching:
    """Match the chosen ones, then exact names, then those that read the same, then synonyms.

    Two names read the same if they differ in case, spaces, hyphens, underscores or a unit in
    brackets alone. A loose name is taken only where one header alone is left that it fits.

    Args:
        headers: The file's headers, in its order.
        contract: Whose columns are looked for.
        chosen: Contract column → header, by a person's word; None keeps a column without one.
    """
    wanted = contract.all_columns
    chosen = {name: header for name, header in (chosen or {}).items() if header in (None, *headers)}
    found = {name: header for name, header in chosen.items() if header is not None}
    why: dict[str, Why] = dict.fromkeys(found, "chosen")
    left = [one for one in wanted if one.name not in chosen]
    for reason in ("same name", "same but for its spelling", "synonym"):
        taken = {*found.values()}
        free = dict.fromkeys(header for header in headers if header not in taken)
        for column in left:
            fitting = [] if column.name in found else _fitting(column, reason, free)
            if len(fitting) == 1:
                found[column.name], why[column.name] = fitting[0], reason
                del free[fitting[0]]
    unmatched = tuple(column.name for column in wanted if column.name not in found)
    taken = {*found.values()}
    unused = tuple(header for header in headers if header not in taken)
    return Matching(
        headers=found,
        unmatched=unmatched,
        unused=unused,
        why=why,
        units=_units(found, {column.name: column for column in wanted}),
        proposed=_proposed([one for one in left if one.name in unmatched], unused),
    )


def _fitting(column: Column, reason: Why, headers: Mapping[str, None]) -> list[str]:
    if reason == "same name":
        return [column.name] if column.name in headers else []
    names = [column.name] if reason == "same but for its spelling" else column.synonyms
    if not names:
        return []
    loosely = {_loosely(name) for name in names}
    return [h for h in headers if loosely & {_loosely(h), _loosely(_name_and_unit(h, column)[0])}]


def _name_and_unit(header: str, column: Column) -> tuple[str, str | None]:
    """Return a header as its name and the unit in brackets behind it, for a column that has one."""
    parts = IN_BRACKETS.fullmatch(header)
    if column.unit and parts and (same_unit(parts["unit"], column.unit) or known(parts["unit"])):
        return parts["name"], parts["unit"].strip()
    return header, None


def _units(found: Mapping[str, str], columns: Mapping[str, Column]) -> dict[str, str]:
    units = {}
    for name, header in found.items():
        column = columns[name]
        _, unit = _name_and_unit(header, column)
        if unit and column.unit and header != name and not same_unit(unit, column.unit):
            units[name] = unit
    return units


def _proposed(columns: Sequence[Column], headers: Sequence[str]) -> dict[str, str]:
    """Return the most alike pairs, each header once, the likest first; none where there are too many."""
    if len(columns) * len(headers) > MOST_PAIRS:
        return {}
    pairs = sorted(
        (
            (-_likeness(name, header), column.name, header)
            for column in columns
            for name in (column.name, *column.synonyms)
            for header in headers
        ),
    )
    proposed: dict[str, str] = {}
    for likeness, name, header in pairs:
        if -likeness >= LIKENESS and name not in proposed and header not in proposed.values():
            proposed[name] = header
    return proposed


def _likeness(name: str, header: str) -> float:
    """Return how alike two names are, 0 to 1: of their signs, or of one's words in the other."""
    one, other = _loosely(name), _loosely(header)
    words, others = _words(name), _words(header)
    shared = len(words & others) / max(1, min(len(words), len(others)))
    ratio = difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()
    return max(ratio, 0.9 * shared)


def _words(name: str) -> set[str]:
    return {word for word in re.split(r"[\W_]+", name.casefold()) if word}


def _loosely(name: str) -> str:
    return "".join(sign for sign in name.casefold() if not sign.isspace() and sign not in "_-")
