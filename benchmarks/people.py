"""Fifty people at once: each opens the first page and a capsule's page, runs a trial and waits for its result."""

import asyncio
import time
from collections.abc import Callable

import httpx

from benchmarks.figures import Figure, bounded
from benchmarks.visit import Visit

PEOPLE = 50
NAME = "tumor_malignancy"
WITHIN_S = 600.0
"""How long a person waits for her result before it counts as an error."""
GONE_WITHIN_S = 90.0
"""How long after the last page was closed the server may take to forget them; it looks every 17 s."""


def measure_people(app: str, tell: Callable[[str], None]) -> dict[str, Figure]:
    """Let them all come; `app` is the app's address."""
    begun = time.monotonic()
    errors = asyncio.run(_all(app))
    took = time.monotonic() - begun
    for error in errors:
        tell(error)
    left = _left(app)
    note = f"of {PEOPLE} people at once who each opened two pages and ran a trial; all done in {took:.0f} s"
    after = f"pages still held after {PEOPLE} people closed theirs"
    return {
        f"people_{PEOPLE}_errors": bounded(len(errors), "", f"without a result {note}", 0),
        f"people_{PEOPLE}_sessions_left": bounded(left, "", after, 0),
    }


async def _all(app: str) -> list[str]:
    came = [_person(app, number) for number in range(PEOPLE)]
    ended = await asyncio.gather(*came, return_exceptions=True)
    return [f"person {number}: {one!r}" for number, one in enumerate(ended) if one is not None]


async def _person(app: str, number: int) -> None:
    async with asyncio.timeout(WITHIN_S):
        async with Visit(app, "/", f"Person {number}") as visit:
            await visit.see("Is this breast mass malignant?")
        async with Visit(app, f"/capsule?name={NAME}", f"Person {number}") as visit:
            await visit.see("Earlier trials")
            await visit.press("Run")
            await visit.see("It agreed with you on")


def _left(app: str) -> int:
    until = time.monotonic() + GONE_WITHIN_S
    while (left := int(httpx.get(f"{app}/health").json()["pages"])) and time.monotonic() < until:
        time.sleep(1)
    return left
