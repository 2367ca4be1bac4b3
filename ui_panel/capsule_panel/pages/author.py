"""The author's page: every capsule with its release, what is open, who signed, its replays, and the gate's answer."""

import asyncio
from collections.abc import Sequence
from html import escape

import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_flows.author_sees import AuthorSees, ByVersion, author_sees
from capsule_flows.becoming import Became
from capsule_flows.deciding import ask_the_gate
from capsule_flows.gate_facts import Decision
from capsule_flows.home import Resources
from capsule_flows.permission import NotAllowed
from capsule_flows.registry_connection import connected_registry
from capsule_flows.releases import Published, find_published, published
from capsule_flows.wording import count
from capsule_panel import access, gate_view, markup, replay_grid
from capsule_panel.frame import column, control, errors_in, html, page, section
from capsule_panel.registry_view import RegistryView
from capsule_panel.words import when

SHOWN = 8
MOST_NAMED = 20
NOT_ASKED = "The gate was not asked about this capsule yet."


def view() -> pmui.Page:
    """Return the page."""
    return page("For authors", _fill)


async def _fill() -> Sequence[Viewable]:
    visitor = await access.here()
    if visitor.role != "author":
        raise NotAllowed
    resources = await asyncio.to_thread(control)
    known = await asyncio.to_thread(published)
    head = html(
        "<h1>Which models are ready, and what is open</h1>"
        + markup.paragraph("Each model as it is deployed now.", "quiet")
    )
    views = []
    for one in known:
        views.append(made := CapsuleView(resources, one.manifest.name))
        await made.load(one)
    return [head, *await _registry(resources, known), *(one.view() for one in views)]


async def _registry(resources: Resources, known: Sequence[Published]) -> Sequence[Viewable]:
    """Return the connected registry's models; nothing where none is connected."""
    try:
        registry = await asyncio.to_thread(connected_registry)
    except ValueError as cause:
        return [section(html(markup.problem(f"The model registry cannot be used: {cause}.")))]
    if registry is None:
        return []
    models = RegistryView(resources, registry.places(), known)
    # Afterwards: a registry that is away keeps whoever asks for 20 s.
    pn.state.execute(models.load)
    return [models.view()]


class CapsuleView:
    """One capsule, and the button that asks its gate."""

    def __init__(self, resources: Resources, name: str) -> None:
        self._resources, self._name = resources, name
        self._answer, self._rest, self._said = html(), html(), html()
        self._rest.stylesheets = [markup.STYLE, replay_grid.STYLE]
        self._ask = pmui.Button(label="Ask the gate", variant="outlined", margin=(4, 0, 12, 0))
        self._ask.on_click(self._on_ask)

    async def load(self, one: Published) -> None:
        """Show it as it stands."""
        seen = await asyncio.to_thread(author_sees, self._resources, one)
        self._answer.object, self._rest.object = top_html(seen), rest_html(seen)

    def view(self) -> pn.Column:
        """Return it on one sheet."""
        return section(self._answer, self._ask, self._said, column(self._rest))

    async def _on_ask(self, _: object) -> None:
        with errors_in(self._said):
            visitor = await access.insist("ask the gate", self._name)
            self._said.object = markup.paragraph("Asking …", "quiet")
            by = access.name_of(visitor)
            one = await asyncio.to_thread(find_published, self._name)
            await asyncio.to_thread(ask_the_gate, self._resources, one, by=by)
            await self.load(one)
            self._said.object = ""


def top_html(seen: AuthorSees) -> str:
    """Return the capsule's name and the gate's answer."""
    manifest, release = seen.published.manifest, seen.release
    code = f", code {release.code_version[:SHOWN]}" if release.code_version else ""
    title = (
        f'<h2><a href="/capsule?name={escape(manifest.name)}">{escape(manifest.title)}</a></h2>'
        + markup.paragraph(f"Release {release.id[:SHOWN]}{code}. {_champion(seen)}", "quiet")
        + f"<p>{markup.link(f'/make?name={manifest.name}', 'Edit, build, release, share')}</p>"
    )
    if not seen.decided:
        return title + markup.note(NOT_ASKED)
    newest = seen.decided[0]
    current = newest.release_id == release.id
    return title + gate_view.answer_html(newest, current=current) + _since(seen)


