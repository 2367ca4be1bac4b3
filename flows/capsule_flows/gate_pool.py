"""The cases of a release that are evidence for its gate: each once, by its first prediction.

A case that is run again until it is right counts as it was first; one that stands twice in a table
counts once. docs/gate.md says which cases are left out, and why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from sqlmodel import col, select

from capsule_blocks.tables import Outcome, Trial
from capsule_flows.case_ids import DIGITS
from capsule_flows.evidence import said_by
from capsule_flows.home import Resources
from capsule_flows.judgement import Judgement
from capsule_flows.judging import judge
from capsule_flows.said import Said, Word
from capsule_flows.training_likeness import compared
from capsule_flows.trial_words import BEHAVIOUR, JUDGED, MODEL_FAILED_KIND, REPLAY
from capsule_kit.answers import NoAnswer
from capsule_kit.manifest import Manifest
from capsule_kit.predictions import SCORE
from capsule_kit.receipt import CASE_ID
from capsule_kit.trial_flow import EXAMPLE

Judged = tuple[Judgement, pd.DataFrame]
"""A judgement and its cases."""


@dataclass(frozen=True)
class LeftOut:
    """Cases that are no evidence, by their ids."""

    sealed: frozenset[str]
    example: frozenset[str]
    replayed: Mapping[str, str]
    """Of the replay's trials these alone count, each with who brought it: kept as whole case sets, so
    not chosen for being hard."""


@dataclass(frozen=True)
class Pool:
    """Cases of one release that count, as a judgement takes them."""

    inputs: pd.DataFrame
    answers: pd.DataFrame
    predictions: pd.DataFrame
    words: Mapping[str, Word]
    persons: tuple[str, ...]
    """Who brought them."""
    failed_trials: int
    """Trials in which the model failed as a whole."""
    trained_on: int
    """Cases left out because the model was trained on them."""
    example: int
    """Cases left out because they are the author's example."""

    def judged(self, manifest: Manifest) -> Judged | None:
        """Judge them all at once; None where there is none."""
        if self.inputs.empty:
            return None
        # Where answers are known, nobody leaves a case out of the gate by a word on it.
        known = not isinstance(manifest.contract.answer, NoAnswer)
        said = Said() if known else Said(words=self.words)
        return judge(self.inputs, self.answers, self.predictions, manifest, said)


def pool_of(
    resources: Resources,
    release_id: str,
    manifest: Manifest,
    settings: Mapping[str, Any] | None,
    left_out: LeftOut,
) -> Pool:
    """Return the cases that a release's trials show; `settings` are those in use, None for any."""
    ledger = resources.ledger
    asked = select(Trial).where(Trial.release_id == release_id, Trial.door != BEHAVIOUR)
    trials = ledger.rows(asked.order_by(col(Trial.at)))
    outcomes = ledger.outcomes([one.flow_run_id for one in trials])
    ended = [(one, end) for one in trials if (end := outcomes.get(one.flow_run_id))]
    used = [(one, end) for one, end in ended if _as_used(one, end, settings)]
    parts, persons, example = _parts(resources, used, left_out)
    failed = sum(end.kind == MODEL_FAILED_KIND for _, end in used)
    pool = replace(_together(parts), persons=persons, failed_trials=failed, example=example)
    return _without_trained_on(pool, manifest)


@dataclass(frozen=True)
class _Part:
    """What one trial adds."""

    inputs: pd.DataFrame
    judged: pd.DataFrame
    words: Mapping[str, Word]


def _parts(
    resources: Resources, used: Sequence[tuple[Trial, Outcome]], left_out: LeftOut
) -> tuple[list[_Part], tuple[str, ...], int]:
    parts: list[_Part] = []
    persons: dict[str, None] = {}
    seen: set[str] = set()
    example: set[str] = set()
    for trial, outcome in used:
        judged = resources.store.judged(trial.flow_run_id) if outcome.kind == JUDGED else None
        case_set = resources.ledger.case_set_by_id(trial.case_set_id) if trial.case_set_id else None
        if judged is None or case_set is None:
            continue
        inputs = resources.store.inputs(case_set.inputs_hash)
        ids = inputs[CASE_ID].str[:DIGITS]
        example |= set(ids) & left_out.example
        counts = ~ids.isin(seen | left_out.sealed | left_out.example) & ~ids.duplicated()
        if trial.door == REPLAY:
            counts &= ids.isin(left_out.replayed)
        there = list(ids[counts])
        seen |= set(there)
        by = [left_out.replayed[one] if trial.door == REPLAY else case_set.by for one in there]
        persons |= dict.fromkeys(by)
        words = said_by(resources.ledger, trial, trial.by).words
        parts.append(_Part(inputs[counts], judged, words))
    return parts, tuple(persons), len(example)


def _as_used(trial: Trial, outcome: Outcome, settings: Mapping[str, Any] | None) -> bool:
    if settings is None:
        return True
    written = (outcome.provenance or {}).get("settings")
    if written is None:
        return {**settings, **trial.settings} == settings
    return bool(written == settings)


def _together(parts: Sequence[_Part]) -> Pool:
    judged = [one.judged[one.judged[CASE_ID].isin(one.inputs[CASE_ID])] for one in parts]
    inputs, table = _stacked([one.inputs for one in parts]), _stacked(judged)
    return Pool(
        inputs=inputs,
        answers=table.reindex(columns=[CASE_ID, "answer", *_there(table, "event")]),
        predictions=table.reindex(columns=[CASE_ID, "prediction", SCORE]),
        words={case_id[:DIGITS]: word for one in parts for case_id, word in one.words.items()},
        persons=(),
        failed_trials=0,
        trained_on=0,
        example=0,
    )


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    filled = [one for one in frames if len(one)]
    whole = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame({CASE_ID: []})
    return whole.assign(**{CASE_ID: whole[CASE_ID].astype("str").str[:DIGITS]})


def _there(table: pd.DataFrame, name: str) -> list[str]:
    return [name] if name in table else []


def _without_trained_on(pool: Pool, manifest: Manifest) -> Pool:
    if manifest.profile is None or pool.inputs.empty:
        return pool
    seen = compared(pool.inputs, manifest.contract, manifest.profile)["trained_on"]
    seen = seen.fillna(value=False).astype(bool)
    return replace(pool, inputs=pool.inputs[~seen], trained_on=int(seen.sum()))


def example_cases(resources: Resources, capsule: str) -> frozenset[str]:
    """Return the ids of the author's own example cases."""
    case_set = resources.ledger.case_set(capsule, EXAMPLE)
    if case_set is None:
        return frozenset()
    return frozenset(resources.store.inputs(case_set.inputs_hash)[CASE_ID].str[:DIGITS])
