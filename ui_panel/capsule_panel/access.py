"""Who is here, and whether she may do this: what every page, door and callback asks before it acts."""

import asyncio
from typing import Any

from tornado.web import RequestHandler

import panel as pn
from capsule_flows.accounts import accounts
from capsule_flows.errors import FlowsError
from capsule_flows.permission import LOCAL_AUTHOR, Action, NotAllowed, Visitor, may
from capsule_flows.releases import Published, find_published, published
from capsule_flows.sealed_shelf import About, looked
from capsule_panel.entrance import visitor_at, visitor_of_page
from capsule_panel.frame import control
from capsule_panel.header import known_name

HERE = "the person at this machine"
LOOKING: frozenset[Action] = frozenset({"see trial", "see cases"})
"""What shows cases to whoever does it."""


class SignedOut(FlowsError):
    """Whoever the page was made for is no longer let in."""

    def __init__(self) -> None:
        super().__init__(
            "You are signed out, or what was shared with you has ended. Open the page again;"
            " what you gave is kept."
        )


async def here() -> Visitor:
    """Return who the present page or callback belongs to, as she stands now.

    Raises:
        SignedOut: she is no longer let in.
    """
    if not accounts().needed:
        return LOCAL_AUTHOR
    visitor = await asyncio.to_thread(visitor_of_page, pn.state.cookies or {})
    if visitor is None:
        raise SignedOut
    return visitor


def published_for(visitor: Visitor) -> list[Published]:
    """Return the capsules as the visitor may run them: an expert each as it was given out, an author as deployed."""
    return published(given_out=visitor.role == "expert")


def find_for(visitor: Visitor, name: str) -> Published:
    """Return a capsule as the visitor may run it.

    Raises:
        UnknownCapsule: no deployment publishes it.
        NotGivenOut: experts have no release of it.
    """
    return find_published(name, given_out=visitor.role == "expert")


def name_of(visitor: Visitor) -> str:
    """Return the name that goes beside what the visitor of a page does."""
    return visitor.name or known_name() or HERE


def allowed(visitor: Visitor, action: Action, about: About) -> bool:
    """Say whether the visitor may do this with a capsule (its name), a trial, a case set or an upload."""
    return visitor == LOCAL_AUTHOR or may(control().ledger, visitor, action, about)


async def insist(
    action: Action, about: About, visitor: Visitor | None = None, door: str = "page"
) -> Visitor:
    """Return who is here, if she may do this; a door, which has no page, says who is at it.

    Whoever is shown cases of the sealed shelf is written down.

    Raises:
        NotAllowed: she may not; inside `errors_in` the page says so in one sentence.
        SignedOut: she is no longer let in.
    """
    visitor = visitor or await here()
    if not await asyncio.to_thread(allowed, visitor, action, about):
        raise NotAllowed
    if action in LOOKING:
        await asyncio.to_thread(_looked, visitor, about, door)
    return visitor


def _looked(visitor: Visitor, about: About, door: str) -> None:
    by = visitor.name or HERE
    looked(control().ledger, about, door=door, by=by, owner=visitor.owner)


class Door(RequestHandler):
    """Base of the plain HTTP doors: it knows who is at it."""

    async def insist(self, action: Action, about: About) -> Visitor:
        """Return who is at the door, if she may do this.

        Raises:
            NotAllowed: she may not, or has not signed in.
        """
        if not accounts().needed:
            return await insist(action, about, LOCAL_AUTHOR, self.request.path)
        found = await asyncio.to_thread(visitor_at, self)
        if found is None:
            raise NotAllowed
        return await insist(action, about, found[1], self.request.path)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log what nobody foresaw; a refusal is no news."""
        if not isinstance(value, NotAllowed):
            super().log_exception(typ, value, tb)

    def write_error(self, status_code: int, **facts: Any) -> None:
        """Answer a refusal in one sentence."""
        error = (facts.get("exc_info") or (None, None))[1]
        if not isinstance(error, NotAllowed):
            super().write_error(status_code, **facts)
            return
        self.set_status(403)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(str(error))
