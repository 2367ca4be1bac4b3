"""The outcome as Prefect artifacts on the trial's own flow run: headline, disagreements, link."""

import json
from collections.abc import Sequence
from uuid import UUID

import pandas as pd
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterKey,
)
from prefect.client.schemas.objects import Artifact

from capsule_blocks.tables import Outcome
from capsule_flows.home import Resources
from capsule_flows.judgement import Judgement
from capsule_flows.prefect_api import prefect_api
from capsule_flows.sealed_shelf import is_sealed

HEADLINE_KEY = "headline"
CASES_KEY = "disagreements-first"
LINK_KEY = "result-page"
SHOWN_CASES = 200
SEALED = "It holds cases of the sealed shelf. Whose they are finds the result in the app."


def publish(resources: Resources, outcome: Outcome, cases: pd.DataFrame | None = None) -> None:
    """Attach the outcome to its flow run; what is there already is left as it is.

    `cases` is the trial's table case by case, where it is at hand; else it is fetched if needed.
    """
    client = prefect_api()
    there = _keys_there(client, outcome.flow_run_id)
    if there == {HEADLINE_KEY, CASES_KEY, LINK_KEY}:
        return
    for artifact in artifacts_of(resources, outcome, cases):
        if artifact.key not in there:
            client.create_artifact(artifact)


def take_down(resources: Resources, case_set_id: UUID) -> None:
    """Take from Prefect's pages what trials of these cases showed before they were sealed."""
    runs = [one.flow_run_id for one in resources.ledger.trials_of_case_set(case_set_id)]
    client = prefect_api()
    for one in _artifacts_there(client, runs) if runs else ():
        client.delete_artifact(one.id)


def artifacts_of(
    resources: Resources, outcome: Outcome, cases: pd.DataFrame | None = None
) -> list[ArtifactCreate]:
    """Return the artifacts that tell this outcome, the headline first; of the cases, the first 200."""
    url = resources.trial_url(outcome.flow_run_id)
    if is_sealed(resources.ledger, resources.ledger.trial(outcome.flow_run_id)):
        return [_artifact(outcome, HEADLINE_KEY, "markdown", SEALED, "On the sealed shelf")]
    plans = [
        (HEADLINE_KEY, "markdown", _headline(outcome), "The result in words"),
        (LINK_KEY, "markdown", f"[Open the result page]({url})", "The expert's page"),
    ]
    cases = resources.store.judged(outcome.flow_run_id) if cases is None else cases
    if cases is not None:
        plans.insert(1, (CASES_KEY, "table", _table(cases), _about(cases)))
    return [_artifact(outcome, *plan) for plan in plans]


def _artifact(outcome: Outcome, key: str, kind: str, data: str, about: str) -> ArtifactCreate:
    return ArtifactCreate(
        key=key, type=kind, data=data, description=about, flow_run_id=outcome.flow_run_id
    )


def _keys_there(client: SyncPrefectClient, flow_run_id: UUID) -> set[str]:
    return {one.key for one in _artifacts_there(client, [flow_run_id]) if one.key}


def _artifacts_there(client: SyncPrefectClient, flow_run_ids: Sequence[UUID]) -> list[Artifact]:
    return client.read_artifacts(
        artifact_filter=ArtifactFilter(
            flow_run_id=ArtifactFilterFlowRunId(any_=list(flow_run_ids)),
            key=ArtifactFilterKey(any_=[HEADLINE_KEY, CASES_KEY, LINK_KEY]),
        )
    )


def _headline(outcome: Outcome) -> str:
    lines = [f"# {outcome.kind.capitalize()}", "", outcome.sentence]
    if outcome.judgement:
        judgement = Judgement.model_validate(outcome.judgement)
        lines += ["", *(f"- {result.sentence}" for result in judgement.criteria)]
    return "\n".join(lines)


def _about(cases: pd.DataFrame) -> str:
    about = "Case by case, disagreements first"
    more = len(cases) - SHOWN_CASES
    return f"{about}; {more:,} more are on the result page" if more > 0 else about


def _table(cases: pd.DataFrame) -> str:
    shown = cases.head(SHOWN_CASES).drop(columns=["case_id"])
    return json.dumps(json.loads(shown.to_json(orient="records", double_precision=6)))
