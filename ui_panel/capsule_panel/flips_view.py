"""Her challenge cases that flipped on the newest version, or are still broken: each is shown, and she is asked once."""

import asyncio
from html import escape
from typing import Any

import pandas as pd
import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_flows.flips import Flip, Word, answer_flip
from capsule_flows.home import Resources
from capsule_flows.wording import number
from capsule_panel import access, markup
from capsule_panel.frame import errors_in, html, section
from capsule_panel.words import when

STYLES = {"fixed": "met", "broken": "missed", "still wrong": "missed"}
SAYS = {
    "fixed": "It was wrong before and is right now, twice.",
    "broken": "It was right before and is wrong now, twice.",
}
ASKED = "Do you agree, or is it disputed? You are asked once; your word goes to the developers."


def flips_shown(resources: Resources, flips: list[Flip], name: str) -> list[Viewable]:
    """Return the section with her cases that flipped; nothing where none did."""
    if not flips:
        return []
    waiting = any(one.waits for one in flips)
    title = "<h2>Cases of yours that changed, or are still broken, on the newest version</h2>"
    about = markup.paragraph(ASKED) if waiting else ""
    return [section(html(title + about), *(_Asking(resources, one, name).view() for one in flips))]


class _Asking:
    """One case with the question."""

    def __init__(self, resources: Resources, flip: Flip, name: str) -> None:
        self._resources, self._flip, self._name = resources, flip, name
        self._reason = pmui.TextInput(
            label="Why, if you like", width=380, max_length=2000, margin=(4, 12, 4, 0)
        )
        self._said = html(_word(flip))
        self._fields = pn.FlexBox(
            self._reason, self._button("Agreed", "agreed"), self._button("Disputed", "disputed")
        )
        self._fields.visible = flip.waits

    def view(self) -> Viewable:
        """Return the case, the question, and what she said."""
        return pn.Column(
            html(told(self._flip)), self._fields, self._said, sizing_mode="stretch_width"
        )

    def _button(self, label: str, word: Word) -> pmui.Button:
        button = pmui.Button(label=label, variant="outlined", margin=(10, 8, 4, 0))

        async def clicked(_: object) -> None:
            await self._answer(word)

        button.on_click(clicked)
        return button

    async def _answer(self, word: Word) -> None:
        with errors_in(self._said):
            await access.insist("keep cases", self._flip.case_set)
            reason = str(self._reason.value or "").strip()
            await asyncio.to_thread(
                answer_flip, self._resources, self._flip, word, by=self._name, reason=reason
            )
            self._fields.visible = False
            self._said.object = markup.good(f"Kept: {word}.")


def told(flip: Flip) -> str:
    """Return one case that flipped as HTML."""
    row, change = flip.row, str(flip.row["change"])
    critical = "Critical. " if row["critical"] else ""
    facts = (
        f"Your answer: {_plain(row['answer'])}. Before it said {_plain(row['before'])}, now"
        f" {_plain(row['after'])} (release {flip.replay.release_id[:8]}, {when(flip.replay.started_at)})."
    )
    said = f"{critical}{SAYS.get(change, '')} {row['why'] or ''} {facts}"
    word = f'<span class="word {STYLES.get(change, "open")}">{escape(change.capitalize())}</span>'
    return f"<h3>{word} {escape(str(row['case']))}</h3>{markup.paragraph(said.strip())}"


def _word(flip: Flip) -> str:
    if flip.said is None:
        return ""
    why = f": {flip.said.reason}" if flip.said.reason else ""
    return markup.paragraph(f"You {flip.said.word} on {when(flip.said.at)}{why}", "quiet")


def _plain(value: Any) -> str:
    if pd.isna(value):
        return "nothing"
    return number(value) if isinstance(value, float) else str(value)
