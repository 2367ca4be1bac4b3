"""Two trials of a capsule side by side: what became right, what broke, and what was different about them."""

import asyncio
from collections.abc import Sequence
from html import escape
from uuid import UUID

import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_flows.errors import UnknownTrial
from capsule_flows.side_by_side import Side, SideBySide, side_by_side
from capsule_kit.manifest import Manifest
from capsule_panel import access, markup
from capsule_panel.files import compared_links
from capsule_panel.frame import control, html, page, section
from capsule_panel.tables import compared_table
from capsule_panel.words import when


def view() -> pmui.Page:
    """Return the page of the two trials that the address names as `before` and `after`."""
    asked = [
        (pn.state.session_args.get(name) or [b""])[0].decode(errors="replace")
        for name in ("before", "after")
    ]

    async def fill() -> Sequence[Viewable]:
        before, after = (_run_id(one) for one in asked)
        resources = await asyncio.to_thread(control)
        for one in (before, after):
            trial = await asyncio.to_thread(resources.ledger.trial, one)
            await access.insist("see trial", trial)
        return parts(await asyncio.to_thread(side_by_side, resources, before, after))

    return page("Two trials", fill)


def parts(pair: SideBySide) -> list[Viewable]:
    """Return what is shown of a pair."""
    return [
        section(html(head(pair))),
        section(html(differing(pair))),
        section(
            html(
                "<h2>Case by case</h2>"
                + markup.paragraph("What broke comes first, then what was fixed.", "quiet")
            ),
            compared_table(pair.cases),
            html(compared_links(pair.before.trial.flow_run_id, pair.after.trial.flow_run_id)),
        ),
    ]


def head(pair: SideBySide) -> str:
    """Return the sentences, the one that matters most large."""
    first, *more = pair.weighed.sentences
    title = escape(Manifest.model_validate(pair.after.release.manifest).title)
    turned = markup.link(
        f"/compare?before={pair.after.trial.flow_run_id}&after={pair.before.trial.flow_run_id}",
        "The other way round",
    )
    return (
        f"<h1>{title}</h1>"
        f'<div class="two">{_side("Before", pair.before)}{_side("After", pair.after)}</div>'
        f'<p class="headline">{markup.text(first)}</p>{markup.bullets(more)}<p class="quiet">{turned}</p>'
    )


def differing(pair: SideBySide) -> str:
    """Return what differs of release, settings and data."""
    if not pair.differs:
        return "<h2>What differs</h2>" + markup.paragraph(
            "Nothing: the same release, settings, cases and answers. What changed is the model's own chance."
        )
    return "<h2>What differs</h2>" + markup.table(("", "Before", "After"), pair.differs)


def _side(name: str, side: Side) -> str:
    trial = side.trial
    there = markup.link(f"/trial?id={trial.flow_run_id}", side.outcome.sentence)
    about = f"{when(trial.at)}, by {trial.by}, on “{trial.case_set_name}”"
    return f"<div><h2 class=small>{name}</h2><p>{there}</p>{markup.paragraph(about, 'quiet')}</div>"


def _run_id(asked: str) -> UUID:
    try:
        return UUID(asked)
    except ValueError as cause:
        raise UnknownTrial(asked) from cause
