"""Where an author gives a release out, with every reason that is in the way."""

import asyncio
from collections.abc import Awaitable, Callable

import panel_material_ui as pmui
from panel.viewable import Viewable

from capsule_blocks.released import Released
from capsule_flows.home import Resources
from capsule_flows.releases import Published, find_published
from capsule_flows.releasing import all_released, hindrances, release_capsule
from capsule_kit.trial_flow import EXAMPLE
from capsule_panel import access, markup
from capsule_panel.frame import errors_in, html, section
from capsule_panel.header import known_name
from capsule_panel.make_build import HERE, deployed
from capsule_panel.words import when


class Release:
    """What experts run now, and what is in the way of the next."""

    def __init__(
        self, resources: Resources, name: str, on_released: Callable[[], Awaitable[None]]
    ) -> None:
        """Take what is told once a release was given out."""
        self._resources, self._name, self._on_released = resources, name, on_released
        self._state, self._said = html(), html()
        self._step = ""
        self._release = pmui.Button(label="Release it", color="primary", margin=(4, 0, 8, 0))
        self._release.on_click(self._on_release)

    async def load(self) -> None:
        """Say what experts run, and whether what is deployed can be given out."""
        with errors_in(self._state):
            seen = await asyncio.to_thread(self._look)
            self._state.object, self._release.disabled = seen

    def view(self) -> Viewable:
        """Return it on one sheet."""
        about = (
            "Experts run releases only. A release is never changed, only followed: it freezes the image,"
            " the contract, the settings, the model and the commit, and its example is run once for it."
        )
        return section(
            html("<h2>4. Release it</h2>" + markup.paragraph(about, "quiet")),
            self._state,
            self._release,
            self._said,
        )

    def _look(self) -> tuple[str, bool]:
        given = all_released(self._resources.ledger, self._name)
        one = deployed(self._name)
        said = _given_out(given, one)
        if one is None:
            return said + markup.note("Build it first."), True
        if any(each.release_id == one.release().id for each in given):
            return said, True
        reasons = hindrances(one, self._resources.ledger.case_set(self._name, EXAMPLE))
        if not reasons:
            return said + markup.good("Nothing is in the way of a release."), False
        return said + markup.note("In the way of a release:") + markup.bullets(reasons), True

    async def _on_release(self, _: object) -> None:
        self._release.disabled = True
        with errors_in(self._said):
            visitor = await access.insist("make capsules", None)
            self._said.object = markup.paragraph("Its example runs once for the release …", "quiet")
            one = await asyncio.to_thread(find_published, self._name)
            by = visitor.name or known_name() or HERE
            await asyncio.to_thread(release_capsule, self._resources, one, by, lambda _: None)
            self._said.object = markup.good("Released. Experts run it from now on.")
            await self._on_released()
        await self.load()


def _given_out(given: list[Released], one: Published | None) -> str:
    if not given:
        return markup.paragraph("Nothing was released yet; experts cannot run it.", "quiet")
    newest = given[0]
    told = f"Release {newest.release_id[:8]} was given out {when(newest.at)} by {newest.by}."
    same = one is not None and newest.release_id == one.release().id
    more = " It is what is deployed." if same else " What is deployed now is another."
    return markup.paragraph(told + more)
