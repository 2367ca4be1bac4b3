"""Coming in by what somebody sent: an invitation to choose a password, and a link to one capsule."""

import asyncio
from html import escape
from typing import TypeGuard
from urllib.parse import urlencode

from capsule_blocks.people import Share, SignIn
from capsule_flows.accounts import accounts
from capsule_flows.passwords import problem_with
from capsule_flows.people import NAME_LENGTH, choose_password, invited_by
from capsule_flows.sharing import is_open, latest_release, share_of_link, take_up
from capsule_flows.sign_ins import sign_in, sign_in_by_link
from capsule_kit.manifest import Manifest
from capsule_panel.access import allowed
from capsule_panel.entrance import visitor_at
from capsule_panel.entry import EntryHandler, ended
from capsule_panel.frame import control
from capsule_panel.markup import paragraph
from capsule_panel.plain_page import field, problem
from capsule_panel.words import SEEN, until


class InvitationHandler(EntryHandler):
    """GET and POST /join/TOKEN: whoever was invited chooses her password."""

    async def get(self, token: str) -> None:
        """Ask for a password."""
        await self._ask(token)

    async def post(self, token: str) -> None:
        """Set it, and let her in."""
        password = self.get_body_argument("password", "", strip=False)
        if sentence := problem_with(password):
            await self._ask(token, sentence)
            return
        ledger = control().ledger
        person = await asyncio.to_thread(choose_password, ledger, token, password)
        if person is None:
            await self._ask(token)
            return
        one, cookie = await asyncio.to_thread(sign_in, ledger, person)
        self.let_in(one, cookie, "/")

    async def _ask(self, token: str, sentence: str | None = None) -> None:
        person = await asyncio.to_thread(invited_by, control().ledger, token)
        if person is None or accounts().kind != "passwords":
            said = "This invitation was used, withdrawn, or is older than a week. Ask for another."
            self.show("This invitation has ended", problem(said), 410)
            return
        who = f"<p>You sign in as <strong>{escape(person.login)}</strong>.</p>"
        asked = field(
            "Password, at least 12 characters",
            "password",
            "password",
            autocomplete="new-password",
            minlength="12",
            autofocus="",
        )
        self.show(
            f"Welcome, {person.name}",
            problem(sentence) + who + self.form(asked, "Choose this password"),
            400 if sentence else 200,
        )


class LinkHandler(EntryHandler):
    """GET and POST /s/TOKEN: a capsule opens to whoever has the link, until its day."""

    async def get(self, token: str) -> None:
        """Say what is shared and ask for a name; go on where this browser came by it before."""
        share = await asyncio.to_thread(share_of_link, control().ledger, token)
        if not self._opens(share):
            return
        found = await asyncio.to_thread(visitor_at, self)
        if found and allowed(found[1], "open capsule", share.capsule):
            self.redirect(_capsule_page(share))
            return
        await self._ask(share, found[0] if found else None)

    async def post(self, token: str) -> None:
        """Let her in by this link, or add it to what her account may open."""
        ledger = control().ledger
        share = await asyncio.to_thread(share_of_link, ledger, token)
        if not self._opens(share):
            return
        found = await asyncio.to_thread(visitor_at, self)
        if found and found[1].owner:
            await asyncio.to_thread(take_up, ledger, share, found[1].owner)
            self.redirect(_capsule_page(share))
            return
        name = self.get_body_argument("name", "")[:NAME_LENGTH]
        if not name:
            await self._ask(share, None, "Write your name, so that the author knows who it was.")
            return
        one, cookie = await asyncio.to_thread(sign_in_by_link, ledger, share, name)
        self.let_in(one, cookie, _capsule_page(share))

    def _opens(self, share: Share | None) -> TypeGuard[Share]:
        if share is None:
            said = "Perhaps a part of its address is missing. Copy the whole of it, or ask for it again."
            self.show("This link opens nothing", problem(said), 404)
        elif not is_open(share):
            self.show("This link has ended", problem(ended(share)), 410)
        return share is not None and is_open(share)

    async def _ask(self, share: Share, here: SignIn | None, sentence: str | None = None) -> None:
        shown = f"<p><strong>{escape(share.by)}</strong> asks you to try a model that is not ready yet.</p>"
        ends = (
            f"The link is open {until(share.until)}. In this browser you find again what you tried."
        )
        if here:
            asked = self.form("", f"Open it as {here.name}")
        else:
            name = field(
                "Your name", "name", maxlength=str(NAME_LENGTH), autocomplete="name", autofocus=""
            )
            going = escape(f"/login?{urlencode({'next': self.request.path})}")
            asked = self.form(name, "Open it") + (
                f'<p class="quiet">You have an account? <a href="{going}">Sign in first</a>, and you'
                " find what you try on every machine.</p>"
            )
        body = f'{problem(sentence)}{shown}{asked}<p class="note">{SEEN}</p>'
        self.show(await asyncio.to_thread(title_of, share.capsule), body + paragraph(ends, "quiet"))


def title_of(capsule: str) -> str:
    """Return a capsule's title as the ledger last saw it, or its name in words."""
    release = latest_release(control().ledger, capsule)
    return (
        Manifest.model_validate(release.manifest).title
        if release
        else capsule.replace("_", " ").capitalize()
    )


def _capsule_page(share: Share) -> str:
    return f"/capsule?{urlencode({'name': share.capsule})}"
