"""What the pages outside the door have in common: closed to the outside, one form, one cookie."""

from typing import Any
from urllib.parse import urlsplit

from tornado.web import RequestHandler

from capsule_blocks.people import Share, SignIn
from capsule_flows.accounts import public_url
from capsule_panel.entrance import SESSION
from capsule_panel.look import COOKIE as LOOK
from capsule_panel.markup import paragraph
from capsule_panel.plain_page import form, plain_page
from capsule_panel.words import until

POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"


def next_page(asked: str) -> str:
    """Return where to go after signing in: a path of this app, whatever was asked for."""
    parts = urlsplit(asked)
    inside = not parts.scheme and not parts.netloc and asked.startswith("/")
    plain = asked.isprintable() and "\\" not in asked and not asked.startswith("//")
    return asked if inside and plain else "/"


def ended(share: Share) -> str:
    """Say how a link ended."""
    how = "was taken back" if share.revoked else f"was open {until(share.until)}"
    return f"It {how}. What you gave by it is kept. Ask {share.by} for another."


class EntryHandler(RequestHandler):
    """Base of the pages outside the door."""

    def set_default_headers(self) -> None:
        """Let nothing in from elsewhere, keep nothing, and tell nobody the address."""
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")

    def show(self, title: str, body: str, status: int = 200) -> None:
        """Answer with a page."""
        self.set_status(status)
        self.finish(plain_page(title, body, self.get_cookie(LOOK)))

    def form(self, fields: str, button: str) -> str:
        """Return a form that only this browser can send."""
        return form(fields, button, str(self.xsrf_form_html()))

    def let_in(self, one: SignIn, token: str, going: str) -> None:
        """Give the browser its cookie, and send it where it wanted to go."""
        self.set_cookie(
            SESSION,
            token,
            expires=one.until,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=(public_url() or "").startswith("https:"),
        )
        self.redirect(going)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Answer in one sentence, whatever went wrong."""
        title = "Open this page again" if status_code == 403 else "That did not work"
        sentence = (
            "It was open for too long, or in another window. Go back, load it anew and try again."
            if status_code == 403
            else "It is not your doing. Try again in a moment; whoever runs this app finds why in its log."
        )
        self.show(title, paragraph(sentence), status_code)
