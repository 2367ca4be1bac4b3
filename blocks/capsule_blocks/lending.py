"""What one run elsewhere is lent of a store on object storage: an address to read at, one to write to.

The results come back under `staging/`, and are taken over from there when the run has ended: no
address that was given away ever opens what the store keeps for good, nor an answer.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from capsule_blocks.files import workbench
from capsule_blocks.object_shelf import ObjectShelf
from capsule_blocks.shelves import Shelf
from capsule_kit.errors import CapsuleError
from capsule_kit.handing_over import MOST_BYTES, MOST_FILES
from capsule_kit.object_storage import pack, unpack

VALID = timedelta(hours=24)
"""From the submission to the end of the run; S3 allows a week at most."""


class TooMuchToLend(CapsuleError):
    """A run elsewhere would not take so much."""

    def __init__(self) -> None:
        super().__init__(
            f"The cases name more files than a run elsewhere is given: {MOST_FILES:,} and"
            f" {MOST_BYTES >> 20:,} MB at most. Bring fewer cases, or deploy to a pool of type capsule-docker"
        )


class NothingToLend(CapsuleError):
    """The store is a folder, which a run elsewhere cannot reach."""

    def __init__(self) -> None:
        super().__init__(
            "The case store is a folder of this machine, which a run elsewhere cannot reach."
            " Start with CAPSULES_STORE=s3://bucket/prefix, or deploy to a pool of type"
            " capsule-docker or capsule-process"
        )


@dataclass(frozen=True)
class Lent:
    """Two presigned addresses; whoever has one can use it, so they are told to the run alone."""

    data: str
    """An archive of the inputs and their receipt; may be read."""
    results: str
    """An archive that is not there yet; may be written."""


class Lending:
    """Lends on one shelf."""

    def __init__(self, shelf: Shelf, bench: Path) -> None:
        self._given, self._bench = shelf, bench

    @property
    def _shelf(self) -> ObjectShelf:
        if not isinstance(self._given, ObjectShelf):
            raise NothingToLend
        return self._given

    def lend(self, run_id: UUID, data: Path) -> Lent:
        """Put out a folder of inputs for a run. Raises: TooMuchToLend."""
        found = [one for one in data.rglob("*") if one.is_file()]
        if len(found) > MOST_FILES or sum(one.stat().st_size for one in found) > MOST_BYTES:
            raise TooMuchToLend
        with workbench(self._bench) as bench:
            pack(data, bench / "archive")
            self._shelf.keep(bench / "archive", _data(run_id), replace=True)
        return Lent(
            data=self._shelf.presigned(_data(run_id), "get_object", VALID),
            results=self._shelf.presigned(_results(run_id), "put_object", VALID),
        )

    def take_back(self, run_id: UUID, folder: Path) -> None:
        """Unpack what the run sent into a new folder; what is no archive or too large is nothing."""
        size = self._shelf.size(_results(run_id))
        if size is None or size > MOST_BYTES:
            return
        with workbench(self._bench) as bench:
            try:
                self._shelf.copy(_results(run_id), bench / "archive")
                unpack(bench / "archive", bench / "folder")
            except (FileNotFoundError, ValueError):
                # Another collector was quicker, or the run sent rubbish.
                return
            (bench / "folder").rename(folder)

    def clear(self, run_id: UUID) -> None:
        """Remove what was put out for a run and what it sent."""
        self._shelf.remove(self._shelf.keys(f"staging/{run_id}"))


def _data(run_id: UUID) -> str:
    return f"staging/{run_id}/data.tar"


def _results(run_id: UUID) -> str:
    return f"staging/{run_id}/results.tar"
