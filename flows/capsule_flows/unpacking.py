"""A table and its files packed into one archive, and the files that cases name out of one again."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from capsule_blocks.named_files import NamedFiles
from capsule_flows.archives import ENDING
from capsule_flows.errors import FlowsError
from capsule_flows.file_types import FIRST_BYTES, BroughtFile, Files, as_name, kinds_of
from capsule_flows.reading import CPU_SECONDS, MEMORY_BYTES, WALL_SECONDS, ReaderBrokenError
from capsule_kit.columns import DIGEST_ENDING

FOLDER = "files"
"""Where in an archive a folder's files lie, beside the table."""
ALWAYS = (1980, 1, 1, 0, 0, 0)
"""When each file of an archive was made: the same files give the same bytes."""


class CannotPack(FlowsError):
    """A folder does not hold plain files alone."""

    exit_code = 64

    def __init__(self, place: Path, why: str) -> None:
        super().__init__(f"{place} {why}")


@contextmanager
def packed(table: Path, files: Path | None) -> Iterator[Path]:
    """Give one file to be brought: the table, or an archive of it and a folder of files.

    `table` may itself be a folder, with a table at its top.

    Raises:
        CannotPack: there is no such folder, or it holds a link.
    """
    if files is None and not table.is_dir():
        yield table
        return
    with TemporaryDirectory(prefix="packed-") as folder:
        made = Path(folder, f"{table.stem}{ENDING}")
        with zipfile.ZipFile(made, "w") as archive:
            if table.is_file():
                _add(archive, table, table.name)
            else:
                _add_all(archive, table, "")
            if files is not None:
                _add_all(archive, files, f"{FOLDER}/", but=table)
        yield made


def _add_all(archive: zipfile.ZipFile, folder: Path, within: str, but: Path | None = None) -> None:
    if not folder.is_dir():
        raise CannotPack(folder, "is no folder. Name the one that holds the files of the table.")
    for found in sorted(folder.rglob("*")):
        if found.is_symlink():
            raise CannotPack(found, "is a link. Put the file itself there.")
        if found.is_file() and not (but and found.samefile(but)):
            _add(archive, found, f"{within}{found.relative_to(folder).as_posix()}")


def _add(archive: zipfile.ZipFile, file: Path, name: str) -> None:
    info = zipfile.ZipInfo(name, ALWAYS)
    info.file_size = file.stat().st_size
    with file.open("rb") as source, archive.open(info, "w") as target:
        while chunk := source.read(1 << 20):
            target.write(chunk)


def keep_files(
    kept: NamedFiles, archive: Path, name: str, files: Files, inputs: pd.DataFrame
) -> None:
    """Keep the files that accepted cases name, out of the archive that they came in.

    Args:
        kept: Where they are kept.
        archive: The file as it was brought.
        name: What it is called.
        files: What was found in it.
        inputs: The cases.
    """
    wanted = {
        str(digest)
        for header in inputs
        if str(header).endswith(DIGEST_ENDING)
        for digest in inputs[header].dropna().unique()
    }
    members = {one.sha256: inside for inside, one in files.items() if one.sha256 in wanted}
    kept.keep(wanted, lambda folder: _unpack(archive, name, members, folder))


def with_their_files(kept: NamedFiles, inputs: pd.DataFrame) -> tuple[pd.DataFrame, Files]:
    """Return accepted cases with the files that they name, looked at again, as if both were brought.

    Cases from several tables may call different files alike; a folder before the name then tells them
    apart.
    """
    files: dict[str, BroughtFile] = {}
    given = inputs
    for header in [str(name) for name in inputs if str(name).endswith(DIGEST_ENDING)]:
        column = header.removesuffix(DIGEST_ENDING)
        names: list[str | None] = []
        for written, digest in zip(inputs[column], inputs[header], strict=True):
            if pd.isna(written):
                names.append(None)
                continue
            same = files.get(as_name(written))
            name = (
                written if same in (None, _looked_at(kept, digest)) else f"{digest[:12]}/{written}"
            )
            files[as_name(name)] = _looked_at(kept, digest)
            names.append(name)
        given = given.assign(**{column: pd.Series(names, index=inputs.index, dtype="str")})
    return given, files


def _looked_at(kept: NamedFiles, digest: str) -> BroughtFile:
    with kept.file(digest).open("rb") as file:
        return BroughtFile(digest, kinds_of(file.read(FIRST_BYTES)))


def _unpack(archive: Path, name: str, members: Mapping[str, str], folder: Path) -> None:
    command = [sys.executable, "-P", "-m", "capsule_flows.archives"]
    limits = [str(MEMORY_BYTES), str(CPU_SECONDS)]
    done = subprocess.run(
        [*command, str(archive.absolute()), str(folder), *limits],
        input=json.dumps(members).encode(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=WALL_SECONDS,
        check=False,
    )
    if done.returncode:
        raise ReaderBrokenError(name, done.returncode, done.stderr.decode(errors="replace"))
