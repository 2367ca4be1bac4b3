"""What a trial is judged by: inputs, answers as they were locked, predictions, and what was said."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pandas as pd

from capsule_blocks.ledger import Ledger
from capsule_blocks.tables import Trial
from capsule_flows.caveats import Recorded
from capsule_flows.home import Resources
from capsule_flows.judgement import Judgement
from capsule_flows.judging import judge
from capsule_flows.recorded import recorded_of
from capsule_flows.said import HARMS, NOTHING_SAID, Preferences, Said, Word, said_of
from capsule_kit.errors import ModelFailed
from capsule_kit.manifest import Manifest
from capsule_kit.predictions import PREDICTIONS_FILE, read_predictions
from capsule_kit.receipt import CASE_ID

MOST_REJUDGED = 20_000
"""Trials of more cases stay as they were judged."""
WORDS: tuple[Word, ...] = get_args(Word)


@dataclass(frozen=True)
class Evidence:
    """All that a judgement is made of but for what the expert says."""

    inputs: pd.DataFrame
    answers: pd.DataFrame
    predictions: pd.DataFrame
    manifest: Manifest
    began: datetime
    """When the trial was submitted."""
    recorded: Recorded | None = None
    """How cases and answers came about; None where nobody knows."""

    def judge(self, said: Said = NOTHING_SAID) -> tuple[Judgement, pd.DataFrame]:
        """Judge it, as often as anybody says something else."""
        tables = (self.inputs, self.answers, self.predictions)
        return judge(*tables, self.manifest, said, self.recorded)


def evidence_of(resources: Resources, trial: Trial, results: Path | None) -> Evidence:
    """Return what a trial is judged by; `results` is the folder that its run left.

    Raises:
        ModelFailed: there are no predictions that can be judged.
    """
    if results is None or not (results / PREDICTIONS_FILE).is_file():
        raise ModelFailed("the run ended well but left no predictions")
    if trial.case_set_id is None or trial.answers_revision_id is None:
        raise ModelFailed(f"it ran on {trial.case_set_name!r}, which is no case set of the store")
    case_set = resources.ledger.case_set_by_id(trial.case_set_id)
    answers = resources.ledger.answers_revision(trial.answers_revision_id)
    release = resources.ledger.release(trial.release_id)
    if case_set is None or answers is None or release is None:
        message = f"The ledger lacks what trial {trial.flow_run_id} refers to."
        raise LookupError(message)
    manifest = Manifest.model_validate(release.manifest)
    inputs = resources.store.inputs(case_set.inputs_hash)
    predictions = read_predictions(
        results / PREDICTIONS_FILE, inputs[CASE_ID], manifest.contract.answer
    )
    known: pd.DataFrame = resources.store.answers(case_set.inputs_hash, answers.answers_hash)
    recorded = recorded_of(resources.ledger, trial)
    return Evidence(inputs, known, predictions, manifest, trial.at, recorded)


def evidence_again(resources: Resources, trial: Trial) -> Evidence | None:
    """Return what a judged trial can be judged by again; None of too many cases, or where its results are gone."""
    case_set = trial.case_set_id and resources.ledger.case_set_by_id(trial.case_set_id)
    if not case_set or case_set.cases > MOST_REJUDGED:
        return None
    results = resources.store.results(trial.flow_run_id)
    if results is None or not (results / PREDICTIONS_FILE).is_file():
        return None
    return evidence_of(resources, trial, results)


def said_by(ledger: Ledger, trial: Trial, by: str) -> Said:
    """Return what a person has said of the trial's capsule, and of the trial's cases."""
    revisions = [
        (one.at, Preferences.model_validate(one.said))
        for one in ledger.preferences(trial.capsule, by)
    ]
    own = [one for one in ledger.assessments(trial.flow_run_id) if one.by == by]
    words: dict[str, Any] = {one.case_id: one.word for one in own if one.word in WORDS}
    harms: dict[str, Any] = {one.case_id: one.severity for one in own if one.severity in HARMS}
    return said_of(revisions, trial.at, words, harms)
