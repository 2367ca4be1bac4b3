"""The challenge cases of a capsule as they stand: what was kept for good, the newest word on each holding."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

import numpy as np
import pandas as pd

from capsule_blocks.sealing import ANSWER
from capsule_blocks.tables import AnswersRevision, CaseSet, Kept
from capsule_flows.case_ids import DIGITS
from capsule_flows.home import Resources
from capsule_flows.judged_cases import labels
from capsule_kit.contract import Contract
from capsule_kit.manifest import Manifest
from capsule_kit.receipt import CASE_ID, ROW

Shelf = Literal["open", "sealed"]
Sort = Literal["typical", "rare", "trick"]
SHELVES: tuple[Shelf, ...] = get_args(Shelf)
SORTS: tuple[Sort, ...] = get_args(Sort)
ALIKE_DIGITS = 3
"""Numbers that are the same to so many significant digits make two cases near-duplicates."""


@dataclass(frozen=True)
class ChallengeCase:
    """One case that is replayed on every version."""

    case_id: str
    """The hash of what it holds; the same for the same case in two case sets."""
    source_id: str
    """Its id within its case set, where it may stand again as `-2`."""
    case: str
    """What it is called: its identifier, or its row."""
    case_set_id: UUID
    answers_revision_id: UUID | None
    """The answers of its case set as they stand now."""
    answer: Any
    """The answer now, a text or a number; None where there is none."""
    inputs_hash: str
    contract_hash: str
    """The contract that its case set was checked against when it came."""
    shelf: Shelf
    sort: Sort
    critical: bool
    tolerance: float | None
    """How far a number may be from the answer, as the contract counts it; None for the declared one."""
    reason: str
    by: str
    """Who kept it."""
    owner: str | None
    """Whose the case set is, where people have accounts."""
    kept_at: datetime


def challenge_cases(resources: Resources, capsule: str) -> list[ChallengeCase]:
    """Return the capsule's challenge cases, by their ids; a case kept twice is one, as said last."""
    ledger = resources.ledger
    contracts = contracts_of(resources, capsule)
    words: dict[UUID, list[Kept]] = {}
    for row in ledger.kept(capsule):
        words.setdefault(row.case_set_id, []).append(row)
    newest: dict[str, tuple[Kept, ChallengeCase]] = {}
    for case_set_id, rows in words.items():
        case_set = ledger.case_set_by_id(case_set_id)
        assert case_set is not None
        contract = contracts.get(case_set.contract_hash)
        for row, case in _of_case_set(resources, case_set, rows, contract):
            there = newest.get(case.case_id)
            if there is None or there[0].at <= row.at:
                newest[case.case_id] = row, case
    return [newest[name][1] for name in sorted(newest) if not newest[name][0].withdrawn]


def standing(rows: Sequence[Kept], case_ids: Sequence[str]) -> dict[str, Kept]:
    """Return the newest word on each case of a case set that anything was said of; `rows` oldest first."""
    known, found = set(case_ids), {}
    for row in rows:
        said = case_ids if row.case_ids is None else [one for one in row.case_ids if one in known]
        found.update(dict.fromkeys(said, row))
    return found


def contracts_of(resources: Resources, capsule: str) -> dict[str, Contract]:
    """Return every contract that a release of the capsule had, by its hash."""
    return {
        row.contract_hash: Manifest.model_validate(row.manifest).contract
        for row in resources.ledger.releases(capsule)
    }


def near_duplicates(inputs: pd.DataFrame, identifier: str | None) -> list[tuple[str, ...]]:
    """Return the groups of cases that differ by their identifier alone, or by numbers that round alike.

    `inputs` has one row a case: `case_id`, `row`, then the contract's columns.
    """
    given = inputs.drop(columns=[CASE_ID, ROW, *([identifier] if identifier in inputs else [])])
    if given.empty:
        return []
    alike = given.apply(lambda values: _rounded(values).astype("string").fillna(""))
    keys = pd.util.hash_pandas_object(alike, index=False)
    groups = inputs[CASE_ID].groupby(keys.to_numpy(), sort=False)
    return [tuple(ids) for _, ids in groups if len(ids) > 1]


def _of_case_set(
    resources: Resources, case_set: CaseSet, rows: Sequence[Kept], contract: Contract | None
) -> Iterator[tuple[Kept, ChallengeCase]]:
    """Yield each case that something was said of, a repeated row once, with the newest word on it."""
    inputs = resources.store.inputs(case_set.inputs_hash)
    revision = resources.ledger.latest_answers(case_set.id)
    answers = _answers(resources, case_set, revision)
    names = labels(inputs, contract.identifier if contract else None)
    named = dict(zip(inputs[CASE_ID], names, strict=True))
    for source_id, row in standing(rows, list(inputs[CASE_ID])).items():
        answer = answers.get(source_id)
        yield (
            row,
            ChallengeCase(
                case_id=source_id[:DIGITS],
                source_id=source_id,
                case=str(named[source_id]),
                case_set_id=case_set.id,
                answers_revision_id=revision.id if revision else None,
                answer=None if pd.isna(answer) else answer,
                inputs_hash=case_set.inputs_hash,
                contract_hash=case_set.contract_hash,
                shelf="sealed" if row.shelf == "sealed" else "open",
                sort=next((one for one in SORTS if one == row.sort), "typical"),
                critical=row.critical,
                tolerance=row.tolerance,
                reason=row.reason,
                by=row.by,
                owner=case_set.owner,
                kept_at=row.at,
            ),
        )


def _answers(
    resources: Resources, case_set: CaseSet, revision: AnswersRevision | None
) -> Mapping[str, Any]:
    if revision is None:
        return {}
    known = resources.store.answers(case_set.inputs_hash, revision.answers_hash)
    return dict(zip(known[CASE_ID], known[ANSWER].tolist(), strict=True))


def _rounded(values: pd.Series) -> pd.Series:
    if not pd.api.types.is_float_dtype(values):
        return values
    numbers = values.to_numpy(float, na_value=np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.floor(np.log10(np.abs(numbers)))
    step = np.power(10.0, np.where(np.isfinite(size), size, 0) - (ALIKE_DIGITS - 1))
    return pd.Series(np.round(numbers / step) * step, index=values.index).round(12)
