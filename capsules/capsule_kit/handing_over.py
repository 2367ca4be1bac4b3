"""What a stranger wrote into a folder, taken over: regular files alone, bounded in size and number."""

import os
import shutil
import stat
from pathlib import Path

MOST_FILES = 1_000
MOST_BYTES = 1 << 30
MOST_DEEP = 16
CHUNK = 1 << 20


class TooLarge(Exception):
    """A file does not fit into what may still be copied."""


def hand_over(source: Path, target: Path) -> bool:
    """Copy the regular files of `source` into `target`; return whether all of them fitted.

    Links, devices and named pipes are dropped, and so is what vanishes, cannot be read, lies
    deeper than MOST_DEEP folders or has a name that is no text.

    Args:
        source: The folder that a stranger filled; it need not be there.
        target: Made where there is something to copy.
    """
    if not source.is_dir():
        return True
    # What is told of a file's size may be a claim: more than its disk holds is not copied.
    left = min(MOST_BYTES, shutil.disk_usage(source).total)
    files, fitted = 0, True
    for folder, inner, names in os.walk(source):
        within = Path(folder).relative_to(source)
        if len(within.parts) >= MOST_DEEP:
            inner.clear()
        for name in sorted(filter(_is_text, names)):
            if files == MOST_FILES:
                return False
            try:
                copied = copy_if_plain(Path(folder, name), target / within / name, most_bytes=left)
            except TooLarge:
                fitted = False
                continue
            left, files = left - copied, files + 1
    return fitted


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
            # It may be growing meanwhile.
            left = facts.st_size
            while left and (chunk := reader.read(min(left, CHUNK))):
                writer.write(chunk)
                left -= len(chunk)
    return facts.st_size - left


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
