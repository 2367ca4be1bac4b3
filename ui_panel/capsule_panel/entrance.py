"""The entrance: which sign-in a request belongs to, and the hooks by which the server asks.

Rules:
- A page's token, which lies in its HTML, never holds the cookie that lets somebody in; it names the
  sign-in by its id, and is signed.
- A websocket is opened by whoever the page was made for, and by nobody else.
"""

import asyncio
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote
from uuid import UUID

from bokeh.server.auth_provider import AuthProvider
from bokeh.server.views.ws import WSHandler
from bokeh.util.token import get_token_payload
from tornado.web import RequestHandler

from capsule_blocks.people import SignIn
from capsule_flows.permission import Visitor
from capsule_flows.sign_ins import sign_in_by_id, sign_in_of, visitor_of
from capsule_panel.frame import control
from capsule_panel.header import NAME_COOKIE

SESSION = "capsules_session"
"""The cookie that lets a browser in; no script can read it, and no page's token holds it."""
SIGN_IN = "capsules_sign_in"
"""Under which a page's signed token names the sign-in; never taken from a browser."""


def came_in(handler: RequestHandler) -> SignIn | None:
    """Return the sign-in that the browser's cookie names, ended or not."""
    token = handler.get_cookie(SESSION)
    return sign_in_of(control().ledger, token) if token else None


def visitor_at(handler: RequestHandler) -> tuple[SignIn, Visitor] | None:
    """Return who stands at a door; None where nobody has signed in there."""
    one = came_in(handler)
    visitor = visitor_of(control().ledger, one) if one else None
    return (one, visitor) if one and visitor else None


def visitor_of_page(cookies: Mapping[str, str]) -> Visitor | None:
    """Return who a page was made for, as she stands now; `cookies` are its signed token's."""
    try:
        one = sign_in_by_id(control().ledger, UUID(cookies.get(SIGN_IN, "")))
    except ValueError:
        return None
    return visitor_of(control().ledger, one) if one else None


class Entrance(AuthProvider):
    """Tells the server who asks, and where to send who has not signed in."""

    @property
    def get_user(self) -> None:
        """Nothing: who asks is looked up in a thread."""
        return

    @property
    def get_user_async(self) -> Any:
        """Return what answers who asks for a page or opens a websocket."""
        return _who_asks

    @property
    def get_login_url(self) -> Any:
        """Return what answers where she signs in."""
        return _way_in

    @property
    def login_url(self) -> None:
        """Nothing: the way in depends on where she stands."""
        return

    login_handler = logout_url = logout_handler = login_url


async def _who_asks(handler: RequestHandler) -> str | None:
    cookies = handler.request.cookies
    for name in (SIGN_IN, NAME_COOKIE):
        cookies.pop(name, None)
    found = await asyncio.to_thread(visitor_at, handler)
    if found is None or _asks_for_anothers_page(handler, str(found[0].id)):
        return None
    told = SimpleCookie({SIGN_IN: str(found[0].id), NAME_COOKIE: quote(found[1].name)})
    cookies.update(told)
    return str(found[0].id)


def _way_in(handler: RequestHandler) -> str:
    # The server puts a dot before it, so that it is relative to the page.
    return "/.." * (handler.request.path.count("/") - 1) + "/login"


def _asks_for_anothers_page(handler: RequestHandler, sign_in: str) -> bool:
    asked = {"bokeh-session-id", "bokeh-token"} & set(handler.request.arguments)
    if asked or "Bokeh-Session-Id" in handler.request.headers:
        return True
    if not isinstance(handler, WSHandler):
        return False
    _, _, token = handler.request.headers.get("Sec-WebSocket-Protocol", "").rpartition(",")
    try:
        payload: Any = get_token_payload(token.strip())
        return bool(payload["cookies"][SIGN_IN] != sign_in)
    except (KeyError, TypeError, ValueError):
        return True
