"""One case on the desk: what the model was given and said, and the fields for what the expert thinks of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd
import panel_material_ui as pmui
import param
from panel.viewable import Viewable

import panel as pn
from capsule_blocks.named_files import NamedFiles
from capsule_blocks.tables import Assessment
from capsule_flows.said import HARMS
from capsule_flows.wording import number
from capsule_kit.answers import Answer, ClassAnswer, NumberAnswer
from capsule_kit.columns import DIMENSIONLESS, Column
from capsule_panel import markup
from capsule_panel.drawn import given_of
from capsule_panel.form import FormField
from capsule_panel.form_values import Problem, parse
from capsule_panel.frame import html

NOT_SAID = "—"
WIDE = 12
"""Up to so many columns are shown at once; more are folded."""


@dataclass(frozen=True)
class Detail:
    """What is said beside the word itself."""

    corrected: str | None
    """What it should have said; None where nothing was written."""
    reason: str
    harm: str | None
    """How bad it would be; None where that was not said."""


class Details:
    """The fields beside the word; each change is told at once, and Enter in the reason once it is in."""

    def __init__(
        self,
        answer: Answer,
        on_change: Callable[[], Awaitable[None]],
        on_done: Callable[[], Awaitable[None]],
    ) -> None:
        self._answer, self._on_change, self._on_done = answer, on_change, on_done
        self._filling = self._leaving = False
        self._corrected = _corrected(answer)
        self.reason = pmui.TextInput(label="Why", width=420, max_length=2000, margin=(8, 12, 0, 0))
        self._harm = pmui.Select(
            label="How bad would it be?",
            options=[NOT_SAID, *HARMS],
            value=NOT_SAID,
            width=200,
            margin=(8, 0, 0, 0),
        )
        self._problem = html()
        for field in (self._corrected, self.reason, self._harm):
            field.param.watch(self._changed, "value")
        self.reason.param.watch(self._entered, "enter_pressed")

    def view(self) -> Viewable:
        """Return the fields in one row."""
        return pn.Column(
            pn.FlexBox(self._corrected, self.reason, self._harm),
            self._problem,
            sizing_mode="stretch_width",
        )

    def fill(self, said: Assessment | None) -> None:
        """Show what was said before, or nothing."""
        self._filling, self._leaving = True, False
        blank = NOT_SAID if isinstance(self._answer, ClassAnswer) else ""
        self._corrected.value = (said and said.corrected) or blank
        self.reason.value = said.reason if said else ""
        self._harm.value = (said and said.severity) or NOT_SAID
        self._problem.object = ""
        self._filling = False

    def read(self) -> Detail | None:
        """Return what is written; None where the corrected value cannot be used, which is said."""
        written = "" if self._corrected.value == NOT_SAID else str(self._corrected.value or "")
        field = _number(self._answer)
        value = parse(field, written) if field and written else None
        if isinstance(value, Problem):
            self._problem.object = markup.field_problem(value.sentence)
            return None
        self._problem.object = ""
        harm = None if self._harm.value == NOT_SAID else str(self._harm.value)
        return Detail(written.strip() or None, str(self.reason.value or "").strip(), harm)

    async def _changed(self, _: param.parameterized.Event) -> None:
        if self._filling:
            return
        await self._on_change()
        if self._leaving:
            self._leaving = False
            await self._on_done()

    async def _entered(self, _: param.parameterized.Event) -> None:
        # The browser tells of Enter first and of the text after it; the text belongs to this case.
        if self.reason.value_input != self.reason.value:
            self._leaving = True
        else:
            await self._on_done()


def told(case: Mapping[str, Any], place: int, cases: int) -> str:
    """Return what the model said of a case beside what the expert knows; `place` counts from 1."""
    agrees = {True: "It agrees with you.", False: "It disagrees with you."}
    known = None if pd.isna(case["right"]) else bool(case["right"])
    said = "" if known is None else agrees[known]
    score = f" (score {_plain(case['score'])})" if _plain(case["score"]) else ""
    return (
        f'<p class="quiet">Case {place} of {cases}</p><h3>{escape(_plain(case["case"]))}</h3>'
        f'<div class="two"><p>It said <strong>{escape(_plain(case["prediction"]) or "nothing")}'
        f"</strong>{escape(score)}.</p><p>Your answer:"
        f" <strong>{escape(_plain(case['answer']) or 'none')}</strong>. {escape(said)}</p></div>"
    )


def aloud(case: Mapping[str, Any]) -> str:
    """Return the same in one sentence, for a screen reader."""
    prediction, answer = _plain(case["prediction"]) or "nothing", _plain(case["answer"]) or "none"
    return f"{_plain(case['case'])}: it said {prediction}; your answer is {answer}."


def given(
    row: Mapping[str, Any] | None, columns: Sequence[Column], files: NamedFiles | None = None
) -> str:
    """Return what the model was given of a case, each column drawn as what it is."""
    if row is None:
        return ""
    return f"<h3>What the model was given</h3>{given_of(row, columns, WIDE, files)}"


def word_buttons(
    words: Sequence[str], on_word: Callable[[str], Awaitable[None]]
) -> dict[str, pmui.Button]:
    """Return a button for each word, labelled with the key that does the same."""

    def made(place: int, word: str) -> pmui.Button:
        button = pmui.Button(
            label=f"{place} {word.capitalize()}", variant="outlined", margin=(4, 8, 4, 0)
        )

        async def clicked(_: object) -> None:
            await on_word(word)

        button.on_click(clicked)
        return button

    return {word: made(place, word) for place, word in enumerate(words, start=1)}


def _corrected(answer: Answer) -> pmui.Select | pmui.TextInput:
    label, common = "It should have said", {"width": 220, "margin": (8, 12, 0, 0)}
    if isinstance(answer, ClassAnswer):
        return pmui.Select(
            label=label, options=[NOT_SAID, *answer.classes], value=NOT_SAID, **common
        )
    unit = f", in {answer.unit}" if isinstance(answer, NumberAnswer) else ""
    unit = unit.removesuffix(f", in {DIMENSIONLESS}")
    return pmui.TextInput(label=f"{label}{unit}", max_length=2000, **common)


def _number(answer: Answer) -> FormField | None:
    if not isinstance(answer, NumberAnswer):
        return None
    column = answer.as_columns()[0]
    return FormField(
        name=column.name,
        label=column.name,
        kind="number",
        default=None,
        optional=True,
        low=column.at_least,
        high=column.at_most,
    )


def _plain(value: Any) -> str:
    if pd.isna(value):
        return ""
    return number(value) if isinstance(value, float) else str(value)
