"""The deployments of the control side: what needs the ledger or the answers runs here, never in a container."""

import json
from io import BytesIO
from typing import Annotated, Any

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.client.schemas.objects import State, StateType
from prefect.states import Completed
from pydantic import Field

from capsule_flows.home import resources, set_environment
from capsule_flows.receiving import receive_cases
from capsule_flows.releases import find_published, published
from capsule_flows.replaying import Replayed, replay_capsule


@flow(name="replay")
def replay(
    capsule: Annotated[
        str | None, Field(description="One capsule's name; leave it out to replay all.")
    ] = None,
) -> State[Any]:
    """Run every challenge case again on the current release; a broken case makes this run end Failed."""
    set_environment()
    where = resources()
    chosen = [find_published(capsule)] if capsule else published()
    done = [one for each in chosen for one in replay_capsule(where, each, get_run_logger().info)]
    _tell(done)
    broken = sum(one.broken for one in done)
    unjudged = sum(one.comparison is None and one.outcome.kind != "judged" for one in done)
    if broken or unjudged:
        told = [f"{broken} case{'s' * (broken != 1)} broken"] * bool(broken)
        told += [f"{unjudged} case set{'s' * (unjudged != 1)} not judged"] * bool(unjudged)
        return State(type=StateType.FAILED, message=", ".join(told) + ".")
    return Completed(message=f"{len(done)} case sets replayed, nothing broken.")


@flow(name="add-cases")
def add_cases(
    capsule: Annotated[str, Field(description="The capsule's name.")],
    name: Annotated[str, Field(description="What the case set is to be called.", min_length=1)],
    table: Annotated[
        str,
        Field(description="The table, pasted with its header line; answers in their column."),
    ],
    by: Annotated[str, Field(description="Who brings the cases.", min_length=1)],
) -> State[Any]:
    """Check a table of cases, seal its answers, and keep it under a name."""
    set_environment()
    where = resources()
    manifest = find_published(capsule).manifest
    received = receive_cases(
        where, manifest, BytesIO(table.encode()), f"{name}.csv", name=name, by=by
    )
    if received.report and received.report.findings:
        rows = [finding.model_dump(mode="json") for finding in received.report.findings]
        create_table_artifact(table=rows, key="findings", description="What the check found")
    if not received.accepted:
        return State(type=StateType.FAILED, name="DataRefused", message=received.sentence)
    return Completed(message=received.sentence)


def _tell(done: list[Replayed]) -> None:
    lines = [f"- {one.sentence}" for one in done] or ["No challenge cases are kept yet."]
    create_markdown_artifact(
        markdown="\n".join(["# Replay", "", *lines]),
        key="replay",
        description="What became of them",
    )
    rows = [
        {"capsule": one.capsule, "case set": one.case_set, **row}
        for one in done
        if one.cases is not None
        for row in json.loads(one.cases.to_json(orient="records"))
    ]
    if rows:
        create_table_artifact(table=rows, key="replay-cases", description="Case by case")
