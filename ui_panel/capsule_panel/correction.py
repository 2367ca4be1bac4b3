"""The place where an expert says that her own answer was wrong, after she has seen the prediction."""

import asyncio
from collections.abc import Mapping
from typing import Any

import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_blocks.tables import Trial
from capsule_flows.correcting import Correction, correct_answer, correctable
from capsule_flows.home import Resources
from capsule_kit.answers import Answer, ClassAnswer
from capsule_panel import access, markup
from capsule_panel.frame import errors_in, html
from capsule_panel.person import Person

ABOUT = (
    "Your answer was locked before you saw what the model said, and this trial stays judged by it."
    " A corrected answer counts from the next trial on, and it is written down that you had seen"
    " the prediction."
)


class Correcting:
    """Takes up one case after the other."""

    def __init__(self, resources: Resources, trial: Trial, answer: Answer, person: Person) -> None:
        self._resources, self._trial, self._person = resources, trial, person
        self._case: Mapping[str, Any] = {}
        self._possible = correctable(answer) is not None
        label, common = "The true answer", {"width": 220, "margin": (8, 12, 0, 0)}
        self._answer: pmui.Select | pmui.TextInput = (
            pmui.Select(label=label, options=list(answer.classes), **common)
            if isinstance(answer, ClassAnswer)
            else pmui.TextInput(label=label, max_length=100, **common)
        )
        self._why = pmui.TextInput(label="How you know", width=420, max_length=2000, margin=(8, 0))
        self._button = pmui.Button(label="Correct my answer", variant="outlined", margin=(8, 0))
        self._button.on_click(self._on_correct)
        self._said = html()
        self._fields = pn.Column(
            html(markup.paragraph(ABOUT, "quiet")),
            pn.FlexBox(self._answer, self._why),
            self._button,
            sizing_mode="stretch_width",
            visible=False,
        )
        self._open = pmui.Button(
            label="It was my answer that was wrong", variant="text", margin=(4, 0)
        )
        self._open.on_click(lambda _: self._fields.param.update(visible=not self._fields.visible))

    def view(self) -> Viewable:
        """Return the line that opens it, and what it opens; nothing where there is nothing to correct."""
        if not self._possible:
            return pn.Column()
        return pn.Column(self._open, self._fields, self._said, sizing_mode="stretch_width")

    def take_up(self, case: Mapping[str, Any]) -> None:
        """Turn to a case of the judged table."""
        self._case = case
        self._fields.visible = False
        self._why.value, self._said.object = "", ""

    async def _on_correct(self, _: object) -> None:
        answer, why = str(self._answer.value or "").strip(), str(self._why.value or "").strip()
        if not (self._person.asked() and answer and why):
            self._said.object = markup.problem(
                "A correction needs your name, the true answer, and how you know it."
            )
            return
        with errors_in(self._said):
            await access.insist("speak", self._trial)
            wanted = Correction(
                case_id=str(self._case["case_id"]),
                case=str(self._case["case"]),
                answer=answer,
                why=why,
                by=self._person.name_given,
            )
            saved = await asyncio.to_thread(correct_answer, self._resources, self._trial, wanted)
            self._fields.visible = False
            self._said.object = markup.good(
                f"Kept as revision {saved.revision} of the answers. {saved.reason}"
            )
