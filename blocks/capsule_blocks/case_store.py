"""The `CaseStore` block: uploads, inputs, sealed answers, staging and results, as files."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import pandas as pd
from prefect.blocks.core import Block
from prefect.client.schemas.objects import BlockType
from pydantic import Field, HttpUrl

from capsule_blocks.files import copy_plain, put, put_folder, safe_name, workbench
from capsule_blocks.logo import DOCUMENTATION, LOGO, block_type_without_logo
from capsule_blocks.sealing import answers_apart
from capsule_blocks.staging import Staged, Staging
from capsule_kit.errors import CapsuleError
from capsule_kit.receipt import INPUTS_FILE, Receipt, hash_file

CHUNK = 1 << 20
SHA256 = re.compile(r"[0-9a-f]{64}")


class CasesMissing(CapsuleError):
    """The store does not hold what was asked for."""

    def __init__(self, what: str, place: Path) -> None:
        super().__init__(
            f"The case store has no {what} at {place}."
            " Restore the store's folder, or add the table again"
        )


@dataclass(frozen=True)
class Received:
    """A file as it came in."""

    sha256: str
    """SHA-256 of its bytes."""
    path: Path
    """Where the store keeps it, under a safe name."""
    size: int
    """In bytes."""
    filename: str
    """The name it was given by whoever sent it; never a path to be opened."""


@dataclass(frozen=True)
class Sealed:
    """Inputs and answers, stored apart."""

    inputs_hash: str
    """SHA-256 of `inputs.parquet`."""
    answers_hash: str
    """SHA-256 of the sealed answers' file."""
    cases: int
    """How many cases the inputs hold."""


