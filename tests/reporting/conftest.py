"""Judged trials in a real ledger and a real store, without a Prefect server."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pandas as pd
import pytest

from capsule_blocks.tables import AnswersRevision, CaseSet, Check, Outcome, Release, Trial, now
from capsule_flows.home import Resources
from capsule_flows.judging import judge
from capsule_kit.manifest import Manifest
from capsule_kit.provenance import Provenance
from judgement.examples import class_manifest, tables

M, B = "malignant", "benign"
Try = Callable[..., UUID]


@pytest.fixture
def where(resources: Resources) -> Resources:
    """Give an empty ledger and an empty store, at the addresses of a start."""
    return replace(resources, app_url="http://127.0.0.1:5006", prefect_ui="http://127.0.0.1:4200")


@pytest.fixture
def tried(where: Resources) -> Try:
    """Give what adds a judged trial: answers, predictions, then what is to differ."""

    def add(
        answers: Sequence[object],
        predictions: Sequence[object],
        scores: Sequence[float] | None = None,
        *,
        manifest: Manifest | None = None,
        release: str = "r1",
        cases: str = "Monday",
        settings: dict[str, object] | None = None,
        by: str = "Ada",
    ) -> UUID:
        manifest = manifest or class_manifest()
        inputs, known, predicted = tables(answers, predictions, scores)
        sealed = where.store.seal(inputs, known, manifest.contract.hash)
        _release(where, release, manifest)
        case_set, locked = _case_set(where, cases, sealed, manifest, by)
        judgement, judged = judge(inputs, known, predicted, manifest)
        trial = Trial(
            flow_run_id=uuid4(),
            release_id=release,
            capsule=manifest.name,
            case_set_id=case_set.id,
            case_set_name=cases,
            answers_revision_id=locked.id,
            settings=settings or {},
            door="app",
            by=by,
        )
        where.ledger.add(
            trial,
            Outcome(
                flow_run_id=trial.flow_run_id,
                kind="judged",
                sentence=judgement.headline,
                judgement=judgement.model_dump(mode="json"),
                provenance=_provenance(manifest, sealed.inputs_hash, len(inputs), settings or {}),
                predictions_hash="b" * 64,
                ended_at=now(),
            ),
        )
        where.store.save_judged(trial.flow_run_id, judged)
        return trial.flow_run_id

    return add


def _release(where: Resources, name: str, manifest: Manifest) -> None:
    if where.ledger.release(name) is None:
        where.ledger.add(
            Release(
                id=name,
                capsule=manifest.name,
                deployment_id="d1",
                image="sha256:" + "c" * 64,
                contract_hash=manifest.contract.hash,
                settings_hash="d" * 64,
                code_version="e" * 40,
                entrypoint="example.flow",
                manifest=manifest.model_dump(mode="json"),
            )
        )


def _case_set(where: Resources, name: str, sealed, manifest, by):
    found = where.ledger.case_set(manifest.name, name)
    if found is not None and (locked := where.ledger.latest_answers(found.id)):
        return found, locked
    check = Check(capsule=manifest.name, contract_hash=manifest.contract.hash, accepted=True)
    found = CaseSet(
        capsule=manifest.name,
        name=name,
        inputs_hash=sealed.inputs_hash,
        contract_hash=manifest.contract.hash,
        cases=sealed.cases,
        check_id=check.id,
        by=by,
    )
    locked = AnswersRevision(
        case_set_id=found.id, answers_hash=sealed.answers_hash, reason="brought", by=by
    )
    where.ledger.add(check, found, locked)
    return found, locked


def _provenance(
    manifest: Manifest, inputs_hash: str, cases: int, settings: dict[str, object]
) -> dict[str, object]:
    moment = datetime(2026, 11, 25, 12, tzinfo=UTC)
    return Provenance(
        capsule=manifest.name,
        image_id="sha256:" + "c" * 64,
        code_version="e" * 40,
        contract_hash=manifest.contract.hash,
        model_hash="f" * 64,
        inputs_hash=inputs_hash,
        cases=cases,
        settings=settings,
        seed=None,
        packages={"pandas": "3.1.1"},
        python="3.11.2",
        platform="Linux",
        loaded_at=moment,
        started_at=moment,
        ended_at=moment,
    ).model_dump(mode="json")


def judged_table(where: Resources, trial: UUID) -> pd.DataFrame:
    """Return the trial case by case."""
    table = where.store.judged(trial)
    assert table is not None
    return table
