"""All challenge cases of a capsule composed into one case set that its current release can be run on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pandas as pd
from sqlmodel import select

from capsule_blocks.replays import Replay
from capsule_blocks.sealing import ANSWER, EVENT
from capsule_blocks.tables import AnswersRevision, CaseSet, Check
from capsule_flows.challenge import ChallengeCase, contracts_of
from capsule_flows.home import Resources
from capsule_flows.refitting import FIRST_LINE, refit
from capsule_flows.replay_changes import BATCH_ID, WHY_NOT
from capsule_flows.unpacking import with_their_files
from capsule_kit.answers import NoAnswer, NumberAnswer
from capsule_kit.contract import Contract, digest
from capsule_kit.manifest import Manifest
from capsule_kit.receipt import CASE_ID, ROW

BY = "replay"
NAME = "challenge-cases-"
REASON = "the answers to the challenge cases as they stood"
CONTRACT_FORGOTTEN = "The contract that it was checked against is no longer known."
ASKED = ("case", "shelf", "sort", "critical", "tolerance", "by", "owner", "reason")
"""What the table of the asked takes from a challenge case as it is."""


@dataclass(frozen=True)
class Batch:
    """What a replay runs."""

    case_set: CaseSet | None
    """The composed case set; None where no case fits the contract."""
    asked: pd.DataFrame
    """A row for each challenge case: case_id, batch_id (its id in the composed case set, blank where
    it does not fit), why_not, case_set_id, answer, of times event, then what was said of it."""


@dataclass(frozen=True)
class _Fitting:
    """The cases of one case set under the contract of today."""

    inputs: pd.DataFrame
    answers: pd.DataFrame
    was: dict[str, str]
    """Id under today's contract → id within the case set."""
    refused: dict[str, str]


@dataclass(frozen=True)
class Together:
    """Challenge cases in one table, under the contract of today."""

    inputs: pd.DataFrame
    """`case_id`, `row`, then the contract's columns; without any but the first where nothing fits."""
    answers: pd.DataFrame
    """`case_id`, `answer`, of times `event`."""
    asked: pd.DataFrame
    """As in `Batch`."""


def together(resources: Resources, manifest: Manifest, cases: Sequence[ChallengeCase]) -> Together:
    """Return the cases that fit the contract as one table, and say which do not."""
    groups = list(_fitting(resources, manifest, cases))
    return Together(
        _rows_of([one.inputs for one in groups]),
        _rows_of([one.answers for one in groups]),
        _asked(cases, groups, manifest.contract),
    )


def compose(resources: Resources, manifest: Manifest, cases: Sequence[ChallengeCase]) -> Batch:
    """Compose the cases into one case set, sealed like every other, and say which do not fit."""
    found = together(resources, manifest, cases)
    if found.inputs.empty:
        return Batch(None, found.asked)
    answers = _under_headers(found.answers, manifest.contract)
    return Batch(_sealed(resources, manifest, found.inputs, answers), found.asked)


def composed_sets(resources: Resources, capsule: str) -> set[UUID]:
    """Return the case sets of a capsule that replays composed: nobody brought them to be tried."""
    replays = resources.ledger.rows(select(Replay).where(Replay.capsule == capsule))
    return {one.case_set_id for one in replays if one.case_set_id is not None}


def what_is_composed(resources: Resources, manifest: Manifest) -> str:
    """Return a hash over all that a batch is composed of: contracts, words and answers, as they stand.

    Words and answers are only ever added, so it never comes back once one of them has changed.
    """
    ledger = resources.ledger
    contracts = {row.contract_hash for row in ledger.releases(manifest.name)}
    words = [one.id for one in ledger.kept(manifest.name)]
    found = (contracts, words, ledger.answers_of_kept(manifest.name))
    return digest([manifest.contract.hash, *(sorted(map(str, one)) for one in found)])


def _fitting(
    resources: Resources, manifest: Manifest, cases: Sequence[ChallengeCase]
) -> Iterator[_Fitting]:
    contracts = contracts_of(resources, manifest.name)
    groups: dict[tuple[Any, ...], list[ChallengeCase]] = {}
    for one in cases:
        key = one.inputs_hash, one.contract_hash, one.case_set_id, one.answers_revision_id
        groups.setdefault(key, []).append(one)
    for (inputs_hash, contract_hash, _, revision_id), group in groups.items():
        keys = {one.source_id: one.case_id for one in group}
        inputs = resources.store.inputs(inputs_hash)
        inputs = inputs[inputs[CASE_ID].isin(keys)].reset_index(drop=True)
        answers = _answers(resources, inputs_hash, revision_id, keys)
        old = contracts.get(contract_hash)
        if resources.store.has_receipt(inputs_hash, manifest.contract.hash):
            renamed = inputs.assign(**{CASE_ID: inputs[CASE_ID].map(keys)})
            known = answers.assign(**{CASE_ID: answers[CASE_ID].map(keys)})
            yield _Fitting(renamed, known, {one: one for one in keys.values()}, {})
        elif old is None:
            why = dict.fromkeys(keys.values(), CONTRACT_FORGOTTEN)
            yield _Fitting(inputs.iloc[:0], answers.iloc[:0], {}, why)
        else:
            given, files = with_their_files(resources.store.files, inputs)
            again = refit(given, answers, old, manifest.contract, files)
            yield _Fitting(
                again.inputs,
                again.answers,
                {new: keys[source] for new, source in again.was.items()},
                {keys[source]: why for source, why in again.refused.items()},
            )


