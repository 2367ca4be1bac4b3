"""The files that a capsule wrote in a trial: listed, the author's headline results first, and looked into."""

import csv
import io
from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

from capsule_kit.manifest import Headline
from capsule_kit.trial_flow import FILES_FOLDER

Kind = Literal["picture", "drawing", "table", "text", "other"]

KINDS: dict[str, Kind] = {
    ".png": "picture",
    ".jpg": "picture",
    ".jpeg": "picture",
    ".svg": "drawing",
    ".csv": "table",
    ".tsv": "table",
    ".txt": "text",
    ".md": "text",
    ".log": "text",
    ".json": "text",
}
MOST_LOOKED_AT = 64 * 1024
"""Bytes of a text that are looked into."""
ROWS, COLUMNS, LINES = 20, 12, 200


class RunFile(NamedTuple):
    """One file that a run left."""

    name: str
    """Its path inside the folder of the run's files, with forward slashes."""
    size: int
    """In bytes."""
    title: str | None
    """What the author calls it; None where it is no headline."""

    @property
    def kind(self) -> Kind:
        """What it is by its name alone; nothing is believed of its content."""
        return KINDS.get(Path(self.name).suffix.lower(), "other")


def run_files(results: Path | None, headlines: Sequence[Headline] = ()) -> list[RunFile]:
    """Return the files of a run, headlines first and in the author's order."""
    folder = (results or Path("nowhere")) / FILES_FOLDER
    if results is None or not folder.is_dir():
        return []
    found = [
        (place, RunFile(name, path.stat().st_size, title))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
        for name in [path.relative_to(folder).as_posix()]
        for place, title in [_headline(name, headlines)]
    ]
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def find_file(results: Path | None, name: str) -> Path | None:
    """Return where a listed file is; None for every name that is not among them."""
    if results is None or name not in {one.name for one in run_files(results)}:
        return None
    return results / FILES_FOLDER / name


def first_rows(path: Path) -> list[list[str]]:
    """Return the first cells of a table, as text."""
    text = first_lines(path)
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    try:
        rows = list(islice(csv.reader(io.StringIO(text), delimiter=separator), ROWS + 1))
    except csv.Error:
        return []
    return [row[:COLUMNS] for row in rows if row]


def first_lines(path: Path) -> str:
    """Return the beginning of a text; what is no UTF-8 in it is shown as such."""
    with path.open("rb") as file:
        text = file.read(MOST_LOOKED_AT).decode("utf-8-sig", errors="replace")
    return "\n".join(text.splitlines()[:LINES])


def _headline(name: str, headlines: Sequence[Headline]) -> tuple[int, str | None]:
    for place, one in enumerate(headlines):
        if fnmatchcase(name, one.pattern):
            return place, one.title
    return len(headlines), None
