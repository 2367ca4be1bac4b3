"""Her file made to fit: columns, units and words chosen, cells mended, rows left out; checked at each change."""

import asyncio
from collections.abc import Awaitable, Callable
from io import BytesIO
from uuid import UUID

import panel_material_ui as pmui

import panel as pn
from capsule_flows.drafting import Draft, decide, read_again, resume
from capsule_flows.fitting import Fitting, fitted
from capsule_flows.grouping import grouped
from capsule_flows.home import Resources
from capsule_flows.marking import marked
from capsule_flows.reading import Unreadable
from capsule_flows.reading_choices import ReadAs
from capsule_flows.receiving import keep, write_down
from capsule_flows.wording import count
from capsule_kit.manifest import Manifest
from capsule_panel import access, markup
from capsule_panel.findings_view import findings_html
from capsule_panel.frame import column, errors_in, html
from capsule_panel.mending_choices import Choices
from capsule_panel.mending_grid import Grid
from capsule_panel.mending_questions import Question, answered, questions
from capsule_panel.person import Person
from capsule_panel.reading_view import ReadingView

OnKept = Callable[[str, str], Awaitable[None]]
"""Told the sentence and the case set's name."""
Change = Callable[[Fitting], Fitting]
"""Gives the fitting that is to hold, from the one that stands when it is its turn."""


