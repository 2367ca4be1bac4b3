"""What became of each case that an expert called wrong: how later trials of the same model answered it."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import pandas as pd

from capsule_blocks.tables import Assessment, Trial
from capsule_flows.home import Resources
from capsule_flows.settling import JUDGED

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
    found = []
    for one in words:
        trial = trials[one.flow_run_id]
        row = table(one.flow_run_id).get(one.case_id)
        if trial is None or row is None:
            continue
        after = [later for later in judged[trial.capsule] if later.at > trial.at]
        rows = ((later, table(later.flow_run_id).get(one.case_id)) for later in after)
        answered = tuple(
            Later(later, _text(there["prediction"]), is_right(there, one.corrected))
            for later, there in rows
            if there is not None
        )
        found.append(
            Became(one, trial, _text(row["case"]), _text(row["prediction"]), later=answered)
        )
    return found


def is_right(row: Mapping[str, Any], corrected: str | None) -> bool | None:
    """Say whether a judged case is right, by what the expert said it should be, else by its answer."""
    prediction = row["prediction"]
    if corrected is None:
        return None if pd.isna(row["right"]) else bool(row["right"])
    if isinstance(prediction, int | float) and not pd.isna(prediction):
        try:
            meant = float(corrected.replace(",", "."))
        except ValueError:
            return None
        # What is right within the declared tolerance of her answer is told by the answer alone.
        return math.isclose(prediction, meant, rel_tol=1e-3)
    return _text(prediction) == corrected


def _judged_trials(resources: Resources, capsule: str) -> list[Trial]:
    trials = resources.ledger.trials(capsule, limit=MOST_TRIALS)
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
