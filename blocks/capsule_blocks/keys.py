"""Under which key the case store keeps what; the keys of what does not change hold its content hash."""

import re
from uuid import UUID

from capsule_blocks.files import safe_name
from capsule_kit.receipt import INPUTS_FILE

SHA256 = re.compile(r"[0-9a-f]{64}")


def upload_key(sha256: str, filename: str) -> str:
    """An upload as it came in, under a safe name."""
    return f"uploads/{_checked(sha256)}/{safe_name(filename)}"


def inputs_key(inputs_hash: str) -> str:
    """Inputs, once for the same bytes."""
    return f"cases/{_checked(inputs_hash)}/{INPUTS_FILE}"


def file_key(sha256: str) -> str:
    """A file that cases name, once for the same bytes, whoever brought it."""
    return f"files/{_checked(sha256)}"


def receipts_prefix(inputs_hash: str) -> str:
    """All receipts of these inputs."""
    return f"cases/{_checked(inputs_hash)}/receipts"


def receipt_key(inputs_hash: str, contract_hash: str) -> str:
    """That these inputs were checked against this contract."""
    return f"cases/{_checked(inputs_hash)}/receipts/{_checked(contract_hash)}.json"


def answers_key(inputs_hash: str, answers_hash: str) -> str:
    """Sealed answers, under a prefix of their own."""
    return f"sealed/{_checked(inputs_hash)}/{_checked(answers_hash)}.parquet"


def results_key(run_id: UUID) -> str:
    """A folder: what a run left."""
    return f"results/{run_id}"


def judged_key(run_id: UUID) -> str:
    """A trial's table case by case."""
    return f"judged/{run_id}.parquet"


def replay_key(content_hash: str) -> str:
    """A table of a replay, answers in it, once for the same bytes."""
    return f"replays/{_checked(content_hash)}.parquet"


def _checked(digest: str) -> str:
    if not SHA256.fullmatch(digest):
        msg = f"{digest!r} is no content hash. Pass the 64 hexadecimal digits of a SHA-256"
        raise ValueError(msg)
    return digest
