"""The form on the screen: one table from a field's kind to its widget, errors beside the field."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import panel_material_ui as pmui

import panel as pn
from capsule_panel import markup
from capsule_panel.form import FormField, Kind, Problem, Value, hint, parse, shown
from capsule_panel.frame import html

WIDTH = 320
BLANK = "—"


def _typed(field: FormField) -> pmui.TextInput:
    return pmui.TextInput(
        label=field.label, value=shown(field.default), width=WIDTH, margin=(8, 0, 0, 0)
    )


def _ticked(field: FormField) -> pmui.Checkbox | pmui.Select:
    if field.optional:
        return _select(field, {BLANK: None, "yes": True, "no": False})
    return pmui.Checkbox(label=field.label, value=bool(field.default), margin=(8, 0, 0, 0))


def _chosen(field: FormField) -> pmui.Select:
    blank: dict[str, Value] = {BLANK: None} if field.optional or field.default is None else {}
    return _select(field, {**blank, **{shown(choice): choice for choice in field.choices}})


def _select(field: FormField, options: Mapping[str, Value]) -> pmui.Select:
    return pmui.Select(
        label=field.label,
        options=dict(options),
        value=field.default,
        width=WIDTH,
        margin=(8, 0, 0, 0),
    )


WIDGETS: Mapping[Kind, Callable[[FormField], Any]] = {
    "number": _typed,
    "integer": _typed,
    "text": _typed,
    "date": _typed,
    "choice": _chosen,
    "yes/no": _ticked,
}


class FieldView:
    """One field: its widget, what it means, and beside it what is wrong with what was typed."""

    def __init__(self, field: FormField) -> None:
        self.field = field
        self.widget = WIDGETS[field.kind](field)
        self._problem = html()
        self.widget.param.watch(lambda _: self.read(), "value")

    def read(self) -> Value | Problem:
        """Return the value or the problem, which is shown beside the field as well."""
        value = parse(self.field, self.widget.value)
        self.say(value.sentence if isinstance(value, Problem) else "")
        return value

    def say(self, sentence: str) -> None:
        """Show a problem beside the field; an empty sentence clears it."""
        self._problem.object = (
            f'<div class="field-problem" role="alert">{escape(sentence)}</div>' if sentence else ""
        )
        if hasattr(self.widget, "error_state"):
            self.widget.error_state = bool(sentence)

    def view(self) -> pn.Column:
        """Return the field with its explanation."""
        said = [line for line in (self.field.meaning, hint(self.field)) if line]
        about = "".join(markup.paragraph(line, "quiet") for line in said)
        return pn.Column(self.widget, self._problem, html(about), width=460, margin=(0, 24, 8, 0))


class FormView:
    """All settings of a capsule."""

    def __init__(self, fields: Sequence[FormField], on_change: Callable[[], None]) -> None:
        self._views = [FieldView(field) for field in fields]
        for view in self._views:
            view.widget.param.watch(lambda _: on_change(), "value")

    def read(self) -> dict[str, Value] | None:
        """Return the settings, or None where a field shows a problem."""
        values = {view.field.name: view.read() for view in self._views}
        usable = {name: value for name, value in values.items() if not isinstance(value, Problem)}
        return usable if len(usable) == len(values) else None

    def refused(self, errors: Sequence[str]) -> list[str]:
        """Show each "name: sentence" beside its field; return those that belong to none."""
        views = {view.field.name: view for view in self._views}
        left = []
        for error in errors:
            name, _, sentence = error.partition(": ")
            if name in views:
                views[name].say(sentence)
            else:
                left.append(error)
        return left

    def view(self) -> pn.viewable.Viewable:
        """Return the fields side by side, or a sentence where there are none."""
        if not self._views:
            return html(markup.paragraph("There is nothing to set.", "quiet"))
        return pn.FlexBox(*(view.view() for view in self._views))
