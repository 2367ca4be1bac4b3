"""Files that came with a table: which one a cell means, and where a column names none that fits. Pure."""

from collections.abc import Sequence
from typing import get_args

import numpy as np
import pandas as pd

from capsule_flows.file_types import BroughtFile, Files, as_name
from capsule_flows.findings import ABOUT_THE_FILE, AboutFiles, Finding, about_rows
from capsule_flows.suites import Failure
from capsule_flows.wording import count
from capsule_kit.columns import Column, FileKind

LISTED = 3
MISTAKES: tuple[AboutFiles, ...] = get_args(AboutFiles)


class Brought:
    """The files that came with a table, found by what a person calls them."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._by_last: dict[str, list[str]] = {}
        for name in files:
            self._by_last.setdefault(_last(name), []).append(name)

    def meant(self, written: str) -> tuple[BroughtFile, ...]:
        """Return the files that a cell can mean: the one of that path, else all whose path ends so.

        Files of the same bytes are one.
        """
        name = as_name(written)
        if name in self._files:
            return (self._files[name],)
        ends = [one for one in self._by_last.get(_last(name), ()) if one.endswith(f"/{name}")]
        return tuple({self._files[one].sha256: self._files[one] for one in ends}.values())

    def wrong(self, written: str, kind: FileKind) -> AboutFiles | None:
        """Return what is wrong with what a cell names; None where nothing is."""
        found = self.meant(written)
        if len(found) != 1:
            return "several files" if found else "no file"
        if not found[0].kinds:
            return "empty file"
        return None if kind in found[0].kinds else "other type"

    def failures(self, values: pd.Series, column: Column) -> list[Failure]:
        """Return where a column that names files names none that fits; nothing of any other column."""
        if column.file is None:
            return []
        said = values.map({one: self.wrong(one, column.file) for one in _texts(values)})
        places = {one: np.flatnonzero(said.eq(one).to_numpy(bool)) for one in MISTAKES}
        return [
            Failure(
                expectation=f"{column.name}: {mistake}, of the kind {column.file!r}",
                meta={"mistake": mistake, "severity": "refuse"},
                positions=where.astype(np.int64),
            )
            for mistake, where in places.items()
            if len(where)
        ]

    def digests(self, values: pd.Series) -> pd.Series:
        """Return the SHA-256 of the file that each cell means; missing where the cell is blank."""
        known = {one: self.meant(one)[0].sha256 for one in _texts(values)}
        return values.map(known).astype("str")

    def unnamed(self, columns: Sequence[pd.Series]) -> list[Finding]:
        """Return the warning about files that no cell of these columns means."""
        texts = {one for values in columns for one in _texts(values)}
        named = {one.sha256 for text in texts for one in self.meant(text)}
        left = [name for name, one in self._files.items() if one.sha256 not in named]
        if not left:
            return []
        more = len(left) - LISTED
        listed = ", ".join(f"“{name}”" for name in left[:LISTED])
        listed += f" and {count(more, 'other')}" if more > 0 else ""
        said = f"No row names {listed}, which came with the table: not part of the cases."
        technical = f"{len(left)} of {len(self._files)} files are named by no row"
        return [about_rows("unnamed files", said, lines=ABOUT_THE_FILE, technical=technical)]


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _texts(values: pd.Series) -> list[str]:
    return [str(one) for one in values.dropna().unique()]
