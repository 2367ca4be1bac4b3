"""What became of each case that an expert called wrong: how later trials of the same model answered it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from uuid import UUID

import numpy as np
import pandas as pd

from capsule_blocks.tables import Assessment, Trial
from capsule_flows.home import Resources
from capsule_flows.judged_cases import within
from capsule_flows.next_known import ahead
from capsule_flows.trial_words import BEHAVIOUR, JUDGED
from capsule_kit.answers import Answer, ClassAnswer, NoAnswer, NumberAnswer
from capsule_kit.manifest import Manifest
from capsule_kit.receipt import CASE_ID

MOST_TRIALS = 60
"""How many of a model's newest trials are looked through."""

Fate = Literal["mended", "still wrong", "wrong again", "cannot be told", "not tried since"]


@dataclass(frozen=True)
class Later:
    """How one later trial answered the case."""

    trial: Trial
    prediction: str
    """Empty where there was none."""
    right: bool | None
    """None where nobody said what would be right."""


@dataclass(frozen=True)
class Became:
    """One case that was called wrong, and what became of it."""

    said: Assessment
    tried: Trial
    """The trial after which it was called wrong."""
    case: str
    """The case as the expert knows it."""
    prediction: str
    """What the model had said."""
    later: tuple[Later, ...]
    """Judged trials after it in which the case was among the cases, oldest first."""

    @property
    def fate(self) -> Fate:
        """Where it stands, by the newest later trial."""
        known = [one.right for one in self.later]
        if not known:
            return "not tried since"
        if known[-1] is None:
            return "cannot be told"
        if known[-1]:
            return "mended"
        return "wrong again" if True in known else "still wrong"


def became(resources: Resources, words: Sequence[Assessment]) -> list[Became]:
    """Return what became of the cases of these words, in their order; a trial that is gone is left out."""
    ledger = resources.ledger
    trials = {one.flow_run_id: ledger.trial(one.flow_run_id) for one in words}
    capsules = {trial.capsule for trial in trials.values() if trial}
    judged = {name: _judged_trials(resources, name) for name in capsules}
    table = _tables(resources, {one.case_id for one in words})
    answer, corrected = _answers(resources), _corrected(resources)
    found = []
    for one in words:
        trial = trials[one.flow_run_id]
        row = table(one.flow_run_id).get(one.case_id)
        if trial is None or row is None:
            continue
        after = [later for later in judged[trial.capsule] if later.at > trial.at]
        rows = ((later, table(later.flow_run_id).get(one.case_id)) for later in after)
        meant = one.corrected or corrected(trial.case_set_id).get(one.case_id)
        answered = tuple(
            Later(
                later, _text(there["prediction"]), is_right(there, meant, answer(later.release_id))
            )
            for later, there in rows
            if there is not None
        )
        found.append(
            Became(one, trial, _text(row["case"]), _text(row["prediction"]), later=answered)
        )
    return found


def is_right(row: Mapping[str, Any], meant: str | None, answer: Answer | None) -> bool | None:
    """Say whether a judged case is right by what its expert said it should be, else by its locked answer.

    `answer` is what the release declared: a number is right within its tolerance. None where that
    is not known, or where what is right cannot be told of one case alone.
    """
    if meant is None:
        return None if pd.isna(row["right"]) else bool(row["right"])
    if pd.isna(row["prediction"]):
        return False
    if isinstance(answer, NumberAnswer):
        try:
            should, said = (np.array([float(text)]) for text in (_point(meant), row["prediction"]))
        except ValueError:
            return None
        return bool(within(said, should, answer)[0])
    return _text(row["prediction"]) == meant if isinstance(answer, ClassAnswer | NoAnswer) else None


def _answers(resources: Resources) -> Callable[[str], Answer | None]:
    """Return what gives the answer that a release declared, each read once."""

    @cache
    def declared(release_id: str) -> Answer | None:
        release = resources.ledger.release(release_id)
        return Manifest.model_validate(release.manifest).contract.answer if release else None

    return declared


def _corrected(resources: Resources) -> Callable[[UUID | None], Mapping[str, str]]:
    """Return what gives the answers to a case set as they stand now, where they were ever corrected."""

    @cache
    def answers(case_set_id: UUID | None) -> Mapping[str, str]:
        cases = case_set_id and resources.ledger.case_set_by_id(case_set_id)
        latest = cases and resources.ledger.latest_answers(cases.id)
        if not cases or not latest or latest.revision == 1:
            return {}
        known = resources.store.answers(cases.inputs_hash, latest.answers_hash)
        told = known[known["answer"].notna()]
        return dict(zip(told[CASE_ID].astype(str), map(_text, told["answer"]), strict=True))

    return answers


def _point(number: str) -> str:
    return number.replace(",", ".")


def _judged_trials(resources: Resources, capsule: str) -> list[Trial]:
    found = resources.ledger.trials(capsule, limit=MOST_TRIALS)
    not_taken = ahead(resources.ledger, capsule)
    # A behaviour check runs the same cases again without their answers.
    trials = [one for one in found if one.door != BEHAVIOUR and one.release_id not in not_taken]
    outcomes = resources.ledger.outcomes([trial.flow_run_id for trial in trials])
    kept = [one for one in trials if (end := outcomes.get(one.flow_run_id)) and end.kind == JUDGED]
    return kept[::-1]


def _tables(
    resources: Resources, case_ids: set[str]
) -> Callable[[UUID], Mapping[str, Mapping[str, Any]]]:
    """Return what gives a trial's rows of these cases, each table read once."""
    read: dict[UUID, Mapping[str, Mapping[str, Any]]] = {}

    def rows(flow_run_id: UUID) -> Mapping[str, Mapping[str, Any]]:
        if flow_run_id not in read:
            judged = resources.store.judged(flow_run_id)
            kept = (
                []
                if judged is None
                else judged[judged["case_id"].isin(case_ids)].to_dict("records")
            )
            read[flow_run_id] = {
                str(one["case_id"]): {str(key): one[key] for key in one} for one in kept
            }
        return read[flow_run_id]

    return rows


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
