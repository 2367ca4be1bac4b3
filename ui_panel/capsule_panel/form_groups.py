"""Fields together: the whole form, a group within it, and a choice between groups."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape

import panel_material_ui as pmui

import panel as pn
from capsule_panel import markup
from capsule_panel.form import FormField, Value
from capsule_panel.form_values import Problem
from capsule_panel.form_view import FieldView
from capsule_panel.frame import html

INSIDE = Problem("Mend what is marked in it.")
BORDER = {
    "border-left": "3px solid var(--line)",
    "padding-left": "16px",
    "margin-bottom": "14px",
}


class Fields:
    """Some fields side by side, groups below each other."""

    def __init__(self, fields: Sequence[FormField], on_change: Callable[[], None]) -> None:
        self._fixed = {one.name: one.default for one in fields if one.kind == "fixed"}
        self._views = [_view_of(one, on_change) for one in fields if one.kind != "fixed"]

    def read(self) -> dict[str, Value] | Problem:
        """Return the values by name, or a problem where a field shows one."""
        values = {view.field.name: view.read() for view in self._views}
        if any(isinstance(value, Problem) for value in values.values()):
            return INSIDE
        left_out = {view.field.name for view in self._views if view.left_out}
        kept = {name: value for name, value in values.items() if name not in left_out}
        return {**self._fixed, **kept}

    def refuse(self, path: list[str], sentence: str) -> bool:
        """Show what is wrong at this place; say whether there is such a place."""
        views = {view.field.name: view for view in self._views}
        return bool(path) and path[0] in views and views[path[0]].refuse(path[1:], sentence)

    def view(self) -> pn.Column:
        """Return the fields."""
        single = [view.view() for view in self._views if isinstance(view, FieldView)]
        groups = [view.view() for view in self._views if not isinstance(view, FieldView)]
        return pn.Column(pn.FlexBox(*single), *groups, sizing_mode="stretch_width")


class GroupView:
    """A group of settings; one that may be left out is taken by a tick."""

    left_out = False

    def __init__(self, field: FormField, on_change: Callable[[], None]) -> None:
        self.field = field
        self._fields = Fields(field.fields, on_change)
        self._taken = pmui.Checkbox(
            label=f"Set {field.label.lower()}", value=field.default is not None, margin=(4, 0)
        )
        self._inside = self._fields.view()
        self._inside.visible = not field.optional or self._taken.value

        def ticked(_: object) -> None:
            self._inside.visible = self._taken.value
            on_change()

        self._taken.param.watch(ticked, "value")

    def read(self) -> Value | Problem:
        """Return the group's values; None where it is left out."""
        if self.field.optional and not self._taken.value:
            return None
        return self._fields.read()

    def refuse(self, path: list[str], sentence: str) -> bool:
        """Show what is wrong inside; say whether there is such a place."""
        return self._fields.refuse(path, sentence)

    def view(self) -> pn.Column:
        """Return the group under its title."""
        tick = [self._taken] if self.field.optional else []
        return pn.Column(
            _title(self.field), *tick, self._inside, styles=BORDER, sizing_mode="stretch_width"
        )


class VariantView:
    """A choice between groups, of which the chosen one is shown."""

    left_out = False

    def __init__(self, field: FormField, on_change: Callable[[], None]) -> None:
        self.field = field
        self._groups = {one.name: Fields(_filled(one, field), on_change) for one in field.fields}
        blank: dict[str, str | None] = {"—": None} if field.optional else {}
        self._chosen = pmui.Select(
            label=field.label,
            options={**blank, **{one.label: one.name for one in field.fields}},
            value=_first(field),
            width=320,
            margin=(8, 0, 0, 0),
        )
        self._inside = {name: group.view() for name, group in self._groups.items()}

        def chosen(_: object) -> None:
            self._show()
            on_change()

        self._chosen.param.watch(chosen, "value")
        self._show()

    def read(self) -> Value | Problem:
        """Return the chosen group's values; None where none is chosen."""
        name = self._chosen.value
        return self._groups[name].read() if name else None

    def refuse(self, path: list[str], sentence: str) -> bool:
        """Show what is wrong inside the chosen one; say whether there is such a place."""
        name = self._chosen.value
        return bool(name) and self._groups[name].refuse(path, sentence)

    def view(self) -> pn.Column:
        """Return the choice with what belongs to it."""
        return pn.Column(
            _title(self.field),
            self._chosen,
            *self._inside.values(),
            styles=BORDER,
            sizing_mode="stretch_width",
        )

    def _show(self) -> None:
        for name, inside in self._inside.items():
            inside.visible = name == self._chosen.value


class FormView:
    """All settings of a capsule."""

    def __init__(self, fields: Sequence[FormField], on_change: Callable[[], None]) -> None:
        self._empty = not fields
        self._fields = Fields(fields, on_change)

    def read(self) -> dict[str, Value] | None:
        """Return the settings, or None where a field shows a problem."""
        values = self._fields.read()
        return None if isinstance(values, Problem) else values

    def refused(self, errors: Sequence[str]) -> list[str]:
        """Show each "name.name: sentence" beside its field; return those that belong to none."""
        left = []
        for error in errors:
            path, _, sentence = error.partition(": ")
            if not self._fields.refuse(path.split("."), sentence):
                left.append(error)
        return left

    def view(self) -> pn.viewable.Viewable:
        """Return the fields, or a sentence where there are none."""
        if self._empty:
            return html(markup.paragraph("There is nothing to set.", "quiet"))
        return self._fields.view()


def _view_of(
    field: FormField, on_change: Callable[[], None]
) -> FieldView | GroupView | VariantView:
    if field.kind == "group":
        return GroupView(field, on_change)
    return VariantView(field, on_change) if field.kind == "variant" else FieldView(field, on_change)


def _title(field: FormField) -> pn.pane.HTML:
    meaning = markup.paragraph(field.meaning, "quiet") if field.meaning else ""
    return html(f"<h3 style='margin-top:10px'>{escape(field.label)}</h3>{meaning}")


def _first(field: FormField) -> str | None:
    """Return the name of the group that the default belongs to."""
    given = field.default if isinstance(field.default, dict) else None
    for one in field.fields if given else ():
        known = {inner.name: inner for inner in one.fields}
        fits = all(
            name in known and (known[name].kind != "fixed" or known[name].default == value)
            for name, value in (given or {}).items()
        )
        if fits:
            return one.name
    return None if field.optional else field.fields[0].name


def _filled(group: FormField, field: FormField) -> list[FormField]:
    """Return a group's fields with the values of the default where it is this group's."""
    given = field.default if isinstance(field.default, dict) and _first(field) == group.name else {}
    return [
        replace(one, default=given[one.name]) if one.name in given and one.kind != "fixed" else one
        for one in group.fields
    ]
