"""One capsule's page: what it needs, your cases, the settings, Run."""

import asyncio
from collections.abc import Sequence
from html import escape

import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_flows.home import Resources
from capsule_flows.permission import Visitor
from capsule_flows.releases import Published
from capsule_flows.trial_words import NOBODYS
from capsule_panel import access, markup
from capsule_panel.about import about_html
from capsule_panel.attempts_view import attempts_html
from capsule_panel.frame import control, html, page, section
from capsule_panel.sharing_view import for_the_author
from capsule_panel.trying import Desk
from capsule_panel.words import when

EARLIER, LOOKED_THROUGH = 20, 500


def view() -> pmui.Page:
    """Return the page of the capsule that the address names."""
    name = (pn.state.session_args.get("name") or [b""])[0].decode(errors="replace")

    async def fill() -> Sequence[Viewable]:
        visitor = await access.insist("open capsule", name)
        published = await asyncio.to_thread(access.find_for, visitor, name)
        resources = await asyncio.to_thread(control)
        came = next((one for one in visitor.shares if one.capsule == name), None)
        desk = Desk(resources, published, came.settings if came else {})
        await desk.refresh_case_sets()
        desk.begin_with(came.case_set if came else None)
        earlier = await asyncio.to_thread(_earlier, resources, name, visitor)
        told = await asyncio.to_thread(attempts_html, resources.ledger, published.manifest, visitor)
        not_taken = [section(html(told))] if told else []
        await desk.go_on_with((pn.state.session_args.get("upload") or [b""])[0])
        return [
            _about(published),
            *desk.sections(),
            section(html(earlier)),
            *not_taken,
            *await for_the_author(resources, published, visitor, desk.settings),
        ]

    return page("Capsule", fill)


def _about(published: Published) -> Viewable:
    manifest = published.manifest
    head = f'<p class="quiet">{markup.link("/", "All models")}</p><h1>{escape(manifest.title)}</h1>'
    return section(html(head + about_html(manifest)))


def _earlier(resources: Resources, name: str, visitor: Visitor) -> str:
    trials = [
        one
        for one in resources.ledger.trials(name, limit=LOOKED_THROUGH)
        if one.door not in NOBODYS and access.allowed(visitor, "see trial", one)
    ][:EARLIER]
    outcomes = resources.ledger.outcomes([trial.flow_run_id for trial in trials])
    items = [
        f"<li>{markup.link(f'/trial?id={trial.flow_run_id}', f'{when(trial.at)}, {trial.by}')}: "
        f"{markup.text(ended.sentence if (ended := outcomes.get(trial.flow_run_id)) else 'Going on.')}"
        "</li>"
        for trial in trials
    ]
    return "<h2>Earlier trials</h2>" + (
        f"<ul>{''.join(items)}</ul>" if items else markup.paragraph("None yet.", "quiet")
    )