class Mending:
    """One upload on its way to becoming a case set."""

    def __init__(
        self,
        resources: Resources,
        manifest: Manifest,
        person: Person,
        upload_id: UUID,
        name: str,
        on_kept: OnKept,
    ) -> None:
        self._resources, self._manifest, self._person = resources, manifest, person
        self._upload_id, self._name, self._on_kept = upload_id, name, on_kept
        self._draft: Draft | None = None
        self._fitting, self._deciding = Fitting(), asyncio.Lock()
        self._reading = ReadingView(self._on_read_as)
        self._said, self._found = html(), html()
        self._choices = Choices(self._on_answer)
        self._keep = pmui.Button(label="Keep these cases", color="primary", margin=(8, 12, 8, 0))
        self._keep.on_click(self._on_keep)
        self._grid = Grid(self._on_cell, self._on_left_out, self._keep.focus)
        self._anew = pmui.Button(
            label="Begin again from my file", variant="outlined", margin=(8, 12, 8, 0)
        )
        self._anew.on_click(self._on_anew)
        self._download = pmui.FileDownload(
            callback=self._marked,
            filename="to-mend.xlsx",
            label="Download it with the cells marked",
            button_type="default",
            variant="outlined",
            margin=(8, 0),
        )
        self._once_read = column(
            self._choices.view,
            self._found,
            self._grid.view,
            pn.Row(self._keep, self._anew, self._download),
        )
        heading = html("<h3 style='margin-top:14px'>Make it fit</h3>")
        self.view = column(heading, self._said, self._reading.view, self._once_read)
        self.view.visible = False

    async def load(self) -> None:
        """Read the kept file again and show what can be done about it."""
        with errors_in(self._said):
            upload = await asyncio.to_thread(self._resources.ledger.upload, self._upload_id)
            await access.insist("mend cases", upload)
            draft = await asyncio.to_thread(
                resume, self._resources, self._manifest, self._upload_id
            )
            self._take_up(draft, Fitting())
            if isinstance(draft, Unreadable):
                self._said.object = ""  # said above already

    def _take_up(self, found: Draft | Unreadable, fitting: Fitting) -> None:
        """Show a file that was read, or why it was not and what can be chosen."""
        self._once_read.visible = isinstance(found, Draft)
        if isinstance(found, Unreadable):
            self._draft, self._fitting = None, fitting
            self._reading.show(found.seen, fitting.read_as, refused=True)
            self._said.object = markup.problem(found.sentence)
            self.view.visible = found.seen is not None
        else:
            self._draft = found
            self._show(found)
            self.view.visible = True

    async def _on_read_as(self, read_as: ReadAs) -> None:
        fitting = self._draft.fitting if self._draft else self._fitting
        await self._read(fitting.model_copy(update={"read_as": read_as}))

    async def _read(self, fitting: Fitting) -> None:
        with errors_in(self._said):
            upload = await asyncio.to_thread(self._resources.ledger.upload, self._upload_id)
            await access.insist("mend cases", upload)
            found = await asyncio.to_thread(
                read_again, self._resources, self._manifest, self._upload_id, fitting
            )
            self._take_up(found, fitting)
            if isinstance(found, Draft):
                await asyncio.to_thread(write_down, self._resources, self._manifest, found)

    async def _decide(self, change: Change) -> None:
        # One after the other: a cell changed while another is being checked would undo it.
        async with self._deciding:
            if self._draft is None:
                return
            with errors_in(self._said):
                await access.insist("mend cases", self._draft.upload)
                fitting = change(self._draft.fitting)
                self._draft = await asyncio.to_thread(decide, self._draft, fitting, self._manifest)
                self._show(self._draft)
                await asyncio.to_thread(write_down, self._resources, self._manifest, self._draft)

    def _show(self, draft: Draft) -> None:
        # The browser gets it as one change: what she reads and what she can press belong together.
        with pn.io.hold():
            report = draft.report
            findings = grouped(report.findings, self._manifest.contract)
            self._said.object = _standing(draft)
            self._reading.show(draft.table.seen, draft.fitting.read_as)
            self._choices.show(questions(draft, self._manifest))
            # A column that is not there is asked for above, where they are few; here it is about the cells.
            refusing = [
                one
                for one in findings
                if one.severity == "refuse"
                and not (one.mistake == "no column" and one.column)
                and one.mistake != "reading in doubt"
            ]
            self._found.object = findings_html(refusing, self._manifest.contract)
            self._grid.show(fitted(draft.table, draft.fitting), report)
            self._keep.disabled = not report.accepted
            self._download.visible = bool(report.marks)

    async def _on_answer(self, asked: Question, answer: str | None) -> None:
        await self._decide(lambda now: answered(asked, answer, self._manifest, now))

    async def _on_cell(self, line: int, header: str, text: str) -> None:
        def changed(now: Fitting) -> Fitting:
            cells = {**now.cells, line: {**now.cells.get(line, {}), header: text}}
            return now.model_copy(update={"cells": cells})

        await self._decide(changed)

    async def _on_left_out(self, lines: tuple[int, ...]) -> None:
        def changed(now: Fitting) -> Fitting:
            return now.model_copy(update={"left_out": tuple(sorted({*now.left_out, *lines}))})

        await self._decide(changed)

    async def _on_anew(self, _: object) -> None:
        await self._read(Fitting())

    async def _on_keep(self, _: object) -> None:
        if self._draft is None:
            return
        if not self._person.asked():
            self._said.object = markup.problem("Write your name above first.")
            return
        with errors_in(self._said):
            await access.insist("mend cases", self._draft.upload)
            kept = await asyncio.to_thread(
                keep,
                self._resources,
                self._manifest,
                self._draft,
                name=self._name,
                by=self._person.name_given,
            )
            if kept.case_set is not None:
                self.view.visible = False
                await self._on_kept(kept.sentence, kept.case_set.name)

    def _marked(self) -> BytesIO:
        draft = self._draft
        assert draft is not None
        return BytesIO(marked(draft.table, draft.fitting, draft.report))


def _standing(draft: Draft) -> str:
    rows = len(draft.table) - len(set(draft.fitting.left_out) & set(draft.table.lines))
    left = (
        f" You left {count(len(draft.fitting.left_out), 'row')} out."
        if draft.fitting.left_out
        else ""
    )
    if draft.report.accepted:
        return markup.good(
            f"All {count(rows, 'row')} can be used now.{left} Press “Keep these cases”."
        )
    if not draft.report.matching.headers:
        return markup.paragraph(
            "None of your columns is one that is asked for. Is it the right table? If it is, choose"
            " beneath which of yours stands for which; else send another."
        )
    return markup.paragraph(
        f"Your file stays as it is; what you decide here is kept beside it.{left}"
    )