def rest_html(seen: AuthorSees) -> str:
    """Return what changed, who signed, what is open and the replays."""
    told = [Decision.model_validate(one.decision) for one in seen.decided[:2]]
    changed = _replay_changed(seen.by_version)
    if len(told) > 1:
        changed += gate_view.changed_html(told[0], told[1])
    return (
        gate_view.overrides_html(seen.overrides)
        + "<h3>What changed since last time</h3>"
        + (changed or markup.paragraph("There is no last time yet.", "quiet"))
        + '<div class="two"><div><h3>Signed verdicts</h3>'
        + gate_view.verdicts_html(seen.verdicts, seen.release.id)
        + "</div><div><h3>Open findings</h3>"
        + _findings(seen.findings)
        + "</div></div><h3>Challenge cases by version</h3>"
        + _grid(seen.by_version)
        + markup.paragraph(_sealed(seen), "quiet")
    )


def _champion(seen: AuthorSees) -> str:
    if seen.champion is None:
        return "No release was let through yet."
    how = "by an override" if seen.champion.override else "by the gate"
    if seen.champion.release_id == seen.release.id:
        return f"It was let through {how}, {when(seen.champion.at)}."
    return f"In use is release {seen.champion.release_id[:SHOWN]}, let through {how}."


def _since(seen: AuthorSees) -> str:
    trials, verdicts = seen.since
    if not trials and not verdicts:
        return ""
    came = f"{count(trials, 'trial')} and {count(verdicts, 'verdict')}"
    return markup.note(f"Since then came {came} of this release: ask again.")


def _findings(found: Sequence[Became]) -> str:
    if not found:
        return markup.paragraph("No case that an expert called wrong is open.", "quiet")
    items = "".join(
        f"<li>{markup.link(f'/trial?id={one.tried.flow_run_id}', one.case)}:"
        f" {escape(one.fate)}; {escape(one.said.by)} said of “{escape(one.prediction)}”:"
        f" {escape(one.said.reason or 'wrong')}</li>"
        for one in found[:10]
    )
    more = f" The newest 10 of {len(found)}." if len(found) > 10 else ""
    said = markup.paragraph(f"{count(len(found), 'case')} called wrong, not mended.{more}")
    return f"{said}<ul>{items}</ul>"


def _grid(told: ByVersion | None) -> str:
    if told is None:
        return markup.paragraph(
            "Nothing was replayed yet; the command “capsules replay” does it now.", "quiet"
        )
    pairs = zip(told.names, told.critical, strict=True)
    names = [f"{name}{', critical' if critical else ''}" for name, critical in pairs]
    return replay_grid.grid(told.cells, names, [str(one)[:SHOWN] for one in told.cells.columns])


def _replay_changed(told: ByVersion | None) -> str:
    """Return which cases flipped on the newest version, and which broke on an earlier one and still are."""
    if told is None or told.cells.empty or len(told.cells.columns) < 2:
        return ""
    states = replay_grid.states(told.cells)
    pairs = list(zip(states.iloc[:, -1], told.names, strict=True))
    flipped = [
        f"{state.capitalize()}: {', '.join(names)}"
        for state in ("broken", "fixed", "unsteady")
        if (names := [name for found, name in pairs if found == state][:MOST_NAMED])
    ]
    still = [
        f"{name} (on release {on[:SHOWN]})"
        for on, name in zip(replay_grid.broke_on(states), told.names, strict=True)
        if on is not None and on != states.columns[-1]
    ][:MOST_NAMED]
    return markup.bullets(
        [*flipped, *([f"Still wrong since it broke: {', '.join(still)}"] if still else [])]
    )


def _sealed(seen: AuthorSees) -> str:
    """Say how much of a test the sealed shelf still is."""
    looked = "once" if seen.looks == 1 else f"{seen.looks} times" if seen.looks else "by nobody"
    return (
        f"The sealed shelf was looked at {looked}, and the gate was asked"
        f" {count(len(seen.decided), 'time')}: a shelf that has answered often is less of a test."
    )
