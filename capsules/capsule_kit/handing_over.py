"""What a stranger wrote into a folder, taken over: regular files alone, bounded in size and number."""

import os
import shutil
import stat
from pathlib import Path

MOST_FILES = 1_000
MOST_BYTES = 1 << 30


class TooLarge(Exception):
    """A file does not fit into what may still be copied."""


def hand_over(source: Path, target: Path, *, most_bytes: int = MOST_BYTES) -> bool:
    """Copy the regular files of `source` into `target`; return whether all of them fitted.

    Links, devices and named pipes are dropped, and so is what vanishes or cannot be read.

    Args:
        source: The folder that a stranger filled; it need not be there.
        target: Made where there is something to copy.
        most_bytes: How much is copied at most, all files together.
    """
    left, files = most_bytes, 0
    for folder, _, names in os.walk(source):
        for name in sorted(names):
            found = Path(folder, name)
            try:
                copied = copy_if_plain(found, target / found.relative_to(source), most_bytes=left)
            except TooLarge:
                return False
            left, files = left - copied, files + 1
            if files == MOST_FILES:
                return False
    return True


def copy_if_plain(found: Path, place: Path, *, most_bytes: int = MOST_BYTES) -> int:
    """Copy a file if it is a regular one; return how many bytes, 0 for what is none.

    Raises:
        TooLarge: it has more than `most_bytes`.
    """
    try:
        # Neither follows a link nor waits for the other end of a named pipe.
        handle = os.open(found, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return 0
    with os.fdopen(handle, "rb") as reader:
        facts = os.fstat(reader.fileno())
        if not stat.S_ISREG(facts.st_mode):
            return 0
        if facts.st_size > most_bytes:
            raise TooLarge
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)
    return facts.st_size
