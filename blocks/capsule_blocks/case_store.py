"""The `CaseStore` block: uploads, inputs, sealed answers and results, in a folder or on object storage."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Self
from uuid import UUID

import pandas as pd
from prefect.blocks.core import Block
from prefect.client.schemas.objects import BlockType
from pydantic import Field, HttpUrl, field_validator, model_validator

from capsule_blocks import keys
from capsule_blocks.files import workbench
from capsule_blocks.lending import Lending, Lent
from capsule_blocks.logo import DOCUMENTATION, LOGO, block_type_without_logo
from capsule_blocks.named_files import NamedFiles
from capsule_blocks.object_shelf import ObjectShelf
from capsule_blocks.sealing import Sealed, answers_apart, write_table
from capsule_blocks.shelves import CasesMissing, FolderShelf, Shelf
from capsule_blocks.staging import Staged, Staging
from capsule_kit.errors import CapsuleError
from capsule_kit.handing_over import hand_over
from capsule_kit.named_files import files_named
from capsule_kit.receipt import Receipt, hash_file

CHUNK = 1 << 20


@dataclass(frozen=True)
class Received:
    """A file as it came in."""

    sha256: str
    """SHA-256 of its bytes."""
    path: Path
    """The file under a safe name; where the store is on object storage, a local copy."""
    size: int
    """In bytes."""
    filename: str
    """The name it was given by whoever sent it; never a path to be opened."""


class CaseStore(Block):
    """Keeps what experts bring and what runs leave, in a folder or on object storage.

    Attributes:
        root: The store's folder, or the address of a bucket and a prefix: `s3://bucket/prefix`.
        scratch: A local folder for what is being made, staged or only read; needed beside an address.

    Example:
        ```python
        from capsule_blocks import CaseStore

        store = CaseStore.load("BLOCK_NAME")
        ```
    """

    _block_type_name = "Capsule Case Store"
    _block_type_slug = "capsule-case-store"
    _description = "Keeps what experts bring and what runs leave, in a folder or on object storage."
    _documentation_url = HttpUrl(DOCUMENTATION)
    _logo_url = LOGO

    root: Path | str = Field(
        description="A folder on the machine of the control side, or s3://bucket/prefix."
        " Credentials and endpoint are read from the AWS_* environment variables, never kept here."
    )
    scratch: Path | None = Field(
        default=None,
        description="A local folder for work and copies; without one, the store's folder itself.",
    )

    @field_validator("root")
    @classmethod
    def _folder_or_address(cls, root: Path | str) -> Path | str:
        return root if "://" in str(root) else Path(root)

    @model_validator(mode="after")
    def _has_a_local_folder(self) -> Self:
        if self.remote and self.scratch is None:
            raise ValueError(
                f"A store at {self.root} needs a local folder beside it. Set `scratch`"
            )
        return self

    @property
    def remote(self) -> bool:
        """Whether it is on object storage."""
        return isinstance(self.root, str)

    @property
    def local(self) -> Path:
        """The folder of this machine where things are made, staged and locked."""
        return self.scratch or Path(self.root)

    @classmethod
    def _to_block_type(cls) -> BlockType:
        return block_type_without_logo(cls)

    def check(self) -> None:
        """Put a note into the store. Raises: StoreUnreachable."""
        with workbench(self._bench) as bench:
            (bench / "note").touch()
            self._shelf.keep(bench / "note", "case-store")

    def receive(self, stream: BinaryIO, filename: str) -> Received:
        """Store a file as it comes in; it is kept when this returns."""
        sha256 = hashlib.sha256()
        with workbench(self._bench) as bench:
            made = bench / "upload"
            with made.open("wb") as file:
                while chunk := stream.read(CHUNK):
                    sha256.update(chunk)
                    file.write(chunk)
            size = made.stat().st_size
            key = keys.upload_key(sha256.hexdigest(), filename)
            self._shelf.keep(made, key)
        return Received(sha256.hexdigest(), self._shelf.file(key), size, filename)

    def upload(self, sha256: str, filename: str) -> Path:
        """Return a received file, only to be read. Raises: CasesMissing."""
        try:
            return self._shelf.file(keys.upload_key(sha256, filename))
        except FileNotFoundError as error:
            raise CasesMissing("this upload", str(self.root)) from error

    def seal(self, inputs: pd.DataFrame, answers: pd.DataFrame, contract_hash: str) -> Sealed:
        """Store checked cases with their receipt, and their answers apart from them.

        `answers` has `case_id` and the answer's column, or two where it is a time, best under the
        contract's own headers, so that they can be seen not to be among the inputs; they are stored
        as `answer` and `event`.

        Raises:
            ValueError: an answer is among the inputs, or the two tables do not fit together.
        """
        known = answers_apart(inputs, answers)
        with workbench(self._bench) as bench:
            made_inputs, made_answers = bench / "inputs", bench / "answers"
            with ThreadPoolExecutor(2) as pool:
                inputs_hash, answers_hash = pool.map(
                    _written, (inputs, known), (made_inputs, made_answers)
                )
            sealed = Sealed(inputs_hash, answers_hash, len(inputs))
            made_answers.chmod(0o600)
            self._shelf.keep(
                made_answers, keys.answers_key(sealed.inputs_hash, sealed.answers_hash)
            )
            self._shelf.keep(made_inputs, keys.inputs_key(sealed.inputs_hash))
            if not self.has_receipt(sealed.inputs_hash, contract_hash):
                receipt = Receipt(
                    contract_hash=contract_hash,
                    inputs_hash=sealed.inputs_hash,
                    cases=sealed.cases,
                    checked_at=datetime.now(UTC),
                )
                (made := bench / "receipt").write_text(receipt.model_dump_json(indent=1))
                self._shelf.keep(made, keys.receipt_key(sealed.inputs_hash, contract_hash))
        return sealed

    def seal_anew(self, inputs_hash: str, answers: pd.DataFrame) -> str:
        """Store changed answers beside the ones they follow; return their hash.

        `answers` has `case_id` and one column more, as for `seal`.

        Raises:
            CasesMissing: the store does not hold the inputs.
            ValueError: the answers do not fit them.
        """
        known = answers_apart(self.inputs(inputs_hash), answers)
        with workbench(self._bench) as bench:
            answers_hash = _written(known, made := bench / "answers")
            made.chmod(0o600)
            self._shelf.keep(made, keys.answers_key(inputs_hash, answers_hash))
        return answers_hash

    def has_receipt(self, inputs_hash: str, contract_hash: str) -> bool:
        """Say whether these inputs were checked against this contract."""
        return self._shelf.has(keys.receipt_key(inputs_hash, contract_hash))

    def inputs(self, inputs_hash: str) -> pd.DataFrame:
        """Return what a model may see of the cases.

        Raises:
            CasesMissing: the store does not hold them.
        """
        return self._read(keys.inputs_key(inputs_hash), "inputs")

    def answers(self, inputs_hash: str, answers_hash: str) -> pd.DataFrame:
        """Return the sealed answers: `case_id`, `answer` and, of times, `event`.

        Raises:
            CasesMissing: the store does not hold them.
        """
        return self._read(keys.answers_key(inputs_hash, answers_hash), "answers")

    @property
    def files(self) -> NamedFiles:
        """The files that cases name."""
        return NamedFiles(self._shelf, self._bench)

    @property
    def staging(self) -> Staging:
        """The places of this machine's runs."""
        return Staging(self.local / "staging")

    def lay_in(
        self, staged: Staged, inputs_hash: str, contract_hash: str, user: int | None = None
    ) -> None:
        """Lay inputs, the files that they name, and a receipt into a run's place; `user` may read the receipt.

        Where no check against this contract was made, another contract's receipt goes along,
        so that the run itself refuses the cases and says why.

        Raises:
            CasesMissing: the store does not hold the inputs, or a file that they name.
        """
        key = keys.inputs_key(inputs_hash)
        try:
            source = self._shelf.file(key)
        except FileNotFoundError as cause:
            raise CasesMissing("inputs", self._shelf.address(key)) from cause
        receipt: str | None = keys.receipt_key(inputs_hash, contract_hash)
        if not self.has_receipt(inputs_hash, contract_hash):
            receipt = next(iter(self._shelf.keys(keys.receipts_prefix(inputs_hash))), None)
        vouched = self._shelf.file(receipt) if receipt else None
        named = {name: self.files.file(digest) for name, digest in files_named(source).items()}
        self.staging.fill(staged, source, vouched, user, named)

    def stage(self, run_id: UUID, inputs_hash: str, contract_hash: str) -> Staged:
        """Set out for one run its inputs, a receipt, and an empty folder for its results.

        Raises:
            CasesMissing: the store does not hold the inputs.
        """
        staged = self.staging.open()
        try:
            self.lay_in(staged, inputs_hash, contract_hash)
        except CapsuleError:
            self.staging.clear(staged)
            raise
        return self.staging.assign(staged, run_id)

    def staged(self, run_id: UUID) -> Staged | None:
        """Return what is set out for a run, or None."""
        return self.staging.of_run(run_id)

    def lend(self, run_id: UUID, inputs_hash: str, contract_hash: str) -> Lent:
        """Set out for one run, as `stage` does, but on object storage, behind two addresses.

        Raises:
            CasesMissing: the store does not hold the inputs.
            NothingToLend: the store is a folder of this machine.
        """
        staged = self.staging.open()
        try:
            self.lay_in(staged, inputs_hash, contract_hash)
            return self._lending.lend(run_id, staged.data)
        finally:
            self.staging.clear(staged)

    def collect(self, run_id: UUID) -> Path | None:
        """Take over what an ended run left, whole or not at all, and clear its staging folder.

        Only regular files are taken. Returns the folder of the results, or None where the run
        left nothing; may be called again, and by two at once.
        """
        staged = self.staged(run_id)
        if self.results(run_id) is None:
            with workbench(self._bench) as bench:
                taken = bench / "results"
                if staged:
                    # Copied, because another user's folder cannot be moved or cleaned by ours.
                    hand_over(staged.results, taken)
                elif self.remote:
                    self._lending.take_back(run_id, taken)
                if any(entry.is_file() for entry in taken.rglob("*")):
                    self._shelf.keep_folder(taken, keys.results_key(run_id))
        if staged:
            self.staging.clear(staged)
        if self.remote:
            self._lending.clear(run_id)
        return self.results(run_id)

    def results(self, run_id: UUID) -> Path | None:
        """Return the folder of what a run left, or None while nothing was collected."""
        return self._shelf.folder(keys.results_key(run_id))

    def save_judged(self, run_id: UUID, frame: pd.DataFrame) -> None:
        """Store a trial's table case by case."""
        with workbench(self._bench) as bench:
            write_table(frame, made := bench / "judged")
            made.chmod(0o600)
            self._shelf.keep(made, keys.judged_key(run_id), replace=True)

    def judged(self, run_id: UUID) -> pd.DataFrame | None:
        """Return a trial's table case by case, or None where it was not judged."""
        key = keys.judged_key(run_id)
        return self._read(key, "judged table") if self._shelf.has(key) else None

    def keep_replay(self, frame: pd.DataFrame) -> str:
        """Store a table of a replay; return its hash."""
        with workbench(self._bench) as bench:
            content_hash = _written(frame, made := bench / "replay")
            made.chmod(0o600)
            self._shelf.keep(made, keys.replay_key(content_hash))
        return content_hash

    def replay(self, content_hash: str) -> pd.DataFrame:
        """Return a table of a replay. Raises: CasesMissing."""
        return self._read(keys.replay_key(content_hash), "replay")

    @property
    def _bench(self) -> Path:
        # The answers lie here as well: nobody else on this machine may enter.
        self.local.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.local / "incoming"

    @cached_property
    def _shelf(self) -> Shelf:
        if isinstance(self.root, Path):
            return FolderShelf(self.root)
        return ObjectShelf(self.root, self.local / "copies")

    @property
    def _lending(self) -> Lending:
        return Lending(self._shelf, self._bench)

    def _read(self, key: str, what: str) -> pd.DataFrame:
        try:
            return pd.read_parquet(BytesIO(self._shelf.read(key)))
        except FileNotFoundError as cause:
            raise CasesMissing(what, self._shelf.address(key)) from cause


def _written(frame: pd.DataFrame, place: Path) -> str:
    """Write a table to a file; return the file's hash."""
    write_table(frame, place)
    return hash_file(place)
