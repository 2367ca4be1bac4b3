"""A case's id: the hash of what it holds, so that the same case is known again wherever it comes from.

Pure. The ids stand in ledgers and stores: what is hashed, and how, must not change.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

DIGITS = 16
SAMPLE = 1_000


def case_ids(typed: pd.DataFrame) -> pd.Series:
    """Return the id of each row: 16 hexadecimal digits, and `-2`, `-3` where it stands again."""
    hashes = pd.util.hash_pandas_object(typed, index=False, categorize=_texts_repeat(typed))
    ids = _hexadecimal(hashes)
    in_order = np.sort(hashes.to_numpy())
    if not (in_order[1:] == in_order[:-1]).any():
        return ids
    repeated = hashes[hashes.duplicated(keep=False)]
    place = repeated.groupby(repeated).cumcount() + 1
    later = place[place > 1]
    ids[later.index] = ids[later.index] + "-" + later.astype("str")
    return ids


def _texts_repeat(typed: pd.DataFrame) -> bool:
    """Say whether it saves time to look for the distinct texts first; the hashes are the same.

    They are not where a text is missing, so there it is said in any case.
    """
    texts = [values for _, values in typed.items() if str(values.dtype) == "str"]
    distinct = sum(values.head(SAMPLE).nunique() > SAMPLE / 2 for values in texts)
    return 2 * distinct <= len(texts) or any(values.hasnans for values in texts)


def is_repeated(ids: pd.Series) -> pd.Series:
    """Say of each id whether its case stood further up already."""
    return ids.str.len() > DIGITS


def _hexadecimal(hashes: pd.Series) -> pd.Series:
    digits = hashes.to_numpy().astype(">u8").tobytes().hex().encode()
    ends = np.arange(0, len(digits) + 1, DIGITS, dtype=np.int64)
    texts = pa.LargeStringArray.from_buffers(len(hashes), pa.py_buffer(ends), pa.py_buffer(digits))
    return pd.Series(pd.array(texts.to_pandas(), dtype="str"))
