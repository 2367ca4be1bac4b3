"""How often a password may be tried: counted for each account and for each address, in memory."""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable

WINDOW_S = 15 * 60.0
TRIES_AN_ACCOUNT, TRIES_AN_ADDRESS = 10, 40
Key = tuple[str, int]
"""Who is counted, and how many failures are borne in a window."""


def keys_of(login: str, address: str) -> tuple[Key, Key]:
    """Return the two under which a try is counted."""
    return (f"account {login}", TRIES_AN_ACCOUNT), (f"address {address}", TRIES_AN_ADDRESS)


class Throttle:
    """Holds the failures of the last quarter of an hour."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: defaultdict[str, deque[float]] = defaultdict(deque)

    def wait_s(self, keys: Iterable[Key]) -> float:
        """Return in how many seconds the next try is heard; 0 where it is heard now."""
        self._forget()
        ends = [
            self._failures[who][-borne] + WINDOW_S
            for who, borne in keys
            if who in self._failures and len(self._failures[who]) >= borne
        ]
        return max(0.0, max(ends, default=0.0) - self._clock()) if ends else 0.0

    def count(self, keys: Iterable[Key]) -> None:
        """Count a try; before its end is known, or many could be made at once."""
        for who, _ in keys:
            self._failures[who].append(self._clock())

    def succeeded(self, keys: Iterable[Key]) -> None:
        """Take the last try back, and forget the account's failures before it."""
        (account, _), (address, _) = keys
        self._failures.pop(account, None)
        if self._failures.get(address):
            self._failures[address].pop()

    def _forget(self) -> None:
        past = self._clock() - WINDOW_S
        for who, failures in list(self._failures.items()):
            while failures and failures[0] <= past:
                failures.popleft()
            if not failures:
                del self._failures[who]