def _answers(
    resources: Resources, inputs_hash: str, revision_id: Any, keys: dict[str, str]
) -> pd.DataFrame:
    revision = revision_id and resources.ledger.answers_revision(revision_id)
    if not revision:
        return pd.DataFrame({CASE_ID: pd.Series(dtype="str"), ANSWER: pd.Series(dtype="str")})
    known = resources.store.answers(inputs_hash, revision.answers_hash)
    return known[known[CASE_ID].isin(keys)].reset_index(drop=True)


def _rows_of(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of all parts by their ids, each once, columns in their plainest types."""
    there = [one for one in parts if not one.empty]
    if not there:
        return pd.DataFrame({CASE_ID: pd.Series(dtype="str"), ANSWER: pd.Series(dtype="str")})
    both = pd.concat(there, ignore_index=True).drop_duplicates(CASE_ID)
    both = both.sort_values(CASE_ID, ignore_index=True)
    if ROW in both:
        both[ROW] = range(FIRST_LINE, FIRST_LINE + len(both))
    return both


def _under_headers(answers: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Return the answers under the contract's own headers, so that they are seen not to be among the inputs."""
    if isinstance(contract.answer, NoAnswer):
        return answers[[CASE_ID, ANSWER]]
    return answers.rename(columns={ANSWER: contract.answer.column})


def _sealed(
    resources: Resources, manifest: Manifest, inputs: pd.DataFrame, answers: pd.DataFrame
) -> CaseSet:
    """Keep the composed cases under a name made of their content, with the answers of now."""
    ledger, contract_hash = resources.ledger, manifest.contract.hash
    sealed = resources.store.seal(inputs, answers, contract_hash)
    name = f"{NAME}{sealed.inputs_hash[:12]}"
    if ledger.case_set(manifest.name, name) is None:
        checked = Check(capsule=manifest.name, contract_hash=contract_hash, accepted=True)
        ledger.add(checked)
        ledger.add_once(
            CaseSet(
                capsule=manifest.name,
                name=name,
                inputs_hash=sealed.inputs_hash,
                contract_hash=contract_hash,
                cases=sealed.cases,
                check_id=checked.id,
                by=BY,
            )
        )
    case_set = ledger.case_set(manifest.name, name)
    assert case_set is not None
    latest = ledger.latest_answers(case_set.id)
    if latest is None or latest.answers_hash != sealed.answers_hash:
        ledger.add_revision(
            AnswersRevision(
                case_set_id=case_set.id, answers_hash=sealed.answers_hash, reason=REASON, by=BY
            )
        )
    return case_set


def _asked(
    cases: Sequence[ChallengeCase], groups: Sequence[_Fitting], contract: Contract
) -> pd.DataFrame:
    batch_ids = {was: new for one in groups for new, was in one.was.items()}
    refused = {case_id: why for one in groups for case_id, why in one.refused.items()}
    answers = _rows_of([one.answers for one in groups]).set_index(CASE_ID)
    ids = [one.case_id for one in cases]
    found = pd.Series([batch_ids.get(one) for one in ids], dtype="string")
    facts = {name: [getattr(one, name) for one in cases] for name in ASKED}
    table = pd.DataFrame(
        {
            CASE_ID: pd.Series(ids, dtype="string"),
            BATCH_ID: found,
            WHY_NOT: pd.Series([refused.get(one) for one in ids], dtype="string"),
            "case_set_id": pd.Series([str(one.case_set_id) for one in cases], dtype="string"),
            ANSWER: answers[ANSWER].reindex(found).array,
            **({EVENT: answers[EVENT].reindex(found).array} if EVENT in answers else {}),
            **facts,
        }
    )
    text = dict.fromkeys(("case", "shelf", "sort", "by", "owner", "reason"), "string")
    table = table.astype({**text, "critical": "bool", "tolerance": "Float64"})
    if not isinstance(contract.answer, NumberAnswer):
        table["tolerance"] = pd.array([None] * len(table), dtype="Float64")
    return table
