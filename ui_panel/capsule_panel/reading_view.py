"""How her file was read: a few lines of it, each guess in plain words, each corrected by one choice."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from html import escape
from typing import Any

import panel_material_ui as pmui

import panel as pn
from capsule_flows.decoding import ENCODINGS
from capsule_flows.reading_choices import DELIMITERS, RECOGNISED, Doubt, ReadAs, Role, Seen
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
FIELDS = {
    "sheet": "Sheet",
    "delimiter": "Cells are separated by",
    "encoding": "Letters are written as",
    "decimal": "Decimals stand behind",
    "header": "Names of the columns in",
    "units": "Units in",
    "last": "The table ends in line",
}
MAKES_VOID: Mapping[str, Mapping[str, Any]] = {
    "sheet": ABOUT_THE_TABLE,
    "delimiter": ABOUT_THE_TABLE,
    "header": {"units": None},
}
WIDTH = 220

OnChoice = Callable[[ReadAs], Awaitable[None]]
"""Told how the file is to be read from now on."""


class ReadingView:
    """Shows what was seen of a file; tells what was chosen.

    Its fields are hidden and shown, never made anew, so that whoever stands in one by keyboard stays.
    """

    def __init__(self, on_choice: OnChoice) -> None:
        self._on_choice = on_choice
        self._chosen, self._holds = RECOGNISED, dict[str, Any]()
        self._asked: tuple[Doubt, ...] = ()
        self._answers: list[pmui.Button] = []
        self._preview, self._doubts = html(), column()
        self._is_open = False
        self._otherwise = pmui.Button(
            label="Read it otherwise", variant="outlined", size="small", margin=(4, 0, 8, 0)
        )
        self._otherwise.on_click(self._open)
        self._fields = {name: self._field(name, label) for name, label in FIELDS.items()}
        # A Row is as wide at least as all its fields side by side, and the page with it.
        self._choices = pn.FlexBox(*self._fields.values(), sizing_mode="stretch_width")
        self.view = column(self._preview, self._doubts, self._otherwise, self._choices)

    def show(self, seen: Seen | None, chosen: ReadAs, *, refused: bool = False) -> None:
        """Show a file as it was read, with `chosen` in force; open where something is to decide."""
        self._chosen = chosen
        self.view.visible = seen is not None
        if seen is None:
            return
        to_decide = refused or bool(seen.doubts)
        self._is_open = self._is_open or to_decide
        self._choices.visible, self._otherwise.visible = self._is_open, not self._is_open
        self._preview.object = _preview(seen, is_open=to_decide)
        self._ask(_askable(seen, refused=refused), seen.sheets)
        choices = _choices_of(seen)
        self._holds = {name: holds for name, (_, holds) in choices.items()}
        for name, field in self._fields.items():
            options, holds = choices.get(name, ({}, None))
            given = {} if name == "last" else {"options": options}
            field.param.update(**given, value=holds, visible=name in choices)

    def _open(self, _: object) -> None:
        self._is_open = True
        self._choices.visible, self._otherwise.visible = True, False
        next(field for name, field in self._fields.items() if name in self._holds).focus()

    def _ask(self, doubts: tuple[Doubt, ...], sheets: tuple[str, ...]) -> None:
        """Show each doubt with a button for each answer."""
        if doubts == self._asked:
            return
        self._asked, self._answers, shown = doubts, [], []
        for doubt in doubts:
            buttons = [
                self._button(label, partial(_decided, doubt, update))
                for label, update in _answers(doubt, sheets).items()
            ]
            self._answers += buttons
            said = html(f'<div class="note" role="status">{escape(doubt.sentence)}</div>')
            shown.append(column(said, pn.FlexBox(*buttons)))
        self._doubts[:] = shown

    def _button(self, label: str, decided: Callable[[ReadAs], ReadAs]) -> pmui.Button:
        button = pmui.Button(label=label, variant="outlined", size="small", margin=(0, 8, 10, 0))

        async def take(_: object) -> None:
            self._is_open = False
            await self._on_choice(decided(self._chosen))
            # The button that she was on is gone; what is asked next, or else comes next, is at hand.
            (self._answers[0] if self._answers else self._otherwise).focus()

        button.on_click(take)
        return button

    def _field(self, name: str, label: str) -> Any:
        kind = pmui.TextInput if name == "last" else pmui.Select
        field = kind(label=label, width=WIDTH, margin=(8, 16, 0, 0), visible=False)

        async def choose(event: Any) -> None:
            if event.new == self._holds.get(name):
                return  # it was put there
            self._holds[name] = event.new
            value = _line(event.new) if name == "last" else event.new
            update = {**MAKES_VOID.get(name, {}), name: value}
            await self._on_choice(self._chosen.model_copy(update=update))

        field.param.watch(choose, "value")
        return field


def _answers(doubt: Doubt, sheets: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return what a doubt can be answered with: what is chosen by it, by what the button says."""
    if doubt.about == "sheet":
        return {f"Take “{name}”": {"sheet": name} for name in sheets}
    right: dict[str, dict[str, Any]] = {"That is right": {}}
    return right | (
        {"There is no header": {"header": 0, "units": 0}} if doubt.about == "header" else {}
    )


def _decided(doubt: Doubt, update: Mapping[str, Any], chosen: ReadAs) -> ReadAs:
    return chosen.model_copy(update=update or {"sure": (*chosen.sure, doubt.about)})


def _line(text: object) -> int | None:
    line = str(text or "").strip()
    return int(line) if line.isdecimal() and int(line) else None


def _choices_of(seen: Seen) -> dict[str, tuple[dict[str, Any], Any]]:
    """Return the fields that this file has, each with its options by what is shown, and what holds."""
    now = seen.read_as
    choices: dict[str, tuple[dict[str, Any], Any]] = {}
    if len(seen.sheets) > 1:
        choices["sheet"] = ({name: name for name in seen.sheets}, now.sheet)
    if now.delimiter:
        signs = {words: sign for sign, words in DELIMITERS.items()}
        choices["delimiter"] = (signs, now.delimiter)
        choices["encoding"] = (_encodings(now), now.encoding)
        choices["decimal"] = (dict(DECIMALS), now.decimal)
    if now.header is not None:
        lines = {"no line: there are none": 0}
        lines |= {f"line {one.number}": one.number for one in seen.lines if one.number}
        names = lines | ({f"line {now.header}": now.header} if now.header else {})
        choices["header"] = (names, now.header)
        choices["units"] = (lines, now.units)
        choices["last"] = ({}, str(now.last or ""))
    return choices


def _askable(seen: Seen, *, refused: bool) -> tuple[Doubt, ...]:
    """Return the doubts to decide; to say that a refused file is right would not help it."""
    return tuple(one for one in seen.doubts if not refused or one.about in ("sheet", "header"))


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
