"""Under which names an embedded start answers: where nobody signs in, the name is what keeps others out.

A page from elsewhere may have its own name point to this machine and then read what the app answers
(DNS rebinding). The browser still says which name it asked for.
"""

from collections.abc import Collection
from typing import Any

from tornado.httputil import HTTPServerRequest, split_host_and_port
from tornado.routing import Matcher
from tornado.web import RequestHandler

WRONG_NAME = "The app answers at http://127.0.0.1 and http://localhost alone. Open it there."
MISDIRECTED = 421


class ForeignHost(Matcher):
    """Matches every request that was sent to a name which is not among ours, whatever its port."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = {name.strip("[]").lower() for name in names}

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return no arguments where the name is foreign; None where it is ours."""
        name, _ = split_host_and_port(request.host.lower())
        return None if name.strip("[]") in self._names else {}


class WrongHostHandler(RequestHandler):
    """Answers whatever was sent to another name."""

    def check_xsrf_cookie(self) -> None:
        """Nothing is done here that another site could want."""

    def prepare(self) -> None:
        """Answer in one sentence, whatever was asked."""
        self.set_status(MISDIRECTED, "Misdirected Request")
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(WRONG_NAME)
