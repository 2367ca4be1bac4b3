"""Case by case: the expert's word on each prediction, by keys or buttons, saved as it is given."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_blocks.tables import Assessment, Trial
from capsule_flows.home import Resources
from capsule_kit.contract import Contract
from capsule_panel import access, markup
from capsule_panel.case_desk import Detail, Details, aloud, given, told, word_buttons
from capsule_panel.correction import Correcting
from capsule_panel.files import cases_links
from capsule_panel.frame import errors_in, html, section
from capsule_panel.keeping import KeepCase, Keeping
from capsule_panel.keys import Keys
from capsule_panel.person import Person
from capsule_panel.speaking import CASE_WORDS, WRONG, latest_words, next_open, still_missing
from capsule_panel.tables import PAGE, cases_frame, cases_table

ON_DESK, SHOWN = "the case on the desk above", "the ones the table shows"
MOST_SHOWN = 20_000
"""Of a trial with more cases, what the model was given is not kept ready for each of them."""


@dataclass(frozen=True)
class Reviewed:
    """What is reviewed."""

    trial: Trial
    contract: Contract
    judged: pd.DataFrame
    """A row for each case, disagreements first, as the case store keeps it."""
    inputs: pd.DataFrame | None
    """What the model was given, by case_id; None where it is not at hand."""


def reviewed(
    resources: Resources, trial: Trial, contract: Contract, judged: pd.DataFrame
) -> Reviewed:
    """Return what is reviewed, with the inputs where they are few enough to be kept ready."""
    case_set = trial.case_set_id and resources.ledger.case_set_by_id(trial.case_set_id)
    inputs = None
    if case_set and len(judged) <= MOST_SHOWN:
        inputs = resources.store.inputs(case_set.inputs_hash).set_index("case_id")
    return Reviewed(trial, contract, judged.reset_index(drop=True), inputs)


class CaseReview:
    """One case on the desk, and the table of all of them beneath it."""

    def __init__(
        self,
        resources: Resources,
        subject: Reviewed,
        person: Person,
        heard: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        """Take what is reviewed, by whom, and who is told once a word is saved."""
        self._heard = heard
        self._resources, self._subject, self._person = resources, subject, person
        self._judged = subject.judged
        self._said: dict[tuple[str, str], Assessment] = {}
        self._at, self._saving = 0, asyncio.Lock()
        self._missing, self._problem, self._case, self._given = html(), html(), html(), html()
        self._buttons = word_buttons(CASE_WORDS, self._speak)
        self._details = Details(subject.contract.answer, self._on_detail, self._on_done)
        self._correcting = Correcting(resources, subject.trial, subject.contract.answer, person)
        keeping = Keeping(resources, subject.trial, person)
        self._keep = KeepCase(keeping, subject.contract.answer)
        self._keys = Keys(self._on_key, sizing_mode="stretch_width")
        self._table = cases_table(cases_frame(self._judged, {}))
        self._table.param.watch(self._on_chosen, "selection")
        person.field.param.watch(lambda _: self._show(), "value")

    async def load(self) -> None:
        """Show what was said before, and the first case that waits for a word."""
        ledger, flow_run_id = self._resources.ledger, self._subject.trial.flow_run_id
        said = await asyncio.to_thread(ledger.assessments, flow_run_id)
        self._said = {(one.case_id, one.by): one for one in said}
        await self._keep.load(list(self._judged["case_id"]))
        if self._said:
            self._table.value = cases_frame(self._judged, latest_words(self._said.values()))
        self._go(next_open(self._judged, self._spoken(), -1) or 0)

    def view(self) -> Viewable:
        """Return the desk with the table of all cases."""
        return section(
            html("<h2>Case by case</h2>"),
            self._missing,
            self._keys,
            self._problem,
            self._case,
            pn.FlexBox(*self._buttons.values()),
            self._details.view(),
            pn.FlexBox(
                self._mover("Before", "before"),
                self._mover("After", "after"),
                self._mover("Next without your word", "next"),
            ),
            self._given,
            self._keep.view(),
            self._correcting.view(),
            html(
                "<h3 style='margin-top:14px'>All cases, disagreements first</h3>"
                + cases_links(self._subject.trial.flow_run_id)
            ),
            self._table,
        )

    def chosen(self, which: str) -> tuple[str, ...] | None:
        """Return the case_ids of the one on the desk, or of those that the table shows; None for all."""
        if which == ON_DESK:
            return (str(self._now["case_id"]),)
        if which == SHOWN:
            places = self._table.current_view.index
            everything = len(places) == len(self._judged)
            return None if everything else tuple(self._judged["case_id"].iloc[places].astype(str))
        return None

    def _mover(self, label: str, meaning: str) -> pmui.Button:
        button = pmui.Button(label=label, variant="text", margin=(4, 8, 4, 0))
        button.on_click(lambda _: self._move(meaning))
        return button

    @property
    def _now(self) -> Mapping[str, Any]:
        return dict(self._judged.iloc[self._at])

    def _own(self) -> Assessment | None:
        return self._said.get((str(self._now["case_id"]), self._person.name_given))

    def _spoken(self) -> set[str]:
        mine = self._person.name_given
        return {case_id for case_id, by in self._said if by == mine}

    def _move(self, meaning: str) -> None:
        if meaning == "next":
            place = next_open(self._judged, self._spoken(), self._at)
            self._go(self._at if place is None else place)
            return
        step = 1 if meaning == "after" else -1
        self._go(min(max(self._at + step, 0), len(self._judged) - 1))

    def _go(self, place: int) -> None:
        self._at = place
        if not self._table.sorters:
            self._table.page = place // PAGE + 1
        if self._table.selection != [place]:
            self._table.selection = [place]
        self._show()

    def _show(self) -> None:
        case, own = self._now, self._own()
        # At once, so that a key pressed on the case that can be read is a word on that case.
        with pn.io.hold():
            self._problem.object = ""
            self._missing.object = markup.paragraph(still_missing(self._judged, self._spoken()))
            self._case.object = told(case, self._at + 1, len(self._judged))
            self._keys.param.update(case=str(case["case_id"]), aloud=aloud(case))
            row = self._row(str(case["case_id"]))
            named = self._resources.store.files
            self._given.object = given(row, self._subject.contract.columns, named)
            for word, button in self._buttons.items():
                chosen = own is not None and own.word == word
                button.variant = "contained" if chosen else "outlined"
            self._details.fill(own)
            self._correcting.take_up(case)
            self._keep.take_up(case, own.reason if own else "")

    def _row(self, case_id: str) -> Mapping[str, Any] | None:
        inputs = self._subject.inputs
        return None if inputs is None else dict(inputs.loc[case_id])

    def _on_chosen(self, _: object) -> None:
        if self._table.selection and self._table.selection[0] != self._at:
            self._go(self._table.selection[0])

    async def _on_key(self, meaning: str, case_id: str) -> None:
        if meaning not in CASE_WORDS:
            self._move(meaning)
        # A key pressed while the page was changing was not meant for the case that is there now.
        elif case_id == str(self._now["case_id"]):
            await self._speak(meaning)

    async def _on_done(self) -> None:
        self._keys.put_down += 1
        self._move("next")

    async def _speak(self, word: str) -> None:
        with errors_in(self._problem):
            if not await self._save(word):
                return
            if word == WRONG:
                self._details.reason.focus()
            else:
                self._move("next")

    async def _on_detail(self) -> None:
        own = self._own()
        # Without a word yet, what is written is kept on the page and saved with it.
        if own is not None:
            with errors_in(self._problem):
                await self._save(own.word)

    async def _save(self, word: str) -> bool:
        if not self._person.asked():
            self._problem.object = markup.problem("Write your name above first.")
            return False
        await access.insist("speak", self._subject.trial)
        detail = self._details.read()
        if detail is None:
            return False
        async with self._saving:
            own = self._own()
            if own is None or (own.word, _detail(own)) != (word, detail):
                await self._add(word, detail)
        return True

    async def _add(self, word: str, detail: Detail) -> None:
        place, case = self._at, self._now
        saved = await asyncio.to_thread(
            self._resources.ledger.add_assessment,
            flow_run_id=self._subject.trial.flow_run_id,
            case_id=str(case["case_id"]),
            word=word,
            reason=detail.reason,
            corrected=detail.corrected,
            severity=detail.harm,
            by=self._person.name_given,
        )
        self._said[saved.case_id, saved.by] = saved
        words = latest_words([one for key, one in self._said.items() if key[0] == saved.case_id])
        self._table.patch({"word": [(place, words[saved.case_id])]})
        again = f", your {saved.revision}. word on it" if saved.revision > 1 else ""
        self._keys.said = f"Saved: {case['case']} is {saved.word}{again}."
        self._missing.object = markup.paragraph(still_missing(self._judged, self._spoken()))
        for other, button in self._buttons.items():
            button.variant = "contained" if other == word else "outlined"
        for tell in self._heard:
            await tell()


def _detail(said: Assessment) -> Detail:
    return Detail(said.corrected, said.reason, said.severity)
