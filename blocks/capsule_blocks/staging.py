"""What a run may see and write on this machine: one folder of inputs, one of results.

A place is made before it is known which run it is for, because a waiting container is given its
folders when it is made; it is renamed when the run is, and mounts follow.
"""

import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from uuid import UUID, uuid4

from capsule_kit.named_files import FOLDER
from capsule_kit.receipt import INPUTS_FILE, RECEIPT_FILE

OPEN = "open-"
"""How the name of a place begins that no run has yet."""


@dataclass(frozen=True)
class Staged:
    """All that one run may see and write."""

    place: Path

    @property
    def data(self) -> Path:
        """Holds the inputs, their receipt, and the files that they name."""
        return self.place / "data"

    @property
    def results(self) -> Path:
        """Empty at the start; the run writes here."""
        return self.place / "results"

    def age(self) -> float:
        """Return how long it has been as it is, in seconds; 0 where it is gone."""
        try:
            return time.time() - self.place.stat().st_mtime
        except FileNotFoundError:
            return 0.0


class Staging:
    """The places of one machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, user: int | None = None) -> Staged:
        """Make an empty place, for a run that is not known yet.

        `user` is the number of the user whose flow reads the receipt and writes results; None
        for this process's own, which anybody but root must use.
        """
        staged = Staged(self._folder / f"{OPEN}{uuid4()}")
        for folder in (staged.place, staged.data, staged.results):
            folder.mkdir(parents=True)
            folder.chmod(0o755)
        if user is not None:
            os.chown(staged.results, user, user)
        return staged

    def fill(
        self,
        staged: Staged,
        inputs: Path,
        receipt: Path | None,
        user: int | None = None,
        files: Mapping[str, Path] = MappingProxyType({}),
    ) -> None:
        """Lay the inputs into a place, with the files that they name, and beside them the receipt.

        The receipt may be read by its flow alone; `files` are by the names that they get.
        """
        shutil.copyfile(inputs, staged.data / INPUTS_FILE)
        (staged.data / INPUTS_FILE).chmod(0o644)
        for name, source in files.items():
            place = staged.data / FOLDER / name
            if not place.parent.is_dir():
                place.parent.mkdir()
                place.parent.chmod(0o755)
            shutil.copyfile(source, place)
            place.chmod(0o444)
        if receipt is None:
            return
        copied = staged.data / RECEIPT_FILE
        shutil.copyfile(receipt, copied)
        copied.chmod(0o600)
        if user is not None:
            os.chown(copied, user, user)

    def assign(self, staged: Staged, run_id: UUID) -> Staged:
        """Give a place to a run; what the run left there at an earlier start is cleared."""
        place = Staged(self._folder / str(run_id))
        shutil.rmtree(place.place, ignore_errors=True)
        staged.place.rename(place.place)
        return place

    def of_run(self, run_id: UUID) -> Staged | None:
        """Return a run's place, or None where there is none."""
        staged = Staged(self._folder / str(run_id))
        return staged if staged.place.is_dir() else None

    def clear(self, staged: Staged) -> None:
        """Remove a place with all that is in it."""
        shutil.rmtree(staged.place, ignore_errors=True)

    def opened(self) -> list[Staged]:
        """Return the places that no run has yet."""
        return [Staged(place) for place in self._folder.glob(f"{OPEN}*")]
