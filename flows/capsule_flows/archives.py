"""A ZIP archive that holds a table and the files it names: opened in a process of its own, within bounds.

No name inside becomes a path here, and of a file only the first bytes are looked at. As a program it
writes wanted files of an archive into a folder, each called by its hash.
"""

import hashlib
import json
import resource
import stat
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from capsule_flows.file_kinds import FORMATS, NoTableError
from capsule_flows.file_types import FIRST_BYTES, BroughtFile, as_name, kinds_of

ENDING = ".zip"
MOST_FILES = 10_000
LARGEST_FILE = 500_000_000
LARGEST_IN_ALL = 1_000_000_000
"""Bytes of all files together, unpacked."""
CHUNK = 1 << 20
JUNK = (".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX")
"""What systems put beside a person's files."""
LOCKS = ("._", "~$")
"""How the names begin of what programs put beside an open file."""
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, ValueError)
NOT_WHOLE = "{name} is no whole ZIP archive. Pack it again, and bring that."


@dataclass(frozen=True)
class Archive:
    """What is in an archive."""

    table: Path
    """The table, unpacked."""
    name: str
    """What the table is called."""
    files: Mapping[str, BroughtFile] = field(default_factory=dict)
    told: str = ""
    """What is to be said of it, after how the table was read."""


def opened(path: Path, name: str, folder: Path) -> Archive:
    """Unpack the table of an archive into a folder, and look at each of its files.

    Raises:
        NoTableError: it is no such archive, or holds what is not to be opened.
    """
    with _archive(path, name) as packed:
        members = _members(packed, name)
        table = _table_among(members, name)
        place = folder / "inside"
        with place.open("wb") as file:
            _copied(packed, members[table], file)
        files = {one: _looked_at(packed, info) for one, info in members.items() if one != table}
    beside = f", with {len(files)} file{'s' * (len(files) != 1)} beside it" if files else ""
    return Archive(place, table, files, f"; {table} from the archive{beside}")


def unpack(path: Path, wanted: Mapping[str, str], folder: Path) -> None:
    """Write files of an archive that was opened before into a folder; `wanted` says under which names."""
    with _archive(path, path.name) as packed:
        members = _members(packed, path.name)
        for called, name in wanted.items():
            with (folder / called).open("wb") as file:
                _copied(packed, members[name], file)


@contextmanager
def _archive(path: Path, name: str) -> Iterator[zipfile.ZipFile]:
    try:
        packed = zipfile.ZipFile(path)
    except (*DAMAGED, OSError) as cause:
        raise NoTableError(NOT_WHOLE.format(name=name)) from cause
    try:
        # A disk that is full is no fault of the archive's.
        with packed:
            yield packed
    except NotImplementedError as cause:
        raise NoTableError(
            f"{name} is packed in a way that is not read ({cause}). Pack it again as a plain ZIP archive."
        ) from cause
    except DAMAGED as cause:
        raise NoTableError(NOT_WHOLE.format(name=name)) from cause


def _members(packed: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    """Return the files of an archive by their names, without folders around all and without junk."""
    found: dict[str, zipfile.ZipInfo] = {}
    in_all = 0
    for info in packed.infolist():
        inside = as_name(info.filename)
        if info.is_dir() or inside.endswith("/") or _is_junk(inside):
            continue
        _insist_on_plain(info, inside, name)
        if inside in found:
            raise NoTableError(
                f"{name} holds two files called “{inside}”. Pack it again with each file once."
            )
        found[inside], in_all = info, in_all + info.file_size
    if len(found) > MOST_FILES:
        raise NoTableError(
            f"{name} holds {len(found):,} files; {MOST_FILES:,} at most are taken at once."
            " Bring the cases in several archives."
        )
    if in_all > LARGEST_IN_ALL:
        raise NoTableError(
            f"{name} unpacks to {in_all / 1e6:,.0f} MB; {LARGEST_IN_ALL / 1e6:,.0f} MB at most are"
            " taken at once. Bring the cases in several archives."
        )
    return _without_folder_around(found)


def _insist_on_plain(info: zipfile.ZipInfo, inside: str, name: str) -> None:
    mode = info.external_attr >> 16
    if info.flag_bits & 1:
        raise NoTableError(f"{name} is encrypted with a password. Pack it again without one.")
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise NoTableError(
            f"{name} holds “{inside}”, which is a link or a device. Pack the file itself."
        )
    if inside.startswith("/") or inside[1:2] == ":" or ".." in inside.split("/"):
        raise NoTableError(
            f"{name} holds “{inside}”, a path that leads out of the archive. Pack the table and its"
            " files again, from the folder they are in."
        )
    if info.file_size > LARGEST_FILE:
        raise NoTableError(
            f"{name} holds “{inside}” of {info.file_size / 1e6:,.0f} MB; a file may have"
            f" {LARGEST_FILE / 1e6:,.0f} MB. Leave it out, or make it smaller."
        )


def _is_junk(inside: str) -> bool:
    first, last = inside.partition("/")[0], inside.rpartition("/")[2]
    return first in JUNK or last in JUNK or last.startswith(LOCKS)


def _without_folder_around(found: dict[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Return the names without the folder that all are in, as where a folder was packed."""
    folders = {name.partition("/")[0] if "/" in name else "" for name in found}
    if len(folders) != 1 or "" in folders:
        return found
    around = f"{folders.pop()}/"
    return _without_folder_around({name.removeprefix(around): one for name, one in found.items()})


def _table_among(members: Mapping[str, zipfile.ZipInfo], name: str) -> str:
    tables = [one for one in members if "/" not in one and Path(one).suffix.lower() in FORMATS]
    if not tables:
        raise NoTableError(
            f"{name} holds no table at its top. Pack one table (CSV, XLSX …) and, beside it or in folders,"
            " the files that it names."
        )
    if len(tables) > 1:
        raise NoTableError(
            f"{name} holds {len(tables)} tables at its top: {tables[0]}, {tables[1]} …"
            " Leave the one with the cases there, and put other files into a folder."
        )
    return tables[0]


def _looked_at(packed: zipfile.ZipFile, info: zipfile.ZipInfo) -> BroughtFile:
    sha256 = hashlib.sha256()
    with packed.open(info) as source:
        start = source.read(FIRST_BYTES)
        sha256.update(start)
        while chunk := source.read(CHUNK):
            sha256.update(chunk)
    return BroughtFile(sha256.hexdigest(), kinds_of(start))


def _copied(packed: zipfile.ZipFile, info: zipfile.ZipInfo, file: BinaryIO) -> None:
    with packed.open(info) as source:
        while chunk := source.read(CHUNK):
            file.write(chunk)


def limit_itself(memory: int, seconds: int) -> None:
    """Bound this process's address space, in bytes, and its CPU time."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    archive, scratch, most, longest = sys.argv[1:]
    limit_itself(int(most), int(longest))
    unpack(Path(archive), json.load(sys.stdin), Path(scratch))
