"""The door through which a report goes out: GET /report?id=TRIAL&form=html, json, csv or zip."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from capsule_flows.crate import CRATE, written
from capsule_flows.errors import FlowsError, UnknownTrial
from capsule_flows.permission import NotAllowed
from capsule_panel import markup
from capsule_panel.access import Door
from capsule_panel.frame import control

WITHOUT_ANSWERS, WITH_ANSWERS = "without", "with"
ANSWERS = {WITHOUT_ANSWERS: False, WITH_ANSWERS: True}


TYPES: Mapping[str, str] = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    CRATE: "application/zip",
}


class ReportHandler(Door):
    """GET /report?id=TRIAL&form=html|json|csv|zip&answers=with|without."""

    async def get(self) -> None:
        """Send the report as a file; whoever may see the trial may see its answers."""
        asked, form = self.get_query_argument("id", ""), self.get_query_argument("form", "html")
        form = form if form in TYPES else "html"
        answers = ANSWERS.get(self.get_query_argument("answers", ""))
        try:
            flow_run_id = _run_id(asked)
            resources = await asyncio.to_thread(control)
            trial = await asyncio.to_thread(resources.ledger.trial, flow_run_id)
            visitor = await self.insist("see trial", trial)
            made = await asyncio.to_thread(
                written, resources, flow_run_id, form, made_by=visitor.name, answers=answers
            )
        except FlowsError as error:
            self.set_status(403 if isinstance(error, NotAllowed) else 404)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(str(error))
            return
        self.set_header("Content-Type", TYPES[form])
        name = f"report-{flow_run_id}.{form}"
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.finish(made or b"")


def links(flow_run_id: UUID) -> str:
    """Return the links under a trial's result by which its report is taken away."""
    kinds = {
        "The report, one file to mail or print": "form=html",
        "The same without the answers": f"form=html&answers={WITHOUT_ANSWERS}",
        "The same as JSON": "form=json",
        "Everything as a research object (RO-Crate), without the answers": f"form={CRATE}",
        "The same with the answers": f"form={CRATE}&answers={WITH_ANSWERS}",
    }
    items = "".join(
        f"<li>{markup.link(f'/report?id={flow_run_id}&{query}', text)}</li>"
        for text, query in kinds.items()
    )
    return f"<h2>Take it with you</h2><ul>{items}</ul>"


def _run_id(asked: str) -> UUID:
    try:
        return UUID(asked)
    except ValueError as cause:
        raise UnknownTrial(asked) from cause
