"""A trial's page: how it goes while it runs, what came out, and what the expert says of it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_flows.errors import UnknownTrial
from capsule_flows.following import read_run
from capsule_panel import access
from capsule_panel.frame import control, page
from capsule_panel.watch import Watch


def view() -> pmui.Page:
    """Return the page of the trial that the address names."""
    asked = (pn.state.session_args.get("id") or [b""])[0].decode(errors="replace")

    async def fill() -> Sequence[Viewable]:
        try:
            flow_run_id = UUID(asked)
        except ValueError as cause:
            raise UnknownTrial(asked) from cause
        resources = await asyncio.to_thread(control)
        await access.insist(
            "see trial", await asyncio.to_thread(resources.ledger.trial, flow_run_id)
        )
        run = await asyncio.to_thread(read_run, flow_run_id)
        watch = Watch(resources, flow_run_id)
        await watch.follow(run)
        return [watch.view]

    return page("Trial", fill)
