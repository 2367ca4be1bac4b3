"""Where a person brings cases, chooses among those she has, sets the model's settings and presses Run."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import panel_material_ui as pmui
import param
from panel.viewable import Viewable

from capsule_blocks.tables import Upload
from capsule_flows.behaviour import derived_sets
from capsule_flows.challenge_batch import composed_sets
from capsule_flows.errors import SettingsRefused
from capsule_flows.findings import Finding
from capsule_flows.following import read_run
from capsule_flows.grouping import only_doubts
from capsule_flows.home import Resources
from capsule_flows.releases import Published
from capsule_flows.submitting import submit
from capsule_flows.wording import count
from capsule_kit.trial_flow import EXAMPLE
from capsule_panel import access, markup
from capsule_panel.attempts_view import TOLD_BEFORE
from capsule_panel.findings_view import findings_html
from capsule_panel.form import Value, plan
from capsule_panel.form_filled import NOT_SHARED, filled_with
from capsule_panel.form_groups import FormView
from capsule_panel.frame import column, errors_in, html, section
from capsule_panel.mending import Mending
from capsule_panel.person import Person
from capsule_panel.training_view import chosen_beside_training
from capsule_panel.upload_field import UploadField
from capsule_panel.watch import Watch


class Desk:
    """Where a person brings cases and presses Run."""

    def __init__(
        self, resources: Resources, published: Published, filled: Mapping[str, Any] | None = None
    ) -> None:
        """Take what the form is filled with, where it came with a share."""
        self._resources, self._published = resources, published
        self._person = Person()
        self._upload = UploadField(
            capsule=published.manifest.name,
            by=self._person.name_given,
            columns=_to_type(published),
            archive=any(one.file for one in published.manifest.contract.columns),
            sizing_mode="stretch_width",
        )
        self._example = pmui.Button(
            label="Take the author's example",
            variant="outlined",
            visible=False,
            margin=(0, 0, 8, 0),
        )
        self._example.on_click(self._on_example)
        self._person.field.param.watch(
            lambda event: self._upload.param.update(by=event.new or ""), "value"
        )
        self._upload.param.watch(self._on_received, "received")
        self._received, self._findings = html(), column()
        self._case_sets = pmui.Select(
            label="Cases", options={}, width=460, margin=(8, 0, 0, 0), searchable=False
        )
        self._beside_training = html()
        self._case_sets.param.watch(self._on_chosen, "value")
        fields = filled_with(plan(published.schema), filled or {})
        self._simple = [one.name for one in fields if one.kind not in NOT_SHARED]
        self._form = FormView(fields, on_change=self._forget)
        self._said = html()
        self._now, self._came_out = column(), column()
        self._run = pmui.Button(label="Run", color="primary", size="large", margin=(8, 0))
        self._run.on_click(self._on_run)

    def sections(self) -> list[Viewable]:
        """Return the page's parts from the name to the Run button."""
        template = f"template?{urlencode({'name': self._published.manifest.name})}"
        return [
            section(
                html("<h2>1. Your cases, with the answers you know</h2>"),
                html(f'<p><a class="button" href="{template}">Download an empty table</a></p>'),
                self._person,
                self._upload,
                self._example,
                html(
                    markup.paragraph(
                        "Cases that you brought before are there still: choose them below.", "quiet"
                    )
                ),
                html(markup.paragraph(TOLD_BEFORE, "quiet")),
                self._received,
                self._findings,
            ),
            section(
                html("<h2>2. Try the model on them</h2>"),
                self._case_sets,
                self._beside_training,
                html("<h3 style='margin-top:14px'>Settings</h3>"),
                self._form.view(),
                self._run,
                self._said,
                self._now,
            ),
            self._came_out,
        ]

    async def go_on_with(self, asked: bytes) -> None:
        """Open a table that was brought earlier, where the address names one."""
        if not asked:
            return
        upload_id = asked.decode("ascii", "replace")
        with errors_in(self._received):
            upload = await asyncio.to_thread(_upload, self._resources, upload_id)
            await access.insist("mend cases", upload)
            if upload is not None:
                name = upload.filename.rsplit(".", 1)[0]
                mending = self._mending({"upload": str(upload.id), "name": name})
                self._received.object = markup.paragraph(f"{upload.filename}, as you left it.")
                self._findings[:] = [mending.view]
                await mending.load()

    def begin_with(self, case_set: str | None) -> None:
        """Choose the cases that came with what is shared with her."""
        if case_set in self._case_sets.options.values():
            self._case_sets.value = case_set

    def settings(self) -> dict[str, Value] | None:
        """Return what a share may be filled with: the settings on the form, without secrets and groups."""
        values = self._form.read()
        return (
            None
            if values is None
            else {name: values[name] for name in self._simple if name in values}
        )

    async def refresh_case_sets(self, chosen: str | None = None) -> None:
        """Show the capsule's case sets, newest first, with one of them chosen."""
        ledger, name = self._resources.ledger, self._published.manifest.name
        visitor = await access.here()
        made = await asyncio.to_thread(
            lambda: derived_sets(self._resources, name) | composed_sets(self._resources, name)
        )
        found = [
            one
            for one in await asyncio.to_thread(ledger.case_sets, name)
            if one.id not in made and access.allowed(visitor, "use cases", one)
        ]
        options = {
            f"{one.name} — {count(one.cases, 'case')}, from {one.by}": one.name for one in found
        }
        first = next(iter(options.values()), None)
        self._case_sets.param.update(options=options, value=chosen or first)
        await self._hold_beside_training(self._case_sets.value)
        self._example.visible = EXAMPLE in options.values()

    async def _on_example(self, _: object) -> None:
        await self.refresh_case_sets(EXAMPLE)
        self._received.object = markup.good("The author's example is chosen. Press Run below.")
        self._findings[:] = []

    async def _on_received(self, event: param.parameterized.Event) -> None:
        with errors_in(self._received):
            told = event.new
            accepted = bool(told.get("accepted"))
            sentence = str(told.get("sentence", ""))
            how = (
                markup.paragraph(f"Your file was {told['how']}.", "quiet")
                if told.get("how")
                else ""
            )
            findings = [Finding.model_validate(one) for one in told.get("findings", [])]
            refused = markup.note if only_doubts(findings) else markup.problem
            self._received.object = (markup.good if accepted else refused)(sentence) + how
            mending = self._mending(told) if told.get("seen") else None
            if accepted or mending is None:
                found = html(findings_html(findings, self._published.manifest.contract))
                self._findings[:] = [found, *_otherwise(findings, mending)]
            else:
                self._findings[:] = [mending.view]
                await mending.load()
            if accepted:
                await self.refresh_case_sets(str(told["case_set"]))

    def _mending(self, told: dict[str, object]) -> Mending:
        return Mending(
            self._resources,
            self._published.manifest,
            self._person,
            UUID(str(told["upload"])),
            str(told["name"]),
            self._on_mended,
        )

    async def _on_mended(self, sentence: str, case_set: str) -> None:
        self._received.object = markup.good(sentence)
        self._findings[:] = []
        await self.refresh_case_sets(case_set)
        self._case_sets.focus()  # the button that she was on is gone with the file

    async def _on_chosen(self, event: param.parameterized.Event) -> None:
        await self._hold_beside_training(event.new)

    async def _hold_beside_training(self, name: str | None) -> None:
        with errors_in(self._beside_training):
            manifest, ledger = self._published.manifest, self._resources.ledger
            chosen = await asyncio.to_thread(ledger.case_set, manifest.name, str(name))
            if chosen is not None:
                await access.insist("use cases", chosen)
            self._beside_training.object = await asyncio.to_thread(
                chosen_beside_training, self._resources, manifest, chosen
            )

    def _forget(self) -> None:
        self._said.object = ""

    async def _on_run(self, _: object) -> None:
        settings = self._form.read()
        if settings is None:
            self._said.object = markup.problem("Mend the settings marked above, then press Run.")
            return
        if not self._person.asked():
            self._said.object = markup.problem("Write your name above first, then press Run.")
            return
        if not self._case_sets.value:
            self._said.object = markup.problem("Bring your cases first, then press Run.")
            return
        self._run.disabled = True
        self._said.object = markup.paragraph("Starting …", "quiet")
        with errors_in(self._said):
            await self._submit(settings)
        self._run.disabled = False

    async def _submit(self, settings: dict[str, Value]) -> None:
        name, chosen = self._published.manifest.name, str(self._case_sets.value)
        visitor = await access.insist("run", name)
        cases = await asyncio.to_thread(self._resources.ledger.case_set, name, chosen)
        await access.insist("use cases", cases)
        try:
            flow_run_id = await asyncio.to_thread(
                submit,
                self._resources,
                self._published,
                chosen,
                settings,
                by=self._person.name_given,
                door="app",
                owner=visitor.owner,
            )
        except SettingsRefused as refused:
            left = self._form.refused(refused.errors)
            sentence = "; ".join(left) or "Mend the settings marked above, then press Run."
            self._said.object = markup.problem(sentence)
            return
        self._said.object = ""
        # Beside the button, where she looks, and beneath the form: she can change a value and run again.
        watch = Watch(self._resources, flow_run_id, self._person)
        self._now[:] = [watch.now]
        self._came_out[:] = [watch.view]
        await watch.follow(await asyncio.to_thread(read_run, flow_run_id))


def _upload(resources: Resources, upload_id: str) -> Upload | None:
    try:
        return resources.ledger.upload(UUID(upload_id))
    except ValueError:
        return None


def _to_type(published: Published) -> list[dict[str, str]]:
    contract = published.manifest.contract
    asked = (*contract.columns, *contract.answer.as_columns())
    return [{"name": one.name, "hint": one.example} for one in asked]


def _otherwise(findings: Sequence[Finding], mending: Mending | None) -> list[Viewable]:
    """Return a way to decide otherwise how the file was read, or which columns and units were taken."""
    if mending is None:
        return []
    taken = any(one.mistake in ("column taken", "unit turned") for one in findings)
    label = "Take my columns otherwise" if taken else "Read my file otherwise"
    button = pmui.Button(label=label, variant="outlined", margin=(8, 0))

    async def open_it(_: object) -> None:
        button.visible = False
        await mending.load()

    button.on_click(open_it)
    return [button, mending.view]
