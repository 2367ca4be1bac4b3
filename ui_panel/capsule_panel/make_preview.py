"""A capsule as its expert will see it, before she does: her page's head and form, from the declaration alone."""

import asyncio
from html import escape

from panel.viewable import Viewable

from capsule_flows.new_preview import preview
from capsule_flows.releases import Published
from capsule_panel import markup
from capsule_panel.about import about_html
from capsule_panel.form import plan
from capsule_panel.form_groups import FormView
from capsule_panel.frame import column, errors_in, html, section


class Preview:
    """What the expert will see, as the declaration has it now."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._said, self._shown = html(), column()
        self.seen: Published | None = None

    async def load(self) -> None:
        """Read the declaration in a process of its own and show it."""
        self._said.object = markup.paragraph("Reading the declaration …", "quiet")
        self.seen, self._shown[:] = None, []
        with errors_in(self._said):
            self.seen = await asyncio.to_thread(preview, self._name)
            self._said.object = ""
            self._shown[:] = _as_she_sees(self.seen)

    def view(self) -> Viewable:
        """Return it on one sheet."""
        return section(
            html(
                "<h2>2. See it as your expert will</h2>"
                + markup.paragraph("Nobody else sees it yet; nothing here starts a run.", "quiet")
            ),
            self._said,
            self._shown,
        )


def _as_she_sees(seen: Published) -> list[Viewable]:
    fields = plan(seen.schema)
    parts: list[Viewable] = [
        html(f"<h3>{escape(seen.manifest.title)}</h3>{about_html(seen.manifest)}")
    ]
    if fields:
        parts += [html("<h3>Settings</h3>"), FormView(fields, on_change=lambda: None).view()]
    inside = column(*parts)
    inside.styles = {
        "max-height": "none",
        "border": "1px dashed var(--line)",
        "border-radius": "var(--round)",
        "padding": "12px 16px",
    }
    return [inside]
