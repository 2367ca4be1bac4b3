"""A case, or a whole case set, kept for good or taken back: a row of the ledger, after what is said was checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from capsule_blocks.tables import CaseSet, Kept
from capsule_flows.challenge import (
    ChallengeCase,
    Shelf,
    Sort,
    challenge_cases,
    contracts_of,
    near_duplicates,
)
from capsule_flows.errors import FlowsError
from capsule_flows.home import Resources
from capsule_flows.judged_cases import labels
from capsule_kit.answers import NumberAnswer
from capsule_kit.receipt import CASE_ID


class UnknownCases(FlowsError):
    """The case set has no such cases."""

    exit_code = 64

    def __init__(self, case_set: CaseSet, unknown: Sequence[str]) -> None:
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        super().__init__(
            f"{case_set.name!r} has no case called {', '.join(map(repr, unknown[:3]))}{more}."
            " Name a case as the table names it, or by its case id."
        )


class NoTolerance(FlowsError):
    """A tolerance was said that cannot be one."""

    exit_code = 64

    def __init__(self, why: str) -> None:
        super().__init__(f"The tolerance cannot be kept: {why}.")


@dataclass(frozen=True)
class KeepAs:
    """What is said of cases that are kept."""

    reason: str
    critical: bool = False
    shelf: Shelf = "open"
    sort: Sort = "typical"
    tolerance: float | None = None
    """How far a number may be from the answer, as the contract counts it; None for the declared one."""
    withdrawn: bool = False
    """Whether they are taken back instead."""


def keep_cases(
    resources: Resources,
    case_set: CaseSet,
    said: KeepAs,
    *,
    by: str,
    cases: Sequence[str] | None = None,
) -> Kept:
    """Keep these cases of a case set, by their ids or names; the whole of it without `cases`.

    Raises:
        UnknownCases: the case set does not hold one of them.
        NoTolerance: it is not above 0, or the answer is no number.
    """
    _insist_on_tolerance(resources, case_set, said.tolerance)
    row = Kept(
        case_set_id=case_set.id,
        case_ids=None if cases is None else _ids(resources, case_set, cases),
        shelf=said.shelf,
        sort=said.sort,
        critical=said.critical,
        tolerance=said.tolerance,
        withdrawn=said.withdrawn,
        reason=said.reason,
        by=by,
    )
    resources.ledger.add(row)
    return row


def pointed_out(resources: Resources, capsule: str) -> list[tuple[ChallengeCase, ...]]:
    """Return the groups of the capsule's challenge cases that are nearly the same."""
    cases = {one.case_id: one for one in challenge_cases(resources, capsule)}
    contracts = contracts_of(resources, capsule)
    tables: dict[str | None, list[pd.DataFrame]] = {}
    for inputs_hash, contract_hash in sorted(
        {(one.inputs_hash, one.contract_hash) for one in cases.values()}
    ):
        inputs = resources.store.inputs(inputs_hash)
        own = {one.source_id for one in cases.values() if one.inputs_hash == inputs_hash}
        contract = contracts.get(contract_hash)
        kept = inputs[inputs[CASE_ID].isin(own)]
        tables.setdefault(contract.identifier if contract else None, []).append(kept)
    found = []
    for identifier, each in tables.items():
        both = pd.concat(each, ignore_index=True)
        both[CASE_ID] = both[CASE_ID].str[:16]
        found += near_duplicates(both, identifier)
    return [tuple(cases[one] for one in group) for group in found]


def _ids(resources: Resources, case_set: CaseSet, wanted: Sequence[str]) -> list[str]:
    inputs = resources.store.inputs(case_set.inputs_hash)
    contract = contracts_of(resources, case_set.capsule).get(case_set.contract_hash)
    names = labels(inputs, contract.identifier if contract else None)
    by_name: dict[str, list[str]] = {}
    for name, case_id in zip(names, inputs[CASE_ID], strict=True):
        by_name.setdefault(str(name), []).append(str(case_id))
    known = set(inputs[CASE_ID])
    unknown = [one for one in wanted if one not in known and one not in by_name]
    if unknown:
        raise UnknownCases(case_set, unknown)
    found = [each for one in wanted for each in ([one] if one in known else by_name[one])]
    return list(dict.fromkeys(found))


def _insist_on_tolerance(resources: Resources, case_set: CaseSet, tolerance: Any) -> None:
    if tolerance is None:
        return
    contract = contracts_of(resources, case_set.capsule).get(case_set.contract_hash)
    if contract is not None and not isinstance(contract.answer, NumberAnswer):
        raise NoTolerance("the answer is no number")
    if not tolerance > 0:
        raise NoTolerance("it must be above 0")
