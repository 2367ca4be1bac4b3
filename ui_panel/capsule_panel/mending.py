"""Her file made to fit: columns, units and words chosen, cells mended, rows left out; checked at each change."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from io import BytesIO
from typing import Any
from uuid import UUID

import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_flows.drafting import Draft, decide, read_again, resume
from capsule_flows.findings import allowed
from capsule_flows.fitting import Fitting, fitted
from capsule_flows.grouping import grouped
from capsule_flows.home import Resources
from capsule_flows.marking import marked
from capsule_flows.reading import Unreadable
from capsule_flows.reading_choices import ReadAs
from capsule_flows.receiving import keep, write_down
from capsule_flows.wording import count
from capsule_kit.columns import DIMENSIONLESS, Column
from capsule_kit.manifest import Manifest
from capsule_panel import access, markup
from capsule_panel.findings_view import findings_html
from capsule_panel.frame import column, errors_in, html
from capsule_panel.mending_grid import Grid
from capsule_panel.mending_questions import (
    contract_columns,
    in_question,
    perhaps_another_unit,
    unknown_words,
)
from capsule_panel.person import Person
from capsule_panel.reading_view import ReadingView

NOBODY = "not in my file"
AS_WRITTEN = "leave as it is"
WIDTH = 320

OnKept = Callable[[str, str], Awaitable[None]]
"""Told the sentence and the case set's name."""
Change = Callable[[Fitting], Mapping[str, object]]
"""Gives the fields of a fitting that become others, from the fitting as it stands when it is their turn."""


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
        self._choices = column()
        self._grid = Grid(self._on_cell, self._on_left_out)
        self._keep = pmui.Button(label="Keep these cases", color="primary", margin=(8, 12, 8, 0))
        self._keep.on_click(self._on_keep)
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
        self.view: Viewable = column()

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
        if isinstance(found, Unreadable):
            self._draft, self._fitting = None, fitting
            self._reading.show(found.seen, fitting.read_as, refused=True)
            self._said.object = markup.problem(found.sentence)
            self.view[:] = [self._said, self._reading.view] if found.seen else []
        else:
            self._draft = found
            self.view[:] = [
                html("<h3 style='margin-top:14px'>Make it fit</h3>"),
                self._said,
                self._reading.view,
                self._choices,
                self._found,
                self._grid.view,
                pn.Row(self._keep, self._anew, self._download),
            ]
            self._show(found)

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
                fitting = self._draft.fitting.model_copy(update=change(self._draft.fitting))
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
            self._choices[:] = self._asked(draft)
            # A column that is not there is asked for above; here it is about what stands in the cells.
            refusing = [
                one
                for one in findings
                if one.severity == "refuse" and one.mistake not in ("no column", "reading in doubt")
            ]
            self._found.object = findings_html(refusing, self._manifest.contract)
            self._grid.show(fitted(draft.table, draft.fitting), report)
            self._keep.disabled = not report.accepted
            self._download.visible = bool(report.marks)

    def _asked(self, draft: Draft) -> list[Viewable]:
        """Return the choices that this file needs: a header, a unit, a word."""
        asked = [
            *(self._header_choice(draft, one) for one in in_question(draft, self._manifest)),
            *(
                self._unit_field(draft, name, header)
                for name, header in draft.report.matching.headers.items()
                if name in draft.report.matching.units or perhaps_another_unit(draft, name)
            ),
            *(
                self._word_choice(draft, one, word)
                for one in contract_columns(self._manifest).values()
                for word in unknown_words(draft, one)
            ),
        ]
        return [pn.FlexBox(*asked)] if asked else []

    def _header_choice(self, draft: Draft, one: Column) -> Viewable:
        matching = draft.report.matching
        taken = matching.headers.get(one.name)
        proposed = matching.proposed.get(one.name)
        options = {NOBODY: None} | {header: header for header in draft.table.columns}
        choice = pmui.Select(
            label=f"Your column for “{one.name}”",
            options=options,
            value=taken,
            width=WIDTH,
            margin=(8, 0, 0, 0),
        )

        async def take(header: str | None) -> None:
            await self._decide(lambda now: {"headers": {**now.headers, one.name: header}})

        async def choose(event: Any) -> None:
            await take(event.new)

        async def agree(_: object) -> None:
            await take(proposed)

        choice.param.watch(choose, "value")
        if not proposed or taken:
            return _beside(choice, one.meaning)
        agreeing = pmui.Button(label=f"Take “{proposed}”", variant="outlined", size="small")
        agreeing.on_click(agree)
        return _beside(choice, f"{one.meaning} Perhaps it is your “{proposed}”?", agreeing)

    def _unit_field(self, draft: Draft, name: str, header: str) -> Viewable:
        wanted = contract_columns(self._manifest)[name].unit or ""
        unit = draft.report.matching.units.get(name, wanted)
        field = pmui.TextInput(
            label=f"The unit of your “{header}”", value=unit, width=WIDTH, margin=(8, 0, 0, 0)
        )

        async def choose(event: Any) -> None:
            unit = str(event.new or "").strip() or wanted
            await self._decide(lambda now: {"units": {**now.units, header: unit}})

        field.param.watch(choose, "value")
        into = "a plain number" if wanted == DIMENSIONLESS else wanted
        turned = f"It is turned into {into} for the model."
        asked = (
            f"Most numbers are out of bounds. If they are not in {into}, write what they are in."
        )
        return _beside(field, turned if name in draft.report.matching.units else asked)

    def _word_choice(self, draft: Draft, one: Column, word: str) -> Viewable:
        options = {AS_WRITTEN: None} | {choice: choice for choice in one.choices}
        choice = pmui.Select(
            label=f"“{word}” in “{one.name}” means",
            options=options,
            value=draft.fitting.words.get(one.name, {}).get(word),
            width=WIDTH,
            margin=(8, 0, 0, 0),
        )

        def meaning(now: Fitting, choice: str | None) -> Mapping[str, object]:
            said = {**now.words.get(one.name, {})}
            said.pop(word, None)
            if choice is not None:
                said[word] = choice
            return {"words": {**now.words, one.name: said}}

        async def choose(event: Any) -> None:
            await self._decide(lambda now: meaning(now, event.new))

        choice.param.watch(choose, "value")
        return _beside(choice, f"Allowed: {allowed(one)}.")

    async def _on_cell(self, line: int, header: str, text: str) -> None:
        def changed(now: Fitting) -> Mapping[str, object]:
            return {"cells": {**now.cells, line: {**now.cells.get(line, {}), header: text}}}

        await self._decide(changed)

    async def _on_left_out(self, lines: tuple[int, ...]) -> None:
        await self._decide(lambda now: {"left_out": tuple(sorted({*now.left_out, *lines}))})

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
                self.view[:] = []
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


def _beside(widget: Viewable, about: str, *more: Viewable) -> pn.Column:
    said = html(markup.paragraph(about, "quiet"))
    return pn.Column(widget, said, *more, width=WIDTH + 60, margin=(0, 24, 8, 0))
