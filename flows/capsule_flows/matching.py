"""The file's headers become the contract's columns: by the same name, or by one that reads the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from capsule_kit.contract import Contract


@dataclass(frozen=True)
class Matching:
    """Which header stands for which column of the contract."""

    headers: Mapping[str, str]
    """Contract column, the answer's included → the file's header."""
    unmatched: tuple[str, ...]
    """Contract columns that no header stands for, in the contract's order."""
    unused: tuple[str, ...]
    """Headers that stand for no column, in the file's order."""


def match(headers: Sequence[str], contract: Contract) -> Matching:
    """Match exact names first, then names alike but for case, spaces, hyphens and underscores.

    A loose name is taken only where one header alone is left that it fits.
    """
    wanted = [*(column.name for column in contract.columns), contract.answer.column]
    found = {name: name for name in wanted if name in headers}
    for name in wanted:
        if name in found:
            continue
        taken = set(found.values())
        alike = [h for h in headers if h not in taken and _loosely(h) == _loosely(name)]
        if len(alike) == 1:
            found[name] = alike[0]
    used = set(found.values())
    return Matching(
        headers=found,
        unmatched=tuple(name for name in wanted if name not in found),
        unused=tuple(header for header in headers if header not in used),
    )


def _loosely(name: str) -> str:
    return "".join(sign for sign in name.casefold() if not sign.isspace() and sign not in "_-")
