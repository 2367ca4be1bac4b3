"""What is asked about a file, as fields; each stays in its place, so that whoever stands in it by keyboard stays."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_panel import markup
from capsule_panel.frame import column, html
from capsule_panel.mending_questions import Key, Question

WIDTH = 320

OnAnswer = Callable[[Question, str | None], Awaitable[None]]


class Choices:
    """Shows the questions that it is given; tells the answers."""

    def __init__(self, on_answer: OnAnswer) -> None:
        self._on_answer = on_answer
        self._fields: dict[Key, _Field] = {}
        self._groups = {about: _row() for about in ("header", "unit", "word")}
        self.view: Viewable = column(*self._groups.values())

    def show(self, questions: Sequence[Question]) -> None:
        """Show these, each where it was before, and hide the others.

        The browser takes what stands behind a changed place out of the page and puts it in again,
        and whoever stood there by keyboard stands nowhere; so nothing is ever taken out.
        """
        now = {one.key: one for one in questions}
        for key, question in now.items():
            if key in self._fields:
                self._fields[key].put(question)
            else:
                self._fields[key] = field = _Field(question, self._on_answer)
                self._groups[question.about].append(field.view)
        for key, field in self._fields.items():
            field.view.visible = key in now


class _Field:
    """One question, with a button that takes what is proposed."""

    def __init__(self, question: Question, on_answer: OnAnswer) -> None:
        self._question, self._on_answer = question, on_answer
        kind = pmui.TextInput if question.options is None else pmui.Select
        self._widget = kind(
            **_shown(question), label=question.label, width=WIDTH, margin=(8, 0, 0, 0)
        )
        self._widget.param.watch(self._on_value, "value")
        self._said = html()
        self._take = pmui.Button(variant="outlined", size="small")
        self._take.on_click(self._on_take)
        self.view: Viewable = pn.Column(
            self._widget, self._said, self._take, width=WIDTH + 60, margin=(0, 24, 8, 0)
        )
        self.put(question)

    def put(self, question: Question) -> None:
        """Show the question as it is now."""
        self._question = question
        self._answer = question.answer
        self._said.object = markup.paragraph(question.said, "quiet")
        self._take.param.update(
            label=f"Take “{question.proposed}”", visible=question.proposed is not None
        )
        self._widget.param.update(**_shown(question))

    async def _on_value(self, event: Any) -> None:
        if event.new != self._answer:  # else it was put there
            self._answer = event.new
            await self._on_answer(self._question, event.new)

    async def _on_take(self, _: object) -> None:
        await self._on_answer(self._question, self._question.proposed)
        self._widget.focus()  # the button that she was on is gone


def _shown(question: Question) -> dict[str, Any]:
    if question.options is None:
        return {"value": question.answer}
    return {"options": dict(question.options), "value": question.answer}


def _row() -> pn.FlexBox:
    # A Row is as wide at least as all its fields side by side, and the page with it.
    return pn.FlexBox(sizing_mode="stretch_width", styles={"max-height": "none"})