class CaseStore(Block):
    """The folder that keeps what experts bring and what runs leave.

    Attributes:
        root: The store's folder.

    Example:
        Load the store:
        ```python
        from capsule_blocks import CaseStore

        store = CaseStore.load("BLOCK_NAME")
        ```
    """

    _block_type_name = "Capsule Case Store"
    _block_type_slug = "capsule-case-store"
    _description = "The folder that keeps what experts bring and what runs leave."
    _documentation_url = HttpUrl(DOCUMENTATION)
    _logo_url = LOGO

    root: Path = Field(description="The store's folder, on the machine of the control side.")

    @classmethod
    def _to_block_type(cls) -> BlockType:
        return block_type_without_logo(cls)

    def receive(self, stream: BinaryIO, filename: str) -> Received:
        """Store a file as it comes in; it is on disk when this returns."""
        sha256 = hashlib.sha256()
        with workbench(self._bench) as bench:
            made = bench / "upload"
            with made.open("wb") as file:
                while chunk := stream.read(CHUNK):
                    sha256.update(chunk)
                    file.write(chunk)
            size = made.stat().st_size
            place = self.root / "uploads" / sha256.hexdigest() / safe_name(filename)
            put(made, place)
        return Received(sha256.hexdigest(), place, size, filename)

    def seal(self, inputs: pd.DataFrame, answers: pd.DataFrame, contract_hash: str) -> Sealed:
        """Store checked cases with their receipt, and their answers apart from them.

        `answers` has `case_id` and one column more, best under the contract's own header, so
        that it can be seen not to be among the inputs; it is stored as `answer`.

        Raises:
            ValueError: an answer is among the inputs, or the two tables do not fit together.
        """
        known = answers_apart(inputs, answers)
        with workbench(self._bench) as bench:
            made_inputs, made_answers = bench / "inputs", bench / "answers"
            _write(inputs, made_inputs)
            _write(known, made_answers)
            sealed = Sealed(hash_file(made_inputs), hash_file(made_answers), len(inputs))
            made_answers.chmod(0o600)
            put(made_answers, self._answers(sealed.inputs_hash, sealed.answers_hash))
            put(made_inputs, self._cases(sealed.inputs_hash) / INPUTS_FILE)
            if not self.has_receipt(sealed.inputs_hash, contract_hash):
                receipt = Receipt(
                    contract_hash=contract_hash,
                    inputs_hash=sealed.inputs_hash,
                    cases=sealed.cases,
                    checked_at=datetime.now(UTC),
                )
                made = bench / "receipt"
                made.write_text(receipt.model_dump_json(indent=1))
                put(made, self._receipt(sealed.inputs_hash, contract_hash))
        return sealed

    def has_receipt(self, inputs_hash: str, contract_hash: str) -> bool:
        """Say whether these inputs were checked against this contract."""
        return self._receipt(inputs_hash, contract_hash).is_file()

    def inputs(self, inputs_hash: str) -> pd.DataFrame:
        """Return what a model may see of the cases.

        Raises:
            CasesMissing: the store does not hold them.
        """
        return _read(self._cases(inputs_hash) / INPUTS_FILE, "inputs")

    def answers(self, inputs_hash: str, answers_hash: str) -> pd.DataFrame:
        """Return the sealed answers: `case_id` and `answer`.

        Raises:
            CasesMissing: the store does not hold them.
        """
        return _read(self._answers(inputs_hash, answers_hash), "answers")

    @property
    def staging(self) -> Staging:
        """The places of this machine's runs."""
        return Staging(self.root / "staging")

    def lay_in(
        self, staged: Staged, inputs_hash: str, contract_hash: str, user: int | None = None
    ) -> None:
        """Lay inputs and a receipt into a run's place; `user` may read the receipt.

        Where no check against this contract was made, another contract's receipt goes along,
        so that the run itself refuses the cases and says why.

        Raises:
            CasesMissing: the store does not hold the inputs.
        """
        source = self._cases(inputs_hash) / INPUTS_FILE
        if not source.is_file():
            raise CasesMissing("inputs", source)
        receipts = [self._receipt(inputs_hash, contract_hash)]
        receipts += sorted((self._cases(inputs_hash) / "receipts").glob("*.json"))
        receipt = next((path for path in receipts if path.is_file()), None)
        self.staging.fill(staged, source, receipt, user)

    def stage(self, run_id: UUID, inputs_hash: str, contract_hash: str) -> Staged:
        """Set out for one run its inputs, a receipt, and an empty folder for its results.

        Raises:
            CasesMissing: the store does not hold the inputs.
        """
        staged = self.staging.open()
        try:
            self.lay_in(staged, inputs_hash, contract_hash)
        except CasesMissing:
            self.staging.clear(staged)
            raise
        return self.staging.assign(staged, run_id)

    def staged(self, run_id: UUID) -> Staged | None:
        """Return what is set out for a run, or None."""
        return self.staging.of_run(run_id)

    def collect(self, run_id: UUID) -> Path | None:
        """Take over what an ended run left, whole or not at all, and clear its staging folder.

        Only regular files are taken. Returns the folder of the results, or None where the run
        left nothing; may be called again, and by two at once.
        """
        staged = self.staged(run_id)
        if staged and self.results(run_id) is None:
            with workbench(self._bench) as bench:
                taken = bench / "results"
                taken.mkdir()
                # Copied, because another user's folder cannot be moved or cleaned by ours.
                copy_plain(staged.results, taken)
                if any(entry.is_file() for entry in taken.rglob("*")):
                    put_folder(taken, self._results(run_id))
        if staged:
            self.staging.clear(staged)
        return self.results(run_id)

    def results(self, run_id: UUID) -> Path | None:
        """Return the folder of what a run left, or None while nothing was collected."""
        place = self._results(run_id)
        return place if place.is_dir() else None

    def save_judged(self, run_id: UUID, frame: pd.DataFrame) -> None:
        """Store a trial's table case by case."""
        with workbench(self._bench) as bench:
            made = bench / "judged"
            _write(frame, made)
            made.chmod(0o600)
            put(made, self._judged(run_id))

    def judged(self, run_id: UUID) -> pd.DataFrame | None:
        """Return a trial's table case by case, or None where it was not judged."""
        place = self._judged(run_id)
        return pd.read_parquet(place) if place.is_file() else None

    @property
    def _bench(self) -> Path:
        # The answers lie here as well: nobody else on this machine may enter.
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.root / "incoming"

    def _cases(self, inputs_hash: str) -> Path:
        return self.root / "cases" / _checked(inputs_hash)

    def _receipt(self, inputs_hash: str, contract_hash: str) -> Path:
        return self._cases(inputs_hash) / "receipts" / f"{_checked(contract_hash)}.json"

    def _answers(self, inputs_hash: str, answers_hash: str) -> Path:
        return self.root / "sealed" / _checked(inputs_hash) / f"{_checked(answers_hash)}.parquet"

    def _results(self, run_id: UUID) -> Path:
        return self.root / "results" / str(run_id)

    def _judged(self, run_id: UUID) -> Path:
        return self.root / "judged" / f"{run_id}.parquet"


def _checked(digest: str) -> str:
    if not SHA256.fullmatch(digest):
        msg = f"{digest!r} is no content hash. Pass the 64 hexadecimal digits of a SHA-256"
        raise ValueError(msg)
    return digest


def _write(frame: pd.DataFrame, place: Path) -> None:
    plain = frame.copy(deep=False)
    # They would be written into the file, whatever they hold.
    plain.attrs = {}
    plain.to_parquet(place, engine="pyarrow", index=False)


def _read(place: Path, what: str) -> pd.DataFrame:
    if not place.is_file():
        raise CasesMissing(what, place)
    return pd.read_parquet(place)
