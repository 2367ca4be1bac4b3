"""Signing in with a password, or on to the provider; and the way out."""

import asyncio
import math
from html import escape
from urllib.parse import urlencode

from capsule_blocks.people import Share, SignIn
from capsule_flows.accounts import accounts
from capsule_flows.people import NAME_LENGTH, by_password, login_of
from capsule_flows.sharing import share_by_id
from capsule_flows.sign_ins import sign_in, sign_out
from capsule_flows.throttle import Throttle, keys_of
from capsule_panel.entrance import SESSION, came_in, visitor_at
from capsule_panel.entry import EntryHandler, ended, next_page
from capsule_panel.frame import control
from capsule_panel.markup import paragraph
from capsule_panel.plain_page import field, problem

NOT_KNOWN = "That is not a login and password known here. Look at both and try again."


class LoginHandler(EntryHandler):
    """GET and POST /login: with a password, or on to the OpenID Connect provider."""

    def initialize(self, throttle: Throttle) -> None:
        """Take what counts the tries."""
        self._throttle = throttle

    async def get(self) -> None:
        """Ask who it is; say so where a link has ended."""
        one = await asyncio.to_thread(came_in, self)
        here = await asyncio.to_thread(visitor_at, self)
        if one and one.share_id and not here and (share := await _share(one)):
            self.show("This link has ended", problem(ended(share)), 410)
            return
        self._ask()

    async def post(self) -> None:
        """Let in whoever knows the password."""
        if accounts().kind != "passwords":
            self._ask()
            return
        login = login_of(self.get_body_argument("login", "")[:NAME_LENGTH])
        keys = keys_of(login, str(self.request.remote_ip))
        if wait := self._throttle.wait_s(keys):
            minutes = math.ceil(wait / 60)
            self._ask(f"Too many tries. Wait {minutes} minutes, then try again.", 429)
            return
        self._throttle.count(keys)
        password = self.get_body_argument("password", "", strip=False)
        ledger = control().ledger
        person = await asyncio.to_thread(by_password, ledger, login, password)
        if person is None:
            self._ask(NOT_KNOWN, 401)
            return
        self._throttle.succeeded(keys)
        one, token = await asyncio.to_thread(sign_in, ledger, person)
        self.let_in(one, token, next_page(self.get_query_argument("next", "/")))

    def _ask(self, sentence: str | None = None, status: int = 200) -> None:
        if accounts().kind == "openid":
            going = urlencode({"next": next_page(self.get_query_argument("next", "/"))})
            way = f'<p><a class="button" href="/openid?{going}">Sign in with your organisation</a></p>'
        else:
            way = self.form(
                field("E-mail address or login", "login", autocomplete="username", autofocus="")
                + field("Password", "password", "password", autocomplete="current-password"),
                "Sign in",
            )
        lost = paragraph(
            "No account, or a password forgotten? Ask the author of the model for a link.", "quiet"
        )
        self.show("Sign in", problem(sentence) + way + lost, status)


class LogoutHandler(EntryHandler):
    """GET and POST /logout."""

    async def get(self) -> None:
        """Ask whether she means it: a link elsewhere must not sign her out."""
        found = await asyncio.to_thread(visitor_at, self)
        if found is None:
            self.redirect("/login")
            return
        warning = (
            ""
            if found[0].login
            else paragraph(
                "You came by a link. When you come back by it you are somebody new, and do not find what"
                " you tried before; the author does."
            )
        )
        who = f"<p>You are here as <strong>{escape(found[1].name)}</strong>.</p>"
        self.show("Sign out", who + warning + self.form("", "Sign out"))

    async def post(self) -> None:
        """End this browser's sign-in, here and in the ledger."""
        one = await asyncio.to_thread(came_in, self)
        if one:
            await asyncio.to_thread(sign_out, control().ledger, one.id)
        self.clear_cookie(SESSION, path="/")
        self.show("You are signed out", '<p><a href="/login">Sign in again</a></p>')


async def _share(one: SignIn) -> Share | None:
    assert one.share_id
    return await asyncio.to_thread(share_by_id, control().ledger, one.share_id)
