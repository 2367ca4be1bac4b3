"""The deployments of the control side: what needs the ledger or the answers runs here, never in a container."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Annotated, Any

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.client.schemas.objects import State, StateType
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import Field

from capsule_flows.home import resources, set_environment
from capsule_flows.new_releases import to_be_replayed
from capsule_flows.next_known import ahead
from capsule_flows.receiving import receive_cases
from capsule_flows.releases import find_next, find_published, published
from capsule_flows.replay_rounds import replay_all
from capsule_flows.replay_telling import artifacts, state_of, tell_news
from capsule_flows.replaying import Why


@flow(name="replay")
def replay(
    capsule: Annotated[
        str | None, Field(description="One capsule's name; leave it out to replay all.")
    ] = None,
    why: Annotated[
        Why, Field(description="What it belongs to: a night has one round, a release too.")
    ] = "command",
    next_version: Annotated[  # noqa: FBT002  Prefect gives it by name
        bool,
        Field(
            description="Of that capsule the newer version that is made ready and not taken yet."
        ),
    ] = False,
) -> State[Any]:
    """Run every challenge case on the current release; a critical case that broke makes this run end Failed."""
    set_environment()
    where = resources()
    if capsule and next_version:
        made = find_next(capsule)
        known = ahead(where.ledger, capsule)
        chosen = [made] if made and made.release().id in known else []
    else:
        chosen = [find_published(capsule)] if capsule else published()
    if why == "release" and not next_version:
        chosen = to_be_replayed(where, chosen)
    due = flow_run.scheduled_start_time or datetime.now(UTC)
    done = replay_all(where, chosen, why=why, moment=due, tell=get_run_logger().info)
    for one in chosen:
        tell_news(where, one.manifest.name)
    headline, rows = artifacts(where, done)
    create_markdown_artifact(markdown=headline, key="replay", description="What became of them")
    if rows:
        create_table_artifact(table=rows, key="replay-cases", description="Case by case")
    return state_of(done)


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
