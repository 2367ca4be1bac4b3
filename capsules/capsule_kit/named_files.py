"""Files that a column names: their hashes, which stand beside the names, and where a run finds them.

In `inputs.parquet` such a column holds what the expert wrote, and a second one the SHA-256 of the
file meant, so the hash of the inputs is one over the files too. A run's folder holds each file under
its hash: what somebody called it, which may give an answer away, is told to no model.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from capsule_kit.columns import DIGEST_ENDING
from capsule_kit.errors import CasesRefused
from capsule_kit.receipt import hash_file

FOLDER = "files"
"""In the folder of a run's inputs."""
ROWS_AT_ONCE = 50_000
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ENDING = re.compile(r"(?:\.[A-Za-z0-9]{1,8}){1,2}\Z")


def digest_column(name: str) -> str:
    """Return the header of the column that holds the hashes of the files that the column `name` names."""
    return f"{name}{DIGEST_ENDING}"


def staged_name(digest: str, written: str) -> str:
    """Return what a run's folder calls a file: its hash, with the ending that the expert wrote."""
    ending = _ENDING.search(written)
    return f"{digest}{ending.group() if ending else ''}"


def files_named(inputs: Path) -> dict[str, str]:
    """Return the files that the inputs name: what a run's folder calls each → its SHA-256."""
    names = pq.read_schema(inputs).names
    naming = [name for name in names if digest_column(name) in names]
    pairs = {pair for name in naming for part in _pairs(inputs, name) for pair in part}
    return {
        staged_name(digest, written): digest
        for written, digest in sorted(pairs)
        if _SHA256.fullmatch(digest)
    }


def write_with_paths(inputs: Path, place: Path, naming: Sequence[str]) -> None:
    """Write the cases anew, with paths for the names in these columns and no hashes; a part at a time.

    Raises:
        CasesRefused: a file is not beside the inputs, or is not the one that was checked.
    """
    folder, seen = inputs.parent / FOLDER, dict[str, str]()
    hashes = [digest_column(name) for name in naming]
    with pq.ParquetFile(inputs) as file:
        kept = [name for name in file.schema_arrow.names if name not in hashes]
        schema = pa.schema([_with_paths(file.schema_arrow.field(one), naming) for one in kept])
        with pq.ParquetWriter(place, schema) as writer:
            for batch in file.iter_batches(ROWS_AT_ONCE):
                cells = {name: batch.column(name) for name in kept}
                for name, digests in zip(naming, hashes, strict=True):
                    pairs = zip(
                        cells[name].to_pylist(), batch.column(digests).to_pylist(), strict=True
                    )
                    paths = [_path(folder, *pair, seen) for pair in pairs]
                    cells[name] = pa.array(paths, pa.large_string())
                writer.write_batch(pa.record_batch([cells[one] for one in kept], schema=schema))


def _with_paths(field: pa.Field, naming: Sequence[str]) -> pa.Field:
    return pa.field(field.name, pa.large_string()) if field.name in naming else field


def _pairs(inputs: Path, name: str) -> Iterator[set[tuple[str, str]]]:
    with pq.ParquetFile(inputs) as file:
        for batch in file.iter_batches(ROWS_AT_ONCE, columns=[name, digest_column(name)]):
            written, digests = (batch.column(one).to_pylist() for one in (0, 1))
            pairs = zip(map(str, written), map(str, digests), strict=True)
            yield {(one, digest) for one, digest in pairs if digest != "None"}


def _path(
    folder: Path, written: str | None, digest: str | None, seen: dict[str, str]
) -> str | None:
    """Return the path of a file, having made sure once that it is the one that was checked."""
    if written is None or digest is None:
        return None
    name = staged_name(digest, written)
    if name not in seen:
        place = folder / name
        if not place.is_file() or hash_file(place) != digest:
            raise CasesRefused(
                f"the file {written!r}, which a case names, is not there or has changed since the check",
                "Run it again; if it stays so, add the table and its files again.",
            )
        seen[name] = str(place)
    return seen[name]
