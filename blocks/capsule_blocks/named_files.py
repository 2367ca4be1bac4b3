"""The files that cases name, as the case store keeps them: by their hash, once for the same bytes."""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from capsule_blocks import keys
from capsule_blocks.files import workbench
from capsule_blocks.shelves import CasesMissing, Shelf
from capsule_kit.receipt import hash_file

AT_ONCE = 8


class NamedFiles:
    """The named files on one shelf."""

    def __init__(self, shelf: Shelf, bench: Path) -> None:
        self._shelf, self._bench = shelf, bench

    def keep(self, digests: Collection[str], make: Callable[[Path], None]) -> None:
        """Keep files, each once and whole.

        Args:
            digests: The SHA-256 of each.
            make: Is called with an empty folder, if one is not kept yet; leaves each file there, called
                by its SHA-256.

        Raises:
            ValueError: what was left is not what its name says.
        """
        wanted = [one for one in digests if not self._shelf.has(keys.file_key(one))]
        if not wanted:
            return
        with workbench(self._bench) as bench:
            make(bench)
            for digest in wanted:
                if hash_file(bench / digest) != digest:
                    msg = f"The file {digest[:12]} has other bytes than it was checked with"
                    raise ValueError(msg)
            with ThreadPoolExecutor(AT_ONCE) as pool:
                kept = [pool.submit(self._keep, bench / digest) for digest in wanted]
            for one in kept:
                one.result()

    def file(self, sha256: str) -> Path:
        """Return a file, only to be read. Raises: CasesMissing."""
        key = keys.file_key(sha256)
        try:
            return self._shelf.file(key)
        except FileNotFoundError as cause:
            raise CasesMissing("file", self._shelf.address(key)) from cause

    def _keep(self, made: Path) -> None:
        self._shelf.keep(made, keys.file_key(made.name))
