"""Gathers the report of a judged trial from the ledger and the store."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pandas as pd

from capsule_blocks.tables import Assessment
from capsule_flows.behaviour import known
from capsule_flows.behaviour_checks import BehaviourCheck
from capsule_flows.behaviour_judging import Behaved
from capsule_flows.behaviour_words import asked
from capsule_flows.case_files import tamed
from capsule_flows.caveats import caveats
from capsule_flows.errors import FlowsError
from capsule_flows.evidence import evidence_again, said_by
from capsule_flows.experts import Experts, experts
from capsule_flows.home import Resources
from capsule_flows.judgement import Judgement
from capsule_flows.recorded import recorded_of
from capsule_flows.report import (
    MOST_CASES,
    Asked,
    Behaviour,
    Case,
    Data,
    Model,
    Report,
    Run,
    Signed,
)
from capsule_flows.report_items import ITEMS
from capsule_flows.report_page import page_of
from capsule_flows.report_pictures import Picture, pictures
from capsule_flows.side_by_side import Side, judged_side
from capsule_kit.contract import Contract
from capsule_kit.manifest import Manifest

SHOWN_TO_ALL = ("case_id", "row", "case", "prediction", "score")


class NoCases(FlowsError):
    """The store has no table of the trial's cases."""

    def __init__(self, flow_run_id: UUID) -> None:
        super().__init__(
            f"The store has no cases of trial {flow_run_id} to report. Restore the store, or run it again."
        )


@dataclass(frozen=True)
class Reported:
    """A report with what only some of its forms hold."""

    report: Report
    drawings: tuple[Picture, ...]
    table: pd.DataFrame
    """All cases, disagreements first; without answers only what the model was asked and said."""

    def html(self) -> str:
        """Return the one file that can be mailed."""
        return page_of(self.report, self.drawings)

    def json(self) -> str:
        """Return the report by its published schema."""
        return self.report.model_dump_json(indent=1)

    def csv(self) -> str:
        """Return all cases as a table that no spreadsheet takes for formulas."""
        return str(self.table.map(_tame).to_csv(index=False))


FORMS: Mapping[str, Callable[[Reported], str]] = {
    "html": Reported.html,
    "json": Reported.json,
    "csv": Reported.csv,
}


def report_of(
    resources: Resources, flow_run_id: UUID, *, made_by: str, with_answers: bool
) -> Reported:
    """Return the report of a judged trial; without answers neither they nor what reveals them is in it.

    Raises:
        UnknownTrial, NotJudged: there is no such trial, or it was not judged.
        NoCases: the store no longer holds its cases.
    """
    side = judged_side(resources, flow_run_id)
    manifest = Manifest.model_validate(side.release.manifest)
    judgement, cases = _judged(resources, side)
    said = resources.ledger.assessments(flow_run_id)
    report = Report(
        made_at=datetime.now(UTC),
        made_by=made_by,
        with_answers=with_answers,
        model=_model(side, manifest),
        run=_run(resources, side),
        data=_data(side, manifest),
        judgement=judgement,
        caveats=caveats(
            recorded_of(resources.ledger, side.trial), profiled=manifest.profile is not None
        ),
        cases=_cases(cases.head(MOST_CASES), said, with_answers=with_answers),
        cases_elsewhere=max(0, len(cases) - MOST_CASES),
        table_url=f"{resources.app_url}/report?id={flow_run_id}&form=csv",
        experts=_experts(said, with_answers=with_answers),
        behaviour=_behaviour(resources, side, manifest.contract),
        verdicts=tuple(
            Signed.model_validate(one, from_attributes=True)
            for one in resources.ledger.verdicts(flow_run_id=flow_run_id)
        ),
        items=ITEMS,
    )
    return Reported(
        report,
        tuple(pictures(judgement, cases, manifest.contract.answer, with_answers=with_answers)),
        cases if with_answers else cases[[name for name in cases if name in SHOWN_TO_ALL]],
    )


