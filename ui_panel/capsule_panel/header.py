"""The header of every page: where one can go, and who one is."""

from html import escape
from urllib.parse import unquote

import panel as pn
from capsule_flows.accounts import accounts
from capsule_panel.by_keyboard import ByKeyboard
from capsule_panel.look import FOCUS, Look

PLACES = {"/": "Models", "/mine": "My cases"}
"""Path to name, in the order in which they are shown."""
AUTHORS = {"/author": "For authors"}
"""What an author is shown beside them."""
NAME_COOKIE = "capsules_name"

STYLE = f"""
:host {{ font-family: var(--font); font-size: var(--text); flex-grow: 1; }}
nav {{ display: flex; align-items: center; gap: 4px; color: var(--ink); }}
a {{ color: inherit; text-decoration: none; padding: 6px 12px; border-radius: var(--round-s); }}
a:hover {{ background: var(--hover); }}
a:focus-visible {{ {FOCUS} }}
a.brand {{ font-weight: 600; font-size: 18px; margin: 0 12px 0 -12px; color: var(--accent); }}
a[aria-current] {{ font-weight: 600; box-shadow: inset 0 -2px 0 var(--accent);
  border-radius: 0; }}
.who {{ margin-left: auto; color: var(--quiet); font-size: var(--small); max-width: 30%;
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }}
"""


def header() -> list[pn.viewable.Viewable]:
    """Return the header's parts."""
    bar = pn.pane.HTML(
        navigation(
            str(pn.state.app_url or ""),
            known_name(),
            signed_in=accounts().needed,
            author=_is_author(),
        ),
        stylesheets=[STYLE],
        sizing_mode="stretch_width",
        margin=0,
    )
    unseen = {"width": 0, "height": 0, "margin": 0}
    return [bar, Look(**unseen), ByKeyboard(**unseen)]


def navigation(here: str, who: str, *, signed_in: bool = False, author: bool = False) -> str:
    """Return the links, the one that leads `here` marked, the name of who is here, and her way out."""
    places = {**PLACES, **(AUTHORS if author else {})}
    links = "".join(
        f'<a href="{path}"{" aria-current=page" if path == here else ""}>{escape(name)}</a>'
        for path, name in places.items()
    )
    name = f'<span class="who">{escape(who)}</span>' if who else ""
    name += '<a href="/logout">Sign out</a>' if signed_in else ""
    return f'<nav aria-label="Pages"><a class="brand" href="/">Capsules</a>{links}{name}</nav>'


def _is_author() -> bool:
    """Say whether the page is an author's; where nobody signs in, everybody is one."""
    # Whoever stands at the entrance is known by a cookie whose name stands here.
    from capsule_panel.entrance import visitor_of_page

    if not accounts().needed:
        return True
    visitor = visitor_of_page(pn.state.cookies or {})
    return visitor is not None and visitor.role == "author"


def known_name() -> str:
    """Return the name that this browser remembers; empty where it knows none."""
    return unquote((pn.state.cookies or {}).get(NAME_COOKIE, "")).strip()
