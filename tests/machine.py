"""What this machine has that some tests need, and how they wait for it."""

import shutil
import socket
import time
from collections.abc import Callable
from typing import TypeVar

import pytest

FAULT_SEED = "CAPSULES_FAULT_SEED"
"""What the faults of a run follow from; said, or drawn once for all its processes."""
LOOK_EVERY_S = 0.1
Seen = TypeVar("Seen")

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def browser_path() -> str | None:
    """Return the path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def free_port() -> int:
    """Return a loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(look: Callable[[], Seen | None], seconds: float, what: str) -> Seen:
    """Look again and again until something is seen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if seen := look():
            return seen
        time.sleep(LOOK_EVERY_S)
    pytest.fail(f"{what} was not seen within {seconds} s")
