"""The receipt that goes with checked cases: which bytes were checked against which contract."""

import hashlib
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from capsule_kit.errors import CasesRefused

INPUTS_FILE = "inputs.parquet"
RECEIPT_FILE = "receipt.json"
CASE_ID = "case_id"
ROW = "row"


class Receipt(BaseModel):
    """What the data check vouches for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contract_hash: str
    """The contract the cases were checked against, 64 hexadecimal digits."""
    inputs_hash: str
    """SHA-256 of the bytes of `inputs.parquet`."""
    cases: int
    """How many cases the table holds."""
    checked_at: datetime
    """When the check ended, with its time zone."""


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def admit(data: Path, contract_hash: str) -> Receipt:
    """Return the receipt of the cases staged in `data`, if they may be run under this contract.

    Raises:
        CasesRefused: there is no receipt, it is for another contract, or the bytes have changed.
    """
    again = "Add the table again (`capsules cases add`, the app, or the deployment add-cases)."
    try:
        receipt = Receipt.model_validate_json((data / RECEIPT_FILE).read_bytes())
    except FileNotFoundError:
        raise CasesRefused("they carry no receipt of a data check", again) from None
    except ValueError as cause:
        raise CasesRefused("their receipt cannot be read", again) from cause
    if receipt.contract_hash != contract_hash:
        raise CasesRefused(
            "they were checked against another version of this capsule's contract"
            f" ({receipt.contract_hash[:12]}, not {contract_hash[:12]})",
            again,
        )
    if hash_file(data / INPUTS_FILE) != receipt.inputs_hash:
        raise CasesRefused("the table has changed since it was checked", again)
    return receipt
