"""How her file was read: a few lines of it, each guess in plain words, each corrected by one choice."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from html import escape
from typing import Any

import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_flows.decoding import ENCODINGS
from capsule_flows.reading_choices import DELIMITERS, Doubt, ReadAs, Role, Seen
from capsule_panel import markup
from capsule_panel.frame import column, html

ROLES: Mapping[Role, str] = {
    "above": "left out",
    "header": "names",
    "units": "units",
    "case": "case",
    "below": "left out",
}
DECIMALS = {"told column by column": None, "a point, as in 1.5": ".", "a comma, as in 1,5": ","}
ABOUT_THE_TABLE = {"header": None, "units": None, "last": None, "sure": ()}
"""What a choice of another sheet or separator makes void."""
WIDTH = 220

OnChoice = Callable[[ReadAs], Awaitable[None]]
"""Told how the file is to be read from now on."""


class ReadingView:
    """Shows what was seen of a file; tells what was chosen."""

    def __init__(self, on_choice: OnChoice) -> None:
        self._on_choice = on_choice
        self._otherwise = pmui.Button(
            label="Read it otherwise", variant="outlined", size="small", margin=(4, 0, 8, 0)
        )
        self._otherwise.on_click(self._open)
        self._choices = pn.FlexBox()
        self.view: Viewable = column()

    def show(self, seen: Seen | None, chosen: ReadAs, *, refused: bool = False) -> None:
        """Show a file as it was read, with `chosen` in force; open where something is to decide."""
        if seen is None:
            self.view[:] = []
            return
        to_decide = refused or bool(seen.doubts)
        self._choices[:] = self._choices_of(seen, chosen)
        self._choices.visible, self._otherwise.visible = to_decide, not to_decide
        self.view[:] = [
            html(_preview(seen, is_open=to_decide)),
            *(self._asked(doubt, seen, chosen) for doubt in _askable(seen, refused=refused)),
            self._otherwise,
            self._choices,
        ]

    def _open(self, _: object) -> None:
        self._choices.visible, self._otherwise.visible = True, False

    def _asked(self, doubt: Doubt, seen: Seen, chosen: ReadAs) -> Viewable:
        """Return one doubt with a button for each answer."""
        answers: dict[str, dict[str, Any]]
        if doubt.about == "sheet":
            answers = {f"Take “{name}”": {"sheet": name} for name in seen.sheets}
        else:
            answers = {"That is right": {"sure": (*chosen.sure, doubt.about)}}
        if doubt.about == "header":
            answers["There is no header"] = {"header": 0, "units": 0}
        buttons = []
        for label, update in answers.items():
            button = pmui.Button(label=label, variant="outlined", size="small", margin=(0, 8, 0, 0))
            button.on_click(partial(self._take, chosen, update))
            buttons.append(button)
        return pn.Column(
            html(f'<div class="note" role="status">{escape(doubt.sentence)}</div>'),
            pn.FlexBox(*buttons),
            sizing_mode="stretch_width",
            margin=(0, 0, 10, 0),
        )

    def _choices_of(self, seen: Seen, chosen: ReadAs) -> list[Viewable]:
        now = seen.read_as
        choices: list[Viewable] = []
        if len(seen.sheets) > 1:
            sheets = {name: name for name in seen.sheets}
            choices.append(self._select("Sheet", "sheet", sheets, now.sheet, chosen, anew=True))
        if now.delimiter:
            signs = {words: sign for sign, words in DELIMITERS.items()}
            choices += [
                self._select(
                    "Cells are separated by", "delimiter", signs, now.delimiter, chosen, anew=True
                ),
                self._select(
                    "Letters are written as", "encoding", _encodings(now), now.encoding, chosen
                ),
                self._select("Decimals stand behind", "decimal", DECIMALS, now.decimal, chosen),
            ]
        if now.header is not None:
            lines = {f"line {one.number}": one.number for one in seen.lines if one.number}
            names = {"no line: there are none": 0} | lines | {f"line {now.header}": now.header}
            names = names if now.header else {"no line: there are none": 0} | lines
            units = {"no line: there are none": 0} | lines
            choices += [
                self._select("Names of the columns in", "header", names, now.header, chosen),
                self._select("Units in", "units", units, now.units, chosen),
                self._last_line(now, chosen),
            ]
        return choices

    def _select(
        self,
        label: str,
        field: str,
        options: Mapping[str, Any],
        value: Any,
        chosen: ReadAs,
        *,
        anew: bool = False,
    ) -> Viewable:
        select = pmui.Select(
            label=label, options=dict(options), value=value, width=WIDTH, margin=(8, 16, 0, 0)
        )

        async def choose(event: Any) -> None:
            void = ABOUT_THE_TABLE if anew else {"units": None} if field == "header" else {}
            await self._on_choice(chosen.model_copy(update={**void, field: event.new}))

        select.param.watch(choose, "value")
        return select

    def _last_line(self, now: ReadAs, chosen: ReadAs) -> Viewable:
        field = pmui.TextInput(
            label="The table ends in line",
            value=str(now.last or ""),
            width=WIDTH,
            margin=(8, 16, 0, 0),
        )

        async def choose(event: Any) -> None:
            line = str(event.new or "").strip()
            last = int(line) if line.isdecimal() and int(line) else None
            await self._on_choice(chosen.model_copy(update={"last": last}))

        field.param.watch(choose, "value")
        return field

    async def _take(self, chosen: ReadAs, update: Mapping[str, Any], _: object) -> None:
        await self._on_choice(chosen.model_copy(update=dict(update)))


def _askable(seen: Seen, *, refused: bool) -> list[Doubt]:
    """Return the doubts to decide; to say that a refused file is right would not help it."""
    return [one for one in seen.doubts if not refused or one.about in ("sheet", "header")]


def _encodings(now: ReadAs) -> dict[str, str]:
    known = {said: name for name, said in ENCODINGS.items()}
    if now.encoding in ENCODINGS or now.encoding is None:
        return known
    return known | {now.encoding: now.encoding}


def _preview(seen: Seen, *, is_open: bool) -> str:
    """Return a few lines of the file with the role that each was given, behind a line of words."""
    if not seen.lines:
        return markup.paragraph(f"Your file is {seen.kind}.")
    width = max(len(line.cells) for line in seen.lines)
    rows = []
    before = 0
    for line in seen.lines:
        if before and line.number > before + 1:
            rows.append(f'<tr class="gap"><td colspan="{width + 2}">⋮</td></tr>')
        before = line.number
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in line.cells)
        blank = "<td></td>" * (width - len(line.cells))
        number = line.number or ""
        rows.append(
            f'<tr class="{line.role}"><th scope="row">{number}</th>'
            f"<td>{ROLES[line.role]}</td>{cells}{blank}</tr>"
        )
    table = f'<div class="scroll"><table class="lines">{"".join(rows)}</table></div>'
    return markup.folded("We read your file like this: " + in_words(seen), table, is_open=is_open)


def in_words(seen: Seen) -> str:
    """Say in one sentence how a file was read."""
    now = seen.read_as
    parts = [seen.kind]
    if now.sheet and len(seen.sheets) > 1:
        parts.append(f"sheet “{now.sheet}”")
    if now.delimiter:
        parts.append(f"cells separated by {DELIMITERS[now.delimiter]}")
        parts.append(f"letters as {ENCODINGS.get(now.encoding or '', now.encoding)}")
    if now.decimal:
        parts.append("a decimal comma" if now.decimal == "," else "a decimal point")
    if now.header is not None:
        parts.append(f"names in line {now.header}" if now.header else "no names of columns")
    if now.units:
        parts.append(f"units in line {now.units}")
    if now.last:
        parts.append(f"the last case in line {now.last}")
    return ", ".join(parts) + "."
