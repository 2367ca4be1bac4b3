"""What a model's process says and how it ended, as everybody else can be told. Pure, but for the limits."""

import signal
from contextlib import suppress
from pathlib import Path

MEMORY_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""Where the kernel tells a container's limit, in bytes: control groups version 2 and 1."""
NO_LIMIT_MB = 1 << 40
LONGEST_TOLD = 1_000
"""How much of a line of its is told, in characters."""
MOST_CASES = 1 << 40
BY_SIGNAL = 128
"""A shell's exit code above this one tells the signal that ended what it ran."""


def out_of_memory() -> str:
    """Return what is known of why the kernel killed a process of this container."""
    for limit in MEMORY_LIMITS:
        with suppress(OSError, ValueError):
            size = int(limit.read_text()) / (1 << 20)
            if size < NO_LIMIT_MB:
                return f"out of memory is the usual reason; its limit is {size:.0f} MB"
    return "out of memory is the usual reason"


def how_it_ended(code: int) -> str:
    """Return what an exit code says: a process that was killed, or a shell whose program was."""
    if 0 <= code <= BY_SIGNAL:
        return f", exit code {code}" if code else ""
    number = -code if code < 0 else code - BY_SIGNAL
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f", exit code {code}"
    told = f", killed by {name}"
    return f"{told} ({out_of_memory()})" if number == signal.SIGKILL else told


def counts(words: str) -> tuple[int, int]:
    """Return what `progress` says, as numbers that can be shown; nought where it says none."""
    found = [int(word) if word.isdecimal() and len(word) < 20 else 0 for word in words.split()]
    done, of = (*found, 0, 0)[:2]
    return min(done, MOST_CASES), min(of, MOST_CASES)


def plain(told: str) -> str:
    """Return a stranger's words as every page and database can take them, and not too many."""
    kept = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in told)
    return kept if len(kept) <= LONGEST_TOLD else f"{kept[:LONGEST_TOLD]} …"
