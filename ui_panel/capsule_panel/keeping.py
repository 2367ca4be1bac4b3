"""The button that keeps a trial's cases for good, so that every later version is tried on them."""

import asyncio

import panel_material_ui as pmui
from panel.viewable import Viewable

from capsule_blocks.tables import Kept, Trial
from capsule_flows.home import Resources
from capsule_panel import access, markup
from capsule_panel.frame import errors_in, html, section
from capsule_panel.person import Person
from capsule_panel.words import when


class KeepView:
    """The button that keeps the trial's cases for good."""

    def __init__(self, resources: Resources, trial: Trial, person: Person) -> None:
        self._resources, self._trial, self._person = resources, trial, person
        self._critical = pmui.Checkbox(
            label="Critical: a wrong answer on one of them stops a release",
            margin=(8, 0),
        )
        self._reason = pmui.TextInput(
            label="Why they matter", width=640, max_length=2000, margin=(8, 0)
        )
        self._keep = pmui.Button(label="Keep these cases", variant="outlined", margin=(8, 0))
        self._keep.on_click(self._on_keep)
        self._said = html()

    async def load(self) -> None:
        """Say whether they are kept already."""
        standing = await asyncio.to_thread(self._resources.ledger.kept, self._trial.capsule)
        for one in standing:
            if one.case_set_id == self._trial.case_set_id:
                critical = " as critical" if one.critical else ""
                self._said.object = markup.good(
                    f"Kept{critical} by {one.by}, {when(one.at)}: {one.reason or 'no reason given'}"
                )

    def view(self) -> Viewable:
        """Return the place to keep them."""
        return section(
            html(
                "<h2>Keep these cases</h2>"
                + markup.paragraph("Every later version of the model is tried on them, each night.")
            ),
            self._critical,
            self._reason,
            self._keep,
            self._said,
        )

    async def _on_keep(self, _: object) -> None:
        if not self._person.asked() or self._trial.case_set_id is None:
            self._said.object = markup.problem("Write your name above first.")
            return
        with errors_in(self._said):
            await access.insist("keep cases", self._trial)
            row = Kept(
                case_set_id=self._trial.case_set_id,
                critical=bool(self._critical.value),
                reason=str(self._reason.value or "").strip(),
                by=self._person.name_given,
            )
            await asyncio.to_thread(self._resources.ledger.add, row)
            await self.load()
