"""Where an author gives a release out, with every reason that is in the way."""

import asyncio
from collections.abc import Awaitable, Callable

import panel_material_ui as pmui
from panel.viewable import Viewable

from capsule_blocks.released import Released
from capsule_flows.home import Resources
from capsule_flows.releases import Published, find_published
from capsule_flows.releasing import hindrances, release_capsule, released
from capsule_kit.trial_flow import EXAMPLE
from capsule_panel import access, markup
from capsule_panel.frame import errors_in, html, section
from capsule_panel.make_build import deployed
from capsule_panel.words import when

AGAIN = "What is deployed now was released before; releasing it again brings experts back to it."


class Release:
    """What experts run now, and what is in the way of the next."""

    def __init__(
        self, resources: Resources, name: str, on_released: Callable[[], Awaitable[None]]
    ) -> None:
        """Take what is told once a release was given out."""
        self._resources, self._name, self._on_released = resources, name, on_released
        self._state, self._said = html(), html()
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
        ledger, one = self._resources.ledger, deployed(self._name)
        # What experts run is what its deployment says: an earlier release may be given out again.
        now = deployed(self._name, given_out=True)
        given = released(ledger, now.release().id) if now else None
        said = _given_out(given, one)
        if one is None:
            return said + markup.note("Build it first."), True
        if given is not None and given.release_id == one.release().id:
            return said, True
        if released(ledger, one.release().id):
            return said + markup.note(AGAIN), False
        reasons = hindrances(one, ledger.case_set(self._name, EXAMPLE))
        if not reasons:
            return said + markup.good("Nothing is in the way of a release."), False
        return said + markup.note("In the way of a release:") + markup.bullets(reasons), True

    async def _on_release(self, _: object) -> None:
        self._release.disabled = True
        with errors_in(self._said):
            visitor = await access.insist("make capsules", None)
            self._said.object = markup.paragraph("Its example runs once for the release …", "quiet")
            one = await asyncio.to_thread(find_published, self._name)
            by = access.name_of(visitor)
            await asyncio.to_thread(release_capsule, self._resources, one, by, lambda _: None)
            self._said.object = markup.good("Released. Experts run it from now on.")
            await self._on_released()
        await self.load()


def _given_out(given: Released | None, one: Published | None) -> str:
    if given is None:
        return markup.paragraph("Nothing was released yet; experts cannot run it.", "quiet")
    told = f"Release {given.release_id[:8]} was given out {when(given.at)} by {given.by}."
    same = one is not None and given.release_id == one.release().id
    more = " It is what is deployed." if same else " What is deployed now is another."
    return markup.paragraph(told + more)
