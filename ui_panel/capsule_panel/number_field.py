"""A number that may be left unsaid: an empty field says so, and the words beneath it what is used instead.

It is a text field, because a number widget shows an empty field and 1.5e-9 alike as 0.
"""

from collections.abc import Awaitable, Callable

import panel_material_ui as pmui

import panel as pn
from capsule_panel.form import FormField
from capsule_panel.form_values import Problem, parse
from capsule_panel.form_words import shown

UNSAID = "not said"


class NumberField:
    """Holds what a person typed, apart from what the page itself put there."""

    def __init__(
        self, label: str, width: int, most: float | None = None, *, positive: bool = False
    ) -> None:
        """Take bounds: from 0, or where `positive` above it, up to `most`; none without `most`."""
        self.widget = pmui.TextInput(
            label=label, placeholder=UNSAID, width=width, max_length=30, margin=(8, 8, 8, 0)
        )
        self._kind = FormField(
            name=label,
            label=label,
            kind="number",
            default=None,
            optional=True,
            low=None if most is None else 0,
            high=most,
            low_open=positive,
        )
        self._put = self._words = ""
        self._act: Callable[[], Awaitable[None]] | None = None
        self.widget.param.watch(self._changed, "value")

    @property
    def value(self) -> float | None:
        """The number; None while none is said. What cannot be read leaves the one before it."""
        read = self.read()
        before = parse(self._kind, self._put)
        found = before if isinstance(read, Problem) else read
        return float(found) if isinstance(found, int | float) else None

    def read(self) -> float | Problem | None:
        """Return what is typed as a number, None where nothing is, or what to write instead."""
        read: float | Problem | None = parse(self._kind, self.widget.value)
        return read

    def fill(self, value: float | None, words: str = "") -> None:
        """Put a number there, or leave the field empty; `words` stand beneath it."""
        self._put, self._words = shown(value), words
        self.widget.param.update(value=self._put, helper_text=words, error_state=False)

    def on_said(self, act: Callable[[], Awaitable[None]]) -> None:
        """Have `act` called once a person has typed another number than stood there, or none."""
        self._act = act

    def _changed(self, _: object) -> None:
        if self.widget.value == self._put:
            return
        read = self.read()
        if isinstance(read, Problem):
            self.widget.param.update(helper_text=read.sentence, error_state=True)
            return
        self.widget.param.update(helper_text=self._words, error_state=False)
        if self._act is not None:
            pn.state.execute(self._act)
