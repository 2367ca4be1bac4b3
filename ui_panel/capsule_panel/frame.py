"""The frame of every page: a calm shell that fills itself once it is on the screen, and one place for errors."""

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from html import escape

import httpx
import panel_material_ui as pmui
from panel.io.resources import LOCAL_DIST
from panel.viewable import Viewable

import panel as pn
from capsule_blocks.shelves import CasesMissing
from capsule_flows.errors import FlowsError
from capsule_flows.home import Resources, resources
from capsule_panel import look, markup
from capsule_panel.header import header

LOG = logging.getLogger(__name__)

WIDTH = 1088

Fill = Callable[[], Awaitable[Sequence[Viewable]]]


@cache
def control() -> Resources:
    """Return what the Prefect server's blocks configure; asked once, for they do not move."""
    return resources()


def html(content: str = "") -> pn.pane.HTML:
    """Return a pane of HTML that markup.py made."""
    return pn.pane.HTML(
        content,
        stylesheets=[markup.STYLE],
        sizing_mode="stretch_width",
        margin=(0, 0, 4, 0),
    )


def column(*parts: Viewable) -> pn.Column:
    """Return parts below each other, as high as they are together."""
    # Panel would end a column at the window's height, and what follows would lie over the rest.
    return pn.Column(*parts, sizing_mode="stretch_width", styles={"max-height": "none"})


def section(*parts: Viewable) -> pn.Column:
    """Return parts on one sheet."""
    return pn.Column(
        *parts,
        sizing_mode="stretch_width",
        margin=(0, 0, 16, 0),
        styles={
            "max-height": "none",
            "background": "var(--sheet)",
            "border": "1px solid var(--line)",
            "border-radius": "var(--round)",
            "padding": "18px 20px",
        },
    )


def page(title: str, fill: Fill) -> pmui.Page:
    """Return a page that shows itself at once and its content as soon as `fill` has it."""
    waiting = html(markup.paragraph("One moment …", "quiet"))
    body = column(waiting)
    body.margin = (16, 0)

    async def load() -> None:
        with errors_in(waiting):
            body[:] = list(await fill())
            return
        body.insert(0, html(f"<h1>{escape(title)}</h1>"))

    pn.state.onload(load)
    return shell(title, body)


@contextmanager
def errors_in(place: pn.pane.HTML) -> Iterator[None]:
    """Show what goes wrong as one sentence; only what nobody foresaw goes to the log."""
    try:
        yield
    except (FlowsError, CasesMissing) as error:
        place.object = markup.problem(str(error))
    except httpx.TransportError:
        place.object = markup.problem(
            "The Prefect server does not answer. Nothing is lost; try again in a moment."
        )
    except Exception:
        LOG.exception("A page could not do what was asked")
        place.object = markup.problem(
            "That did not work, and it is not your doing. Try again; if it stays so, tell"
            " whoever runs this app: the details are in its log."
        )


def shell(title: str, body: Viewable) -> pmui.Page:
    """Return the page around its content; the server forgets it when it is closed."""
    # A page whose session ended before its socket came gets another, which nobody told where its
    # style sheets are; Panel would take them from elsewhere.
    if pn.state.curdoc:
        here = f"{pn.state.rel_path}/" if pn.state.rel_path else ""
        variables = pn.state.curdoc.template_variables
        variables["dist_url"] = here + LOCAL_DIST
        variables["html_attrs"] = look.chosen_attribute((pn.state.cookies or {}).get(look.COOKIE))
    before = _busy_watchers()
    made = pmui.Page(
        meta_title=title,
        header=header(),
        main=[body],
        main_width=WIDTH,
        dark_theme=look.chosen_dark(),
        theme_config=look.THEME,
        raw_css=[look.TOKENS],
        sx=look.PAGE_SX,
        busy_indicator=None,
    )
    # Through this watcher the server would keep every page view's whole session for good.
    for watcher in _busy_watchers():
        if watcher not in before:
            pn.state.param.unwatch(watcher)
    return made


def _busy_watchers() -> list[object]:
    return list(pn.state.param.watchers.get("busy", {}).get("value", []))
