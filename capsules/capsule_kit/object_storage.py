"""One run's inputs from object storage and its results back to it, over two addresses that are good for nothing else.

An address is presigned: it opens one object for one purpose for some hours. So a container that
runs where no folder can be mounted needs plain HTTP, no storage credential and no S3 library.
"""

import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import httpx

from capsule_kit.errors import StorageFailed
from capsule_kit.handing_over import MOST_BYTES, MOST_FILES

PATIENCE_S = 60.0
"""How long the storage may be silent."""
CHUNK = 1 << 20


def is_url(place: str) -> bool:
    """Say whether a place is an address and not a folder."""
    return place.startswith(("http://", "https://"))


@contextmanager
def local_folders(data: str, results: str) -> Iterator[tuple[Path, Path]]:
    """Give local folders for what a run reads and writes; each of the two may be a folder or an address.

    What is at the address `data` is fetched before. What was written is sent to the address
    `results` afterwards, in one piece, and only where nothing was raised.

    Raises:
        StorageFailed: the storage did not give or take it.
    """
    with TemporaryDirectory(prefix="trial-") as folder:
        read, written = Path(folder, "data"), Path(folder, "results")
        if is_url(data):
            fetch(data, read)
        if is_url(results):
            written.mkdir()
        yield (
            read if is_url(data) else Path(data),
            written if is_url(results) else Path(results),
        )
        if is_url(results):
            push(written, results)


def fetch(url: str, folder: Path) -> None:
    """Unpack the archive at `url` into a new folder.

    Raises:
        StorageFailed: the storage did not give it, or it is no archive.
    """
    with TemporaryDirectory(prefix="fetched-") as bench:
        archive = Path(bench, "archive")
        try:
            with httpx.stream("GET", url, timeout=PATIENCE_S) as answer, archive.open("wb") as file:
                answer.raise_for_status()
                for chunk in answer.iter_bytes(CHUNK):
                    file.write(chunk)
        except httpx.HTTPError as cause:
            raise StorageFailed("give the cases of this run", _reason(cause)) from cause
        try:
            unpack(archive, folder)
        except ValueError as cause:
            raise StorageFailed("give the cases of this run", str(cause)) from cause


def push(folder: Path, url: str) -> None:
    """Send the regular files of a folder to `url`, as one archive: whole or not at all.

    Raises:
        StorageFailed: the storage did not take it.
    """
    with TemporaryDirectory(prefix="pushed-") as bench:
        archive = Path(bench, "archive")
        pack(folder, archive)
        # Without a length the body would be sent in chunks, which S3 refuses.
        length = {"Content-Length": str(archive.stat().st_size)}
        try:
            with archive.open("rb") as file:
                body = iter(lambda: file.read(CHUNK), b"")
                answer = httpx.put(url, content=body, headers=length, timeout=PATIENCE_S)
            answer.raise_for_status()
        except httpx.HTTPError as cause:
            raise StorageFailed("take the results of this run", _reason(cause)) from cause


def pack(folder: Path, archive: Path) -> None:
    """Write the regular files of a folder into an uncompressed tar archive; the same files give the same bytes."""
    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as tar:
        for found in sorted(folder.rglob("*")):
            if found.is_symlink() or not found.is_file():
                continue
            member = tarfile.TarInfo(found.relative_to(folder).as_posix())
            member.size = found.stat().st_size
            with found.open("rb") as file:
                tar.addfile(member, file)


def unpack(archive: Path, folder: Path) -> None:
    """Write the regular files of an archive that a stranger made into a new folder; all else is dropped.

    Raises:
        ValueError: it is no archive, holds too much, or two of its files are in each other's way.
    """
    folder.mkdir(parents=True)
    left = MOST_BYTES
    try:
        with tarfile.open(archive, "r:") as tar:
            for number, member in enumerate(tar):
                # A sparse file would be larger here than it is in the archive.
                if member.type not in {tarfile.REGTYPE, tarfile.AREGTYPE} or member.issparse():
                    continue
                left -= member.size
                if left < 0 or number >= MOST_FILES:
                    message = f"it holds more than {MOST_BYTES >> 20} MB or {MOST_FILES} files"
                    raise ValueError(message)
                _write(tar, member, folder)
    except (tarfile.TarError, OSError) as cause:
        message = f"it is no archive of plain files ({cause})"
        raise ValueError(message) from cause


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    inside = PurePosixPath(member.name)
    source = tar.extractfile(member)
    if source is None or inside.is_absolute() or ".." in inside.parts or not inside.parts:
        return
    place = folder / inside
    place.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with source, os.fdopen(os.open(place, flags, 0o644), "wb") as file:
        shutil.copyfileobj(source, file, CHUNK)


def _reason(cause: httpx.HTTPError) -> str:
    # The address itself opens the object: it is told to nobody.
    if isinstance(cause, httpx.HTTPStatusError):
        return f"it answered {cause.response.status_code}"
    return f"{type(cause).__name__} at {cause.request.url.host}"
