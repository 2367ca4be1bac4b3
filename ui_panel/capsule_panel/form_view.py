"""One field of the form on the screen: one table from its kind to its widget, errors beside it."""

from collections.abc import Callable, Mapping
from typing import Any

import panel_material_ui as pmui

import panel as pn
from capsule_panel import markup
from capsule_panel.form import FormField, Kind, Value
from capsule_panel.form_values import Problem, parse, typed_as
from capsule_panel.form_words import hint, shown
from capsule_panel.frame import html

WIDTH = 320
BLANK = "—"
PLACE = {"width": WIDTH, "margin": (8, 0, 0, 0)}


def _typed(field: FormField) -> pmui.TextInput:
    return pmui.TextInput(label=field.label, value=typed_as(field), **PLACE)


def _hidden(field: FormField) -> pmui.PasswordInput:
    return pmui.PasswordInput(label=field.label, value="", **PLACE)


def _lines(field: FormField) -> pmui.TextAreaInput:
    return pmui.TextAreaInput(label=field.label, value=typed_as(field), rows=4, **PLACE)


def _ticked(field: FormField) -> pmui.Checkbox | pmui.Select:
    if field.optional:
        return _select(field, {BLANK: None, "yes": True, "no": False})
    return pmui.Checkbox(label=field.label, value=bool(field.default), margin=(8, 0, 0, 0))


def _chosen(field: FormField) -> pmui.Select:
    blank: dict[str, Value] = {BLANK: None} if field.optional or field.default is None else {}
    return _select(field, {**blank, **{shown(choice): choice for choice in field.choices}})


def _several(field: FormField) -> pmui.CheckBoxGroup:
    options = {shown(choice): choice for choice in field.choices}
    given = field.default if isinstance(field.default, list) else []
    return pmui.CheckBoxGroup(label=field.label, options=options, value=list(given), **PLACE)


def _select(field: FormField, options: Mapping[str, Value]) -> pmui.Select:
    return pmui.Select(label=field.label, options=dict(options), value=field.default, **PLACE)


WIDGETS: Mapping[Kind, Callable[[FormField], Any]] = {
    **dict.fromkeys(
        ("number", "integer", "text", "date", "time", "moment", "duration", "either"), _typed
    ),
    "secret": _hidden,
    "list": _lines,
    "json": _lines,
    "choice": _chosen,
    "choices": _several,
    "yes/no": _ticked,
}


class FieldView:
    """One field: its widget, what it means, and beside it what is wrong with what was typed."""

    def __init__(self, field: FormField, on_change: Callable[[], None]) -> None:
        self.field = field
        self.widget = WIDGETS[field.kind](field)
        self._problem = html()

        def changed(_: object) -> None:
            self.read()
            on_change()

        self.widget.param.watch(changed, "value")

    @property
    def left_out(self) -> bool:
        """Whether the author's own value is to be used, which the form does not know."""
        typed = self.widget.value
        return self.field.unknown and not (typed.strip() if isinstance(typed, str) else typed)

    def read(self) -> Value | Problem:
        """Return the value or the problem, which is shown beside the field as well."""
        value = None if self.left_out else parse(self.field, self.widget.value)
        self._say(value.sentence if isinstance(value, Problem) else "")
        return value

    def refuse(self, path: list[str], sentence: str) -> bool:
        """Show what the check before the run found wrong here; the path tells where inside."""
        inside = f" (at {'.'.join(path)})" if path else ""
        self._say(f"{sentence}{inside}")
        return True

    def view(self) -> pn.Column:
        """Return the field with its explanation."""
        said = [line for line in (self.field.meaning, hint(self.field)) if line]
        about = "".join(markup.paragraph(line, "quiet") for line in said)
        return pn.Column(self.widget, self._problem, html(about), width=460, margin=(0, 24, 8, 0))

    def _say(self, sentence: str) -> None:
        self._problem.object = markup.field_problem(sentence)
        if hasattr(self.widget, "error_state"):
            self.widget.error_state = bool(sentence)
