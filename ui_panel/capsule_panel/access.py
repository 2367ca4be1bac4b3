"""Who is here, and whether she may do this: what every page, door and callback asks before it acts."""

import asyncio

from tornado.web import RequestHandler

from capsule_flows.permission import LOCAL_AUTHOR, About, Action, NotAllowed, Visitor, may
from capsule_panel.frame import control


async def here() -> Visitor:
    """Return who the present page or callback belongs to, as she stands now."""
    return LOCAL_AUTHOR


def allowed(visitor: Visitor, action: Action, about: About) -> bool:
    """Say whether the visitor may do this with a capsule (its name), a trial, a case set or an upload."""
    return visitor.role == "author" or may(control().ledger, visitor, action, about)


async def insist(action: Action, about: About, visitor: Visitor | None = None) -> Visitor:
    """Return who is here, if she may do this; a door, which has no page, says who is at it.

    Raises:
        NotAllowed: she may not; inside `errors_in` the page says so in one sentence.
    """
    visitor = visitor or await here()
    if not await asyncio.to_thread(allowed, visitor, action, about):
        raise NotAllowed
    return visitor


class Door(RequestHandler):
    """Base of the plain HTTP doors: it knows who is at it."""

    async def insist(self, action: Action, about: About) -> Visitor:
        """Return who is at the door, if she may do this.

        Raises:
            NotAllowed: she may not.
        """
        return await insist(action, about, LOCAL_AUTHOR)