def _judged(resources: Resources, side: Side) -> tuple[Judgement, pd.DataFrame]:
    """Return the judgement and its cases by what whoever ran the trial has said until now.

    Where it cannot be judged again, as it was settled.
    """
    trial = side.trial
    evidence = evidence_again(resources, trial)
    if evidence is not None:
        return evidence.judge(said_by(resources.ledger, trial, trial.by))
    cases = resources.store.judged(trial.flow_run_id)
    if cases is None:
        raise NoCases(trial.flow_run_id)
    return Judgement.model_validate(side.outcome.judgement), cases


def _tame(value: object) -> object:
    return tamed(value) if isinstance(value, str) else value


def _experts(said: list[Assessment], *, with_answers: bool) -> Experts | None:
    found = experts([(one.by, one.case_id, one.word) for one in said])
    if found is None or with_answers:
        return found
    return found.model_copy(update={"disputed": ()})


def _model(side: Side, manifest: Manifest) -> Model:
    written: dict[str, Any] = side.outcome.provenance or {}
    release = side.release
    return Model(
        capsule=manifest.name,
        title=manifest.title,
        does=manifest.page.does,
        needs=manifest.page.needs,
        limits=manifest.page.limits,
        release=release.id,
        image=written.get("image_id") or release.image,
        code_version=release.code_version,
        contract_hash=release.contract_hash,
        settings_hash=release.settings_hash,
        model_hash=written.get("model_hash"),
        python=written.get("python"),
        platform=written.get("platform"),
        packages=written.get("packages") or {},
    )


def _run(resources: Resources, side: Side) -> Run:
    trial = side.trial
    written: dict[str, Any] = side.outcome.provenance or {}
    return Run(
        trial=str(trial.flow_run_id),
        by=trial.by,
        door=trial.door,
        at=trial.at,
        ended_at=side.outcome.ended_at,
        settings=written.get("settings") or trial.settings,
        predictions_hash=side.outcome.predictions_hash,
        url=resources.trial_url(trial.flow_run_id),
    )


def _data(side: Side, manifest: Manifest) -> Data:
    cases, answers = side.cases, side.answers
    contract = manifest.contract
    return Data(
        case_set=side.trial.case_set_name,
        cases=cases.cases if cases else 0,
        brought_by=cases.by if cases else "",
        brought_at=cases.at if cases else None,
        inputs_hash=cases.inputs_hash if cases else None,
        answers_hash=answers.answers_hash if answers else None,
        answers_revision=answers.revision if answers else None,
        answers_by=answers.by if answers else None,
        answers_at=answers.at if answers else None,
        answer=contract.answer.meaning,
        columns=tuple(
            Asked.model_validate(one, from_attributes=True)
            for one in (*contract.columns, *contract.answer.as_columns())
        ),
    )


def _behaviour(resources: Resources, side: Side, contract: Contract) -> tuple[Behaviour, ...]:
    """Return the checks of these cases that ran on this trial's release with its settings."""
    trial = side.trial
    return tuple(
        Behaviour(
            asked=asked(BehaviourCheck.model_validate(one.behaviour.asked), contract),
            trial=str(run.flow_run_id),
            by=run.by,
            at=run.at,
            sentence=found.sentence,
            behaved=None if found.found is None else Behaved.model_validate(found.found),
        )
        for one in known(resources, trial.case_set_id)
        for run, found in one.runs
        if found is not None
        and (run.release_id, run.settings) == (trial.release_id, trial.settings)
    )


def _cases(table: pd.DataFrame, said: list[Assessment], *, with_answers: bool) -> tuple[Case, ...]:
    words: dict[str, list[str]] = {}
    for one in said:
        why = f": {one.reason}" if one.reason else ""
        words.setdefault(one.case_id, []).append(f"{one.word} ({one.by}{why})")
    plain = table.astype(object).where(table.notna(), None)
    hidden = {} if with_answers else dict.fromkeys(("answer", "right", "cost"))
    return tuple(
        Case(
            **{
                name: row.get(name)
                for name in (
                    "case_id",
                    "row",
                    "case",
                    "answer",
                    "prediction",
                    "score",
                    "right",
                    "cost",
                )
            }
            | hidden,
            words=tuple(words.get(row["case_id"], ())) if with_answers else (),
        )
        for row in plain.to_dict("records")
    )
