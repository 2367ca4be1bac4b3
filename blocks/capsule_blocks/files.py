"""Files that are there whole or not at all, and stay after a power cut."""

import fcntl
import os
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

LONGEST_NAME = 120
BENCH = "bench-"


@contextmanager
def workbench(folder: Path) -> Iterator[Path]:
    """Give an empty folder on the same file system, gone afterwards, to make things in.

    What a process left that was killed over its work is cleared by the next that comes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _clear_abandoned(folder)
    while True:
        bench = Path(mkdtemp(prefix=BENCH, dir=folder))
        with _locked(bench, wait=True) as held:
            if not held:
                continue
            try:
                yield bench
            finally:
                shutil.rmtree(bench, ignore_errors=True)
            return


def _clear_abandoned(folder: Path) -> None:
    """Remove the folders that nobody works in: their locks ended with whoever held them."""
    for bench in folder.glob(f"{BENCH}*"):
        with _locked(bench, wait=False) as held:
            if held:
                shutil.rmtree(bench, ignore_errors=True)


@contextmanager
def _locked(bench: Path, *, wait: bool) -> Iterator[bool]:
    """Hold a folder's lock; say whether it is held, and the folder still there."""
    try:
        handle = os.open(bench, os.O_RDONLY)
    except OSError:
        yield False
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        held = False
    else:
        held = bench.is_dir()
    try:
        yield held
    finally:
        os.close(handle)


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
