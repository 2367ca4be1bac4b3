"""Who is sitting here: a name that goes beside everything they give, remembered by their browser."""

import panel_material_ui as pmui
import param

import panel as pn
from capsule_flows.accounts import accounts
from capsule_panel.frame import html
from capsule_panel.header import NAME_COOKIE, known_name
from capsule_panel.markup import paragraph


class Remember(pn.custom.JSComponent):  # type: ignore[misc]  # Panel ships no types
    """Keeps the name in a cookie for a year; shows nothing."""

    person = param.String()

    _esm = f"""
export function render({{ model }}) {{
  model.on("person", () => {{
    const kept = encodeURIComponent(model.person)
    document.cookie = "{NAME_COOKIE}=" + kept + ";path=/;max-age=31536000;samesite=strict"
  }})
}}
"""


class Person(pn.viewable.Viewer):  # type: ignore[misc]  # Panel ships no types
    """The field that asks for the name, where nobody has to sign in."""

    def __init__(self) -> None:
        super().__init__()
        known = known_name()
        self._signed_in = accounts().needed
        self.field = pmui.TextInput(
            label="Your name", value=known, max_length=100, width=320, margin=(8, 0)
        )
        self._remember = Remember(person=known, width=0, height=0, margin=0)
        self.field.param.watch(lambda event: self._remember.param.update(person=event.new), "value")

    @property
    def name_given(self) -> str:
        """The name as typed, or the account's; empty where none was given."""
        return known_name() if self._signed_in else str(self.field.value or "").strip()

    def asked(self) -> bool:
        """Say whether there is a name; mark the field where there is none."""
        self.field.error_state = not self.name_given
        return bool(self.name_given)

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the field with what the name is for; where she has signed in, who she is."""
        if self._signed_in:
            return html(paragraph(f"You are here as {self.name_given}.", "quiet"))
        return pn.Column(
            self.field,
            html(paragraph("It goes beside everything you give here.", "quiet")),
            self._remember,
        )
