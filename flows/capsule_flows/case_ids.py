"""A case's id: the hash of what it holds, so that the same case is known again wherever it comes from.

Pure. The ids stand in ledgers and stores: what is hashed, and how, must not change.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

DIGITS = 16


def case_ids(typed: pd.DataFrame) -> pd.Series:
    """Return the id of each row: 16 hexadecimal digits, and `-2`, `-3` where it stands again."""
    hashes = pd.util.hash_pandas_object(typed, index=False)
    ids = _hexadecimal(hashes)
    if not (repeated := hashes.duplicated(keep=False).to_numpy()).any():
        return ids
    place = hashes[repeated].groupby(hashes[repeated]).cumcount() + 1
    later = place[place > 1]
    ids[later.index] = ids[later.index] + "-" + later.astype("str")
    return ids


def is_repeated(ids: pd.Series) -> pd.Series:
    """Say of each id whether its case stood further up already."""
    return ids.str.len() > DIGITS


def _hexadecimal(hashes: pd.Series) -> pd.Series:
    digits = hashes.to_numpy().astype(">u8").tobytes().hex().encode()
    ends = np.arange(0, len(digits) + 1, DIGITS, dtype=np.int64)
    texts = pa.LargeStringArray.from_buffers(len(hashes), pa.py_buffer(ends), pa.py_buffer(digits))
    return pd.Series(pd.array(texts.to_pandas(), dtype="str"))
