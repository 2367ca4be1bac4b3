"""What only the author can say, a field for each text, and the capsule's files to edit."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import groupby
from pathlib import Path

import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_flows.errors import FlowsError
from capsule_flows.new_folder import DECLARATION, EDITED, folder_of
from capsule_flows.new_texts import Text, inferred_in, texts_in, with_bounds_confirmed, with_texts
from capsule_flows.wording import count
from capsule_panel import access, markup
from capsule_panel.frame import column, errors_in, html, section

MOST_FIELDS = 60
"""So many texts are asked side by side; the others are written in the file."""
BOUNDS = (
    "The bounds of {} were only seen in the sample: a value outside is a warning. Look at them below,"
    " in the columns of the table; correct them in the file, or stand for them, and it is refused."
)
FEW_WORDS = ("unit", "one row", "class")
"""What is asked with these is answered in a few words."""


class ChangedMeanwhile(FlowsError):
    """A file was changed elsewhere since the page showed it."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"{file} was changed elsewhere since it was shown here, so nothing was saved. Copy what you"
            " wrote, open the page again and put it in."
        )


class NoPython(FlowsError):
    """A declaration that cannot be read as Python is not written."""

    def __init__(self, file: Path, cause: SyntaxError) -> None:
        super().__init__(f"{file}, line {cause.lineno}: {cause.msg}. Nothing was saved; mend it.")


class Texts:
    """The texts that are still to be written, and the files."""

    def __init__(self, name: str, on_saved: Callable[[], Awaitable[None]]) -> None:
        """Take what is told whenever a file was saved."""
        self._folder, self._on_saved = folder_of(name), on_saved
        self._shown: dict[str, str] = {}
        self._fields: list[pmui.TextInput | pmui.TextAreaInput] = []
        self._asked, self._said, self._file_said = column(), html(), html()
        self._save = pmui.Button(label="Save these texts", color="primary", margin=(8, 0))
        self._save.on_click(self._on_save)
        self._bounds = html()
        self._confirm = pmui.Button(
            label="I stand for these bounds", variant="outlined", visible=False, margin=(4, 0, 8, 0)
        )
        self._confirm.on_click(self._on_confirm)
        there = [one for one in EDITED if (self._folder / one).is_file()]
        self._which = pmui.Select(label="File", options=there, value=DECLARATION, width=320)
        self._which.param.watch(self._on_which, "value")
        self._editor = pmui.TextAreaInput(
            label="Its text",
            rows=24,
            sizing_mode="stretch_width",
            sx={"textarea": {"fontFamily": "monospace", "fontSize": "13px"}},
        )
        self._save_file = pmui.Button(label="Save this file", variant="outlined", margin=(8, 0))
        self._save_file.on_click(self._on_save_file)
        self._files = column(self._which, self._editor, self._save_file, self._file_said)
        self._files.visible = False
        self._open = pmui.Button(label="Edit the files here", variant="text", margin=(4, 0))
        self._open.on_click(lambda _: self._files.param.update(visible=not self._files.visible))

    async def load(self) -> None:
        """Show what the files hold."""
        with errors_in(self._said):
            await asyncio.to_thread(self._read)
            self._ask()
            self._editor.value = self._shown[str(self._which.value)]

    def view(self) -> Viewable:
        """Return both on one sheet."""
        return section(
            html("<h2>1. Say what only you can say</h2>"),
            self._asked,
            self._save,
            self._said,
            self._bounds,
            self._confirm,
            self._open,
            self._files,
        )

    def _read(self) -> None:
        self._shown = {
            one: (self._folder / one).read_text(encoding="utf-8") for one in self._which.options
        }

    def _ask(self) -> None:
        try:
            asked = texts_in(self._shown[DECLARATION])
            inferred = inferred_in(self._shown[DECLARATION])
        except SyntaxError as cause:
            raise NoPython(self._folder / DECLARATION, cause) from cause
        self._fields = [_field(one) for one in asked[:MOST_FIELDS]]
        self._save.visible = bool(asked)
        self._confirm.visible = bool(inferred)
        self._bounds.object = markup.note(BOUNDS.format(count(inferred, "column"))) * bool(inferred)
        if not asked:
            self._asked[:] = [html(markup.good("Every text is written."))]
            return
        told = f"{count(len(asked), 'text')} still to be written; your expert reads them."
        left = len(asked) - len(self._fields)
        if left:
            told += f" {left:,} of them are asked in the file alone."
        pairs = zip(asked, self._fields, strict=False)
        groups = groupby(pairs, key=lambda pair: pair[0].of)
        rows = [pn.FlexBox(*(field for _, field in some)) for _, some in groups]
        self._asked[:] = [html(markup.paragraph(told, "quiet")), *rows]

    async def _on_save(self, _: object) -> None:
        with errors_in(self._said):
            said = [str(one.value or "") for one in self._fields]
            source = self._shown[DECLARATION]
            said += [""] * (len(texts_in(source)) - len(said))
            await self._write(DECLARATION, with_texts(source, said))
            self._said.object = markup.good("Saved.")

    async def _on_confirm(self, _: object) -> None:
        with errors_in(self._said):
            await self._write(DECLARATION, with_bounds_confirmed(self._shown[DECLARATION]))
            self._said.object = markup.good("A value outside the bounds is refused from now on.")

    async def _on_save_file(self, _: object) -> None:
        with errors_in(self._file_said):
            await self._write(str(self._which.value), str(self._editor.value or ""))
            self._file_said.object = markup.good("Saved.")

    async def _write(self, name: str, text: str) -> None:
        await access.insist("make capsules", None)
        await asyncio.to_thread(self._put, name, text)
        await self.load()
        await self._on_saved()

    def _put(self, name: str, text: str) -> None:
        file = self._folder / name
        if name.endswith(".py"):
            try:
                compile(text, name, "exec", dont_inherit=True)
            except SyntaxError as cause:
                raise NoPython(file, cause) from cause
        if file.read_text(encoding="utf-8") != self._shown[name]:
            raise ChangedMeanwhile(file)
        file.write_text(text, encoding="utf-8")

    def _on_which(self, _: object) -> None:
        self._editor.value = self._shown[str(self._which.value)]
        self._file_said.object = ""


def _field(asked: Text) -> pmui.TextInput | pmui.TextAreaInput:
    few = any(one in asked.what for one in FEW_WORDS)
    label = f"{asked.of}: {asked.what}" if asked.of else asked.what[:1].upper() + asked.what[1:]
    place = {"label": label, "width": 320 if few else 480, "margin": (4, 16, 8, 0)}
    return pmui.TextInput(**place) if few or asked.of else pmui.TextAreaInput(rows=2, **place)
