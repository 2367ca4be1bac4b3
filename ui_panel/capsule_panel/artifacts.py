"""What Prefect keeps with a flow run: its artifacts, read from the server, shown as escaped HTML."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import Artifact

from capsule_flows.wording import count
from capsule_panel import markup

ROWS = 50


async def artifacts_of(flow_run_id: UUID) -> list[Artifact]:
    """Return the flow run's own artifacts, oldest first."""
    async with get_client() as client:
        found = await client.read_artifacts(
            artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[flow_run_id]))
        )
    return sorted(found, key=lambda one: str(one.created))


def shown(artifact: Artifact) -> str:
    """Return one artifact behind a line with its name."""
    title = " — ".join(part for part in (artifact.key, artifact.description) if part)
    return markup.folded(title or str(artifact.type), _content(artifact.type, artifact.data))


def _content(kind: str | None, data: object) -> str:
    if kind == "progress" and isinstance(data, int | float):
        return markup.paragraph(f"{data:.0f} %")
    if kind == "table":
        return _table(data)
    if kind == "markdown" and isinstance(data, str):
        return markup.author_text(data)
    return f"<pre>{escape(data if isinstance(data, str) else json.dumps(data, indent=1))}</pre>"


def _table(data: object) -> str:
    rows: Any = json.loads(data) if isinstance(data, str) else data
    if isinstance(rows, Mapping):
        rows = [
            dict(zip(rows, values, strict=False)) for values in zip(*rows.values(), strict=False)
        ]
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows) or not rows:
        return f"<pre>{escape(json.dumps(rows, indent=1))}</pre>"
    headers = [str(header) for header in rows[0]]
    cells = [
        ["" if row.get(header) is None else str(row[header]) for header in headers]
        for row in rows[:ROWS]
    ]
    more = len(rows) - ROWS
    left_out = markup.paragraph(f"and {count(more, 'row')} more", "quiet") if more > 0 else ""
    return markup.table(headers, cells) + left_out
