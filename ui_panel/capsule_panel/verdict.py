"""The verdict: an expert's signed word on the release, and every one signed before."""

import asyncio

import panel_material_ui as pmui
from panel.viewable import Viewable

from capsule_blocks.tables import Trial, Verdict
from capsule_flows.gate_signatures import WITHIN_LIMITS
from capsule_flows.home import Resources
from capsule_panel import access, markup
from capsule_panel.frame import errors_in, html, section
from capsule_panel.person import Person
from capsule_panel.speaking import VERDICT_WORDS, lacks
from capsule_panel.words import when

HEADERS = ("When", "Who", "Verdict", "Within", "Statement")


class VerdictView:
    """The place to sign."""

    def __init__(self, resources: Resources, trial: Trial, person: Person) -> None:
        self._resources, self._trial, self._person = resources, trial, person
        self._word = pmui.RadioBoxGroup(
            label="Is the model ready?", options=list(VERDICT_WORDS), margin=(8, 0)
        )
        # Nothing is chosen for the expert; the constructor alone would choose the first.
        self._word.value = None
        self._limits = pmui.TextAreaInput(
            label="Within which limits?", rows=2, width=640, max_length=10_000, margin=(8, 0)
        )
        self._limits.visible = False
        self._word.param.watch(
            lambda event: self._limits.param.update(visible=event.new == WITHIN_LIMITS), "value"
        )
        self._statement = pmui.TextAreaInput(
            label="What you sign", rows=3, width=640, max_length=10_000, margin=(8, 0)
        )
        self._sign = pmui.Button(label="Sign", color="primary", margin=(8, 0))
        self._sign.on_click(self._on_sign)
        self._said, self._before = html(), html()

    async def load(self) -> None:
        """Show what was signed before."""
        ledger, flow_run_id = self._resources.ledger, self._trial.flow_run_id
        signed = await asyncio.to_thread(ledger.verdicts, flow_run_id=flow_run_id)
        rows = [(when(one.at), one.by, one.word, one.limits or "", one.statement) for one in signed]
        self._before.object = markup.table(HEADERS, rows) if rows else ""

    def view(self) -> Viewable:
        """Return the place to sign."""
        about = (
            f"On the release {self._trial.release_id[:8]}, after this trial. It is signed with your"
            " name and the time. Sign anew or take it back whenever you like: your newest word counts,"
            " and the earlier ones stay to be seen."
        )
        return section(
            html("<h2>Your verdict</h2>" + markup.paragraph(about, "quiet")),
            self._word,
            self._limits,
            self._statement,
            self._sign,
            self._said,
            self._before,
        )

    async def _on_sign(self, _: object) -> None:
        statement = str(self._statement.value or "").strip()
        limits = str(self._limits.value or "").strip()
        missing = lacks(
            named=self._person.asked(), word=self._word.value, statement=statement, limits=limits
        )
        if missing:
            self._said.object = markup.problem(missing)
            return
        with errors_in(self._said):
            await access.insist("speak", self._trial)
            row = Verdict(
                flow_run_id=self._trial.flow_run_id,
                release_id=self._trial.release_id,
                word=self._word.value,
                statement=statement,
                limits=limits if self._word.value == WITHIN_LIMITS else None,
                by=self._person.name_given,
            )
            signed = await asyncio.to_thread(self._resources.ledger.add_revision, row)
            self._said.object = markup.good(f"Signed by {signed.by}, {when(signed.at)}.")
            await self.load()
