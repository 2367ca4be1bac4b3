"""Rows a model was trained on, known again by short one-way hashes: the rows themselves are not told.

A hash is five bytes of pandas' SipHash over what the row holds, keyed by the columns' names. Whoever
has a row can ask whether it is among them; a row that holds more than those bytes cannot be read out
of them. Numbers are hashed in single precision, so that a unit turned there and back makes no other
row of it.
"""

import base64
import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from capsule_kit.columns import Column

HASH_BYTES = 5
KEY_LENGTH = 16
MOST_KEPT = 8_000
"""So many hashes are published, 53 kB of text; of a larger table those that come first in order."""

Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]
Singles = np.ndarray[tuple[int], np.dtype[np.float32]]
SINGLE = np.float32


class TrainingRows(BaseModel):
    """Which rows were trained on, as far as it is published."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: tuple[str, ...]
    """The columns that a row is known by; never the one that names the case."""
    rows: int
    """Different rows of the training table."""
    hashes: str
    """The smallest hashes of these rows, ascending, 5 bytes each, big-endian, as Base64."""

    @property
    def known(self) -> int:
        """How many of the rows can be known again: all of them, or the first 8,000."""
        return len(base64.b64decode(self.hashes)) // HASH_BYTES

    @property
    def false_matches(self) -> float:
        """How probable it is that a row which was not trained on is taken for one that was."""
        return self.known / 256.0**HASH_BYTES

    def among(self, typed: pd.DataFrame, columns: Sequence[Column]) -> "pd.Series[bool]":
        """Say of each row of a typed table whether it is one of the rows that can be known again."""
        known = _unpacked(self.hashes)
        asked = row_hashes(typed, [one for one in columns if one.name in self.columns])
        return pd.Series(np.isin(asked, known), index=typed.index)


def rows_of(typed: pd.DataFrame, columns: Sequence[Column]) -> TrainingRows:
    """Return what is published of a typed training table's rows."""
    hashes = np.unique(row_hashes(typed, columns))
    names = tuple(one.name for one in columns)
    return TrainingRows(columns=names, rows=len(hashes), hashes=_packed(hashes[:MOST_KEPT]))


def row_hashes(typed: pd.DataFrame, columns: Sequence[Column]) -> Hashes:
    """Return the hash of each row, shape (n_rows,), over the columns in the order given."""
    key = hashlib.sha256("\x1f".join(one.name for one in columns).encode()).hexdigest()
    numeric = [one.name for one in columns if one.kind not in ("text", "choice")]
    wordy = [one.name for one in columns if one.kind in ("text", "choice")]
    held = _held(list(map(_single, _of(typed, numeric))), len(typed))
    if wordy:
        texts = [one.astype("str").fillna("").str.strip().tolist() for one in _of(typed, wordy)]
        said = zip(held, zip(*texts, strict=True), strict=True)
        held[:] = [numbers + "\x1f".join(cells).encode() for numbers, cells in said]
    hashes = pd.util.hash_array(held, hash_key=key[:KEY_LENGTH], categorize=False)
    return hashes >> np.uint64(64 - 8 * HASH_BYTES)


def _held(numbers: Sequence[Singles], rows: int) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    """Return the bytes of each row's numbers, shape (n_rows,)."""
    if not numbers:
        return np.full(rows, b"", object)
    table = np.ascontiguousarray(np.column_stack(numbers))
    return table.view(f"V{table.shape[1] * table.itemsize}").reshape(rows).astype(object)


def _of(typed: pd.DataFrame, names: Sequence[str]) -> list[pd.Series]:
    return [typed[name] for name in names]


def _single(values: pd.Series) -> Singles:
    """Return numbers, days since 1970 or yes and no as 1 and 0; blanks as the one NaN, no negative zero."""
    if values.dtype.kind == "M":
        days = (values - pd.Timestamp(0)) / pd.Timedelta(days=1)
        values = days
    with np.errstate(over="ignore"):
        single = values.to_numpy(float, na_value=np.nan).astype(SINGLE) + SINGLE(0)
    return np.where(np.isnan(single), SINGLE(np.nan), single)


def _packed(hashes: Hashes) -> str:
    every = np.frombuffer(hashes.astype(">u8").tobytes(), np.uint8).reshape(-1, 8)
    return base64.b64encode(every[:, 8 - HASH_BYTES :].tobytes()).decode()


def _unpacked(text: str) -> Hashes:
    short = np.frombuffer(base64.b64decode(text), np.uint8).reshape(-1, HASH_BYTES)
    every = np.zeros((len(short), 8), np.uint8)
    every[:, 8 - HASH_BYTES :] = short
    return every.reshape(-1).view(">u8").astype(np.uint64)
