"""The registry's models beside their capsules, on the author's page: what waits first, and how to go on."""

import asyncio
from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

import panel_material_ui as pmui

import panel as pn
from capsule_blocks.registered_models import Models
from capsule_flows.home import Resources
from capsule_flows.next_preparing import being_built
from capsule_flows.registry_overview import NO_CAPSULE, NOTHING, ModelLine, Overview, overview
from capsule_flows.releases import Published
from capsule_flows.wording import count
from capsule_panel import markup
from capsule_panel.frame import errors_in, html, section
from capsule_panel.words import when

HEADERS = ("Model", "Newest version", "Its capsule", "The gate", "Verdicts", "What waits for you")

ROOM = "5.5em"
"""So that no name is broken in the middle of a word for the sake of a sentence."""


class RegistryView:
    """The models, and a field that narrows them down."""

    def __init__(
        self, resources: Resources, places: Sequence[Models], published: Sequence[Published]
    ) -> None:
        self._resources, self._places, self._published = resources, places, published
        self._search = pmui.TextInput(
            label="Only models whose name holds", width=320, margin=(4, 0, 12, 0)
        )
        self._search.param.watch(self._on_search, "value_input")
        self._table = html(markup.paragraph("Asking the registry …", "quiet"))
        self._found = Overview(())

    async def load(self) -> None:
        """Ask every place for its models."""
        with errors_in(self._table):
            self._found = await asyncio.to_thread(self._ask)
            self._table.object = overview_html(self._found, self._search.value_input or "")

    def view(self) -> pn.Column:
        """Return it on one sheet."""
        return section(html("<h2>Models in the registry</h2>"), self._search, self._table)

    def _ask(self) -> Overview:
        building = being_built(self._resources)
        ledger = self._resources.ledger
        return overview(ledger, self._places, self._published, building=building)

    def _on_search(self, _: object) -> None:
        with errors_in(self._table):
            self._table.object = overview_html(self._found, self._search.value_input or "")


def overview_html(found: Overview, text: str) -> str:
    """Return the models whose name holds a text, as a table; what could not be read comes first."""
    problems = "".join(markup.problem(one) for one in found.problems)
    lines = [one for one in found.lines if text.casefold() in one.model.casefold()]
    if not lines:
        none = "No model is called so." if text else "There is no model here yet."
        return problems + markup.paragraph(none, "quiet")
    waiting = sum(one.waits != NOTHING for one in lines)
    told = f"{count(len(lines), 'model')}, something waits for {waiting or 'none'} of them."
    head = "".join(f'<th scope="col" style="min-width:{ROOM}">{one}</th>' for one in HEADERS)
    rows = "".join(_row(one) for one in lines)
    return (
        problems
        + markup.paragraph(told, "quiet")
        + f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(one: ModelLine) -> str:
    version = "none"
    if one.version is not None:
        said = [f"{when(one.at)}" if one.at else "", f"by {escape(one.by)}" if one.by else ""]
        version = f"{escape(one.version)}{_quiet(', '.join(filter(None, said)))}"
    capsule = '<span class="quiet">none</span>'
    if one.capsule is not None:
        state = "released" if one.is_released else "not released"
        link = markup.link(f"/capsule?name={one.capsule}", one.capsule)
        capsule = f"{link}{_quiet(f'of version {one.of_version}, {state}')}"
    cells = [
        f"{escape(one.model)}{_quiet(escape(', '.join(one.aliases)))}",
        version,
        capsule,
        escape(one.gate or ""),
        escape(one.verdicts),
        _way(one),
    ]
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _way(one: ModelLine) -> str:
    """Return what waits, and the link to where the author goes on."""
    if one.capsule is not None:
        # A capsule that was deployed from elsewhere has no folder here; the page says so.
        there = urlencode({"name": one.capsule})
        link = markup.link(f"/make?{there}", "Edit, build, release, share")
        return f"{escape(one.sentence)}<br>{link}" if one.sentence else link
    if one.address is None or one.waits != NO_CAPSULE:
        return escape(one.sentence)
    address = urlencode({"from": one.address})
    return markup.link(f"/make?{address}", "Create inference capsule", "button")


def _quiet(text: str) -> str:
    return f'<br><span class="quiet">{text}</span>' if text else ""
