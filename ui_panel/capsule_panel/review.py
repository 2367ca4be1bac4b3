"""What an expert says after a trial: a word on each case, the verdict, and whether the cases are kept."""

import asyncio
from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd
import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_blocks.tables import Kept, Trial, Verdict
from capsule_flows.home import Resources
from capsule_panel import access, markup
from capsule_panel.frame import column, errors_in, html, section
from capsule_panel.person import Person
from capsule_panel.tables import cases_frame, cases_table
from capsule_panel.words import when

CASE_WORDS = ("right", "acceptable", "wrong", "cannot judge")
VERDICT_WORDS = ("ready", "ready within limits", "not ready", "need more cases")


class CaseReview:
    """The table case by case, and the expert's word on the chosen one, saved as it is given."""

    def __init__(
        self, resources: Resources, trial: Trial, judged: pd.DataFrame, person: Person
    ) -> None:
        self._resources, self._trial, self._person = resources, trial, person
        self._judged = judged.reset_index(drop=True)
        self._words: dict[str, str] = {}
        self._table = cases_table(cases_frame(self._judged, self._words))
        self._table.param.watch(self._on_chosen, "selection")
        self._about = html(markup.paragraph("Choose a case in the table to say more.", "quiet"))
        self._reason = pmui.TextInput(label="Why", width=460, max_length=2000, margin=(8, 0))
        self._buttons = [self._button(word) for word in CASE_WORDS]
        self._said = html()
        self._desk = column(self._reason, pn.FlexBox(*self._buttons), self._said)
        self._desk.visible = False

    async def load(self) -> None:
        """Show what was said before."""
        ledger, flow_run_id = self._resources.ledger, self._trial.flow_run_id
        said = await asyncio.to_thread(ledger.assessments, flow_run_id)
        self._words = {one.case_id: f"{one.word} ({one.by})" for one in said}
        self._table.value = cases_frame(self._judged, self._words)

    def view(self) -> Viewable:
        """Return the table with the place to speak."""
        return section(
            html(
                "<h2>Case by case</h2>"
                + markup.paragraph("Where it disagrees with you comes first.", "quiet")
            ),
            self._table,
            self._about,
            self._desk,
        )

    def _button(self, word: str) -> pmui.Button:
        button = pmui.Button(label=word.capitalize(), variant="outlined", margin=(4, 8, 4, 0))

        async def clicked(_: object) -> None:
            with errors_in(self._said):
                await self._save(word)

        button.on_click(clicked)
        return button

    def _chosen(self) -> Mapping[str, Any] | None:
        selection = self._table.selection
        return dict(self._judged.iloc[selection[0]]) if selection else None

    def _on_chosen(self, _: object) -> None:
        case = self._chosen()
        self._desk.visible = case is not None
        if case is None:
            return
        shown = cases_frame(self._judged.iloc[self._table.selection[:1]], self._words).iloc[0]
        answer = f"your answer is {shown['answer']}" if shown["answer"] else "you gave no answer"
        score = f", with score {shown['score']}" if shown["score"] else ""
        said = f"It said {shown['prediction'] or 'nothing'}{score}; {answer}."
        self._about.object = f"<h3>{escape(str(shown['case']))}</h3>{markup.paragraph(said)}"
        self._reason.value = ""
        self._said.object = markup.paragraph("What do you say of this prediction?", "quiet")

    async def _save(self, word: str) -> None:
        case = self._chosen()
        if case is None:
            return
        if not self._person.asked():
            self._said.object = markup.problem("Write your name above first.")
            return
        await access.insist("speak", self._trial)
        ledger = self._resources.ledger
        saved = await asyncio.to_thread(
            ledger.add_assessment,
            flow_run_id=self._trial.flow_run_id,
            case_id=str(case["case_id"]),
            word=word,
            reason=str(self._reason.value or "").strip(),
            by=self._person.name_given,
        )
        self._words[saved.case_id] = f"{saved.word} ({saved.by})"
        self._table.patch({"word": [(self._table.selection[0], self._words[saved.case_id])]})
        again = f", your {saved.revision}. word on it" if saved.revision > 1 else ""
        self._said.object = markup.good(f"Saved: {saved.word}{again}.")


class VerdictView:
    """The signed word on the release, and every word signed before."""

    def __init__(self, resources: Resources, trial: Trial, person: Person) -> None:
        self._resources, self._trial, self._person = resources, trial, person
        self._word = pmui.RadioBoxGroup(
            label="Is the model ready?", options=list(VERDICT_WORDS), margin=(8, 0)
        )
        # Nothing is chosen for the expert; the constructor alone would choose the first.
        self._word.value = None
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
        rows = [(when(one.at), one.by, one.word, one.statement) for one in signed]
        headers = ("When", "Who", "Verdict", "Statement")
        self._before.object = markup.table(headers, rows) if rows else ""

    def view(self) -> Viewable:
        """Return the place to sign."""
        return section(
            html("<h2>Your verdict</h2>"),
            self._word,
            self._statement,
            self._sign,
            self._said,
            self._before,
        )

    async def _on_sign(self, _: object) -> None:
        statement = str(self._statement.value or "").strip()
        if not (self._person.asked() and self._word.value and statement):
            self._said.object = markup.problem(
                "A verdict needs your name, a choice and what you sign, in your own words."
            )
            return
        with errors_in(self._said):
            await access.insist("speak", self._trial)
            row = Verdict(
                flow_run_id=self._trial.flow_run_id,
                release_id=self._trial.release_id,
                word=self._word.value,
                statement=statement,
                by=self._person.name_given,
            )
            await asyncio.to_thread(self._resources.ledger.add_revision, row)
            self._said.object = markup.good("Signed.")
            await self.load()


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
