"""Where an author sees what is known of a model, and has a capsule made of it."""

import asyncio
import io
import re
from collections.abc import Awaitable, Callable
from html import escape

import pandas as pd
import panel_material_ui as pmui
from panel.viewable import Viewable

from capsule_blocks.model_card import Signature
from capsule_blocks.registered_models import Lineage, Unknown
from capsule_flows.new_capsule import NewCapsule, new_capsule
from capsule_flows.new_finding import CannotDraft, find_source
from capsule_flows.new_sample import read_sample
from capsule_flows.new_source import Source
from capsule_kit.errors import CapsuleError
from capsule_panel import access, markup
from capsule_panel.frame import errors_in, html, section
from capsule_panel.words import when

NO_ANSWER = "none: the model's output says it"
SHOWN = 40
LARGEST_SAMPLE = 20_000_000
"""In bytes; the browser refuses more before it is sent, for the page holds it in memory."""


class Drafting:
    """What is known of the model at an address, and the few things that a draft asks."""

    def __init__(self, address: str, on_made: Callable[[str, NewCapsule], Awaitable[None]]) -> None:
        """Take what is told once the folder is there."""
        self._address, self._on_made = address, on_made
        self._source: Source | None = None
        self._known, self._said = html(), html()
        self._name = pmui.TextInput(
            label="The capsule's name",
            value=_proposed(address),
            max_length=60,
            width=320,
            margin=(8, 0),
        )
        self._sample = pmui.FileInput(
            label="Some rows it was trained on, with the answer",
            accept=".csv,.parquet",
            max_file_size=LARGEST_SAMPLE,
            margin=(8, 0),
        )
        self._sample.param.watch(self._on_sample, "value")
        self._answer = pmui.Select(
            label="The column with the answer",
            options=[NO_ANSWER],
            width=320,
            visible=False,
            margin=(8, 0),
        )
        self._make = pmui.Button(
            label="Create the capsule", color="primary", size="large", margin=(8, 0)
        )
        self._make.on_click(self._on_make)

    async def load(self) -> None:
        """Find the model and show what is told of it; nothing of it is opened."""
        with errors_in(self._known):
            self._source = await asyncio.to_thread(_found, self._address)
            self._known.object = known_html(self._source)

    def view(self) -> list[Viewable]:
        """Return the page's parts."""
        about = (
            "The capsule becomes a folder of this project, yours to edit: its contract is drafted from"
            " the model's signature, its input example, and rows that you give. What only you can say"
            " is asked afterwards."
        )
        return [
            html(f"<h1>Create an inference capsule</h1>{markup.paragraph(about)}"),
            section(self._known),
            section(
                html("<h2>What the draft needs</h2>"),
                self._name,
                html(
                    markup.paragraph(
                        "With rows of the training's table the draft has choices, bounds, classes and"
                        " example cases. They are read for the draft and copied nowhere but into its"
                        " 20 example cases. CSV or Parquet, 20 MB at most.",
                        "quiet",
                    )
                ),
                self._sample,
                self._answer,
                self._make,
                self._said,
            ),
        ]

    async def _on_sample(self, _: object) -> None:
        with errors_in(self._said):
            self._said.object = ""
            sample = await asyncio.to_thread(self._rows)
            columns = [] if sample is None else [str(one) for one in sample]
            self._answer.options = [NO_ANSWER, *columns]
            self._answer.visible = bool(columns)

    def _rows(self) -> pd.DataFrame | None:
        given = self._sample.value
        return read_sample(io.BytesIO(given), str(self._sample.filename)) if given else None

    async def _on_make(self, _: object) -> None:
        self._make.disabled = True
        self._said.object = markup.paragraph("Writing the capsule …", "quiet")
        with errors_in(self._said):
            await access.insist("make capsules", None)
            made = await asyncio.to_thread(self._made)
            self._said.object = ""
            await self._on_made(str(self._name.value), made)
        self._make.disabled = False

    def _made(self) -> NewCapsule:
        answer = None if self._answer.value == NO_ANSWER else str(self._answer.value)
        name = str(self._name.value or "").strip()
        try:
            source = self._source or find_source(self._address)
            return new_capsule(name, source, self._rows(), answer)
        except CapsuleError as cause:
            raise CannotDraft(str(cause)) from cause


def known_html(source: Source) -> str:
    """Return what is told of a model: who made it, what it measured, what it takes and gives."""
    version = source.version
    told = [f"<h2>{escape(source.told)}</h2>"]
    if version is not None:
        who = f", by {version.by}" if version.by else ""
        aliases = f" Aliases: {', '.join(version.aliases)}." if version.aliases else ""
        at = f" {when(version.at)}" if version.at else ""
        told.append(markup.paragraph(f"Registered{at}{who}.{aliases}"))
        told.append(markup.paragraph(version.description) if version.description else "")
    told += [_lineage(source.lineage), _signature(source.card.signature)]
    if source.card.example:
        rows = source.card.example[:3]
        names = list(rows[0])[:SHOWN]
        cells = [[str(row.get(name, "")) for name in names] for row in rows]
        told.append(markup.folded("Its input example", markup.table(names, cells)))
    if source.card.requirements:
        told.append(
            markup.folded("What its Python needs", markup.bullets(source.card.requirements))
        )
    return "".join(told) + "".join(map(markup.note, source.card.gaps))


def _lineage(known: Lineage | Unknown | None) -> str:
    if known is None:
        return ""
    if isinstance(known, Unknown):
        return markup.paragraph(known.why, "quiet")
    by = f" by {known.by}" if known.by else ""
    ended = f", ended {when(known.ended_at)}" if known.ended_at else ""
    program = f" It ran {known.program}." if known.program else ""
    commit = f" Its code is of commit {known.commit[:8]}." if known.commit else ""
    run = f"Made by the run {known.run or known.run_id}{by}{ended}.{program}{commit}"
    measured = [(name, f"{value:.4g}") for name, value in sorted(known.metrics.items())]
    metrics = markup.table(("What it measured", "Value"), measured) if measured else ""
    params = sorted(known.params.items())
    more = (
        markup.folded("The run's parameters", markup.table(("Name", "Value"), params))
        if params
        else ""
    )
    return markup.paragraph(run) + metrics + more


def _signature(known: Signature | None) -> str:
    if known is None:
        return ""
    rows = [
        ("takes", one.name or "an array", one.type, "" if one.required else "may be blank")
        for one in known.inputs[:SHOWN]
    ]
    rows += [("gives", one.name or "one value", one.type, "") for one in known.outputs[:SHOWN]]
    rows += [("setting", one.name, one.type, f"{one.default}") for one in known.params[:SHOWN]]
    left = len(known.inputs) - SHOWN
    more = markup.paragraph(f"And {left:,} more columns.", "quiet") if left > 0 else ""
    table = markup.table(("", "Name", "Type", "Default, or whether it may be blank"), rows)
    return markup.folded("Its signature", table + more, is_open=True)


def _found(address: str) -> Source:
    try:
        return find_source(address)
    except CapsuleError as cause:
        raise CannotDraft(str(cause)) from cause


def _proposed(address: str) -> str:
    """Return a name for the capsule of a model at an address."""
    model = address.removeprefix("models:/").rstrip("/")
    named = model.split("/")[0].split("@")[0] if address.startswith("models:") else model
    last = named.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return re.sub(r"\W+", "_", last, flags=re.ASCII).strip("_").lower()
