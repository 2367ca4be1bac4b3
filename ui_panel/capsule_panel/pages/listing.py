"""The first page: every capsule, what it does, how its last trial went."""

import asyncio
from collections.abc import Sequence
from html import escape

import panel_material_ui as pmui
from panel.viewable import Viewable

from capsule_flows.home import Resources
from capsule_flows.permission import Visitor
from capsule_flows.releases import Published
from capsule_flows.trial_words import NOBODYS
from capsule_panel import access
from capsule_panel.frame import control, html, page, section
from capsule_panel.markup import author_text, paragraph
from capsule_panel.words import when

LAST = 20
NOTHING_HERE = "No model is here yet. Whoever runs this app adds one with `capsules deploy`."
NOTHING_SHARED = "No model is shared with you now. Its author can share it with you again."


def view() -> pmui.Page:
    """Return the page."""
    return page("Capsules", _fill)


async def _fill() -> Sequence[Viewable]:
    resources = await asyncio.to_thread(control)
    visitor = await access.here()
    known = [
        one
        for one in await asyncio.to_thread(access.published_for, visitor)
        if access.allowed(visitor, "open capsule", one.manifest.name)
    ]
    heads = [await asyncio.to_thread(_last_word, resources, one, visitor) for one in known]
    title = "<h1>Try a model on cases you know</h1>"
    if not known:
        nothing = NOTHING_SHARED if visitor.role == "expert" else NOTHING_HERE
        return [html(title), section(html(paragraph(nothing)))]
    about = (
        "Each of these models is not ready yet. Bring cases whose answers you know, and say whether"
        " it is right."
    )
    return [
        html(title + paragraph(about)),
        *(html(_card(one, head)) for one, head in zip(known, heads, strict=True)),
    ]


def _last_word(resources: Resources, one: Published, visitor: Visitor) -> str:
    trials = [
        trial
        for trial in resources.ledger.trials(one.manifest.name, limit=LAST)
        if trial.door not in NOBODYS and access.allowed(visitor, "see trial", trial)
    ]
    outcomes = resources.ledger.outcomes([trial.flow_run_id for trial in trials])
    for trial in trials:
        if outcome := outcomes.get(trial.flow_run_id):
            return f"Last trial, {when(trial.at)}: {outcome.sentence}"
    mine = visitor.role == "expert"
    return "You have not tried it yet." if mine else "Nobody has tried it yet."


def _card(one: Published, last_word: str) -> str:
    # A link cannot hold the author's own links, so the card's text stands beside it.
    manifest = one.manifest
    return (
        f'<div class="card"><h2><a href="capsule?name={escape(manifest.name)}">'
        f"{escape(manifest.title)}</a></h2>{author_text(manifest.page.does)}"
        f"{paragraph(last_word, 'quiet')}</div>"
    )
