"""Files that are there whole or not at all, and stay after a power cut."""

import os
import shutil
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

LONGEST_NAME = 120


@contextmanager
def workbench(folder: Path) -> Iterator[Path]:
    """Give an empty folder on the same file system, gone afterwards, to make things in."""
    folder.mkdir(parents=True, exist_ok=True)
    bench = Path(mkdtemp(dir=folder))
    try:
        yield bench
    finally:
        shutil.rmtree(bench, ignore_errors=True)


def put(made: Path, place: Path) -> None:
    """Move a finished file to its place, replacing what is there, and make it last."""
    sync(made)
    place.parent.mkdir(parents=True, exist_ok=True)
    made.replace(place)
    sync(place.parent)
    # The parent may be new itself.
    sync(place.parent.parent)


def put_folder(made: Path, place: Path) -> None:
    """Move a finished folder to its place, unless somebody else put one there first."""
    for entry in made.rglob("*"):
        sync(entry)
    sync(made)
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        made.rename(place)
    except OSError:
        if not place.is_dir():
            raise
    sync(place.parent)
    sync(place.parent.parent)


def sync(path: Path) -> None:
    """Have the disk hold what was written to a file or a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def copy_plain(source: Path, target: Path) -> None:
    """Copy the regular files of a folder that a stranger filled; links and devices are dropped.

    What vanishes or cannot be read meanwhile is dropped as well.
    """
    for folder, _, names in os.walk(source):
        for name in names:
            found = Path(folder, name)
            place = target / found.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            _copy_if_plain(found, place)


def _copy_if_plain(found: Path, place: Path) -> None:
    try:
        # Neither follows a link nor waits for the other end of a named pipe.
        handle = os.open(found, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    with os.fdopen(handle, "rb") as reader:
        if stat.S_ISREG(os.fstat(reader.fileno()).st_mode):
            with place.open("wb") as writer:
                shutil.copyfileobj(reader, writer)


def safe_name(filename: str) -> str:
    """Return a name for a file that is one plain path segment, whatever a stranger called it."""
    last = unicodedata.normalize("NFC", filename).replace("\\", "/").rstrip("/").split("/")[-1]
    kept = "".join(sign if sign.isalnum() or sign in "-_. ()+" else "_" for sign in last)
    kept = kept.strip(" .")
    stem, dot, suffix = kept.rpartition(".")
    ending = _first_bytes(dot + suffix, 16) if stem else ""
    return _first_bytes(stem or kept, LONGEST_NAME - len(ending.encode())) + ending or "upload"


def _first_bytes(text: str, count: int) -> str:
    return text.encode("utf-8", "ignore")[:count].decode("utf-8", "ignore")
