"""Where the case store's files lie: under keys, whole or not at all. Here the port, and a local folder behind it."""

from pathlib import Path
from typing import Protocol

from capsule_blocks.files import put, put_folder
from capsule_kit.errors import CapsuleError


class StoreUnreachable(CapsuleError):
    """The place where the store lies does not do what it was asked."""

    def __init__(self, root: str, problem: object) -> None:
        super().__init__(
            f"The case store at {root} cannot be used: {problem}. Check that the place is there and"
            " answers; for S3 also AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and"
            " AWS_DEFAULT_REGION in the environment of every process of the control side"
        )


class CasesMissing(CapsuleError):
    """The store does not hold what was asked for."""

    def __init__(self, what: str, place: str) -> None:
        super().__init__(
            f"The case store has no {what} at {place}. Restore the store, or add the table again"
        )


class Shelf(Protocol):
    """Keeps finished files and folders; a key is a path with `/`, below the store's root.

    All methods raise StoreUnreachable where the place does not answer.
    """

    def address(self, key: str) -> str:
        """Return what a person would call the place of a key."""

    def keep(self, made: Path, key: str, *, replace: bool = False) -> None:
        """Keep a finished file; without `replace`, what is there already has the same meaning and may stay."""

    def keep_folder(self, made: Path, key: str) -> None:
        """Keep a finished folder, unless somebody else kept one there first."""

    def has(self, key: str) -> bool:
        """Say whether a file is kept under the key."""

    def read(self, key: str) -> bytes:
        """Return a file's bytes, leaving no copy. Raises: FileNotFoundError."""

    def file(self, key: str) -> Path:
        """Return a local file with the bytes, only to be read. Raises: FileNotFoundError."""

    def folder(self, key: str) -> Path | None:
        """Return a local folder with what was kept as a folder, only to be read; None where nothing was."""

    def keys(self, prefix: str) -> list[str]:
        """Return the keys of the files below a prefix, sorted."""


class FolderShelf:
    """A folder of this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def address(self, key: str) -> str:
        """Return the path."""
        return str(self._root / key)

    def keep(self, made: Path, key: str, *, replace: bool = False) -> None:
        """Move a finished file to its place; the same bytes again mend what a disk may have spoilt."""
        del replace
        put(made, self._root / key)

    def keep_folder(self, made: Path, key: str) -> None:
        """Move a finished folder to its place."""
        put_folder(made, self._root / key)

    def has(self, key: str) -> bool:
        """Say whether there is such a file."""
        return (self._root / key).is_file()

    def read(self, key: str) -> bytes:
        """Return the file's bytes."""
        return (self._root / key).read_bytes()

    def file(self, key: str) -> Path:
        """Return the file itself."""
        place = self._root / key
        if not place.is_file():
            raise FileNotFoundError(place)
        return place

    def folder(self, key: str) -> Path | None:
        """Return the folder itself."""
        place = self._root / key
        return place if place.is_dir() else None

    def keys(self, prefix: str) -> list[str]:
        """Return the paths of the files below a folder."""
        found = (self._root / prefix).rglob("*")
        return sorted(path.relative_to(self._root).as_posix() for path in found if path.is_file())
