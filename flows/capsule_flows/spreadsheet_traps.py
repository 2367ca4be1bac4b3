"""Names that a spreadsheet has turned into something else: found and said, never turned back.

A gene called SEPT7 or MARCH1 becomes a date, or the number of days by which Excel stores one; a long
number loses its last digits (Ziemann et al., Genome Biology 17:177, 2016: a fifth of papers with
supplementary Excel gene lists).
"""

from typing import Any

import numpy as np
import pyarrow.compute as pc

from capsule_flows.cells_as_text import column_as_text
from capsule_flows.suites import AS_WRITTEN, Failure, Positions
from capsule_kit.columns import Column

MONTH = r"(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|sept|oct|okt|nov|dec|dez)"
DAY_OF_MONTH = rf"(?i)\A(?:[0-9]{{1,2}}[-. ]{{1,2}}{MONTH}\.?|{MONTH}\.?[-. ][0-9]{{1,2}})\z"
ISO_DATE = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T00:00:00)?\z"
SERIAL = r"\A(?:3[6-9]|4[0-9]|5[0-4])[0-9]{3}\z"
"""Days since 1900 from mid-1998 to 2050: what is left of a date when its format is lost."""
SHORTENED = r"(?i)\A[0-9](?:[.,][0-9]+)?E\+?[0-9]{1,3}\z|\A[1-9][0-9]{14}0{1,4}\z"
"""Scientific notation, or a number of more digits than the 15 that Excel keeps."""
NUMBER = r"\A[0-9]+\z"
MOST_MEANT = 0.5
"""In a column of text that holds more of these than this share, they are meant."""


def traps(texts: Any, column: Column) -> list[Failure]:
    """Return where a column of text, an Arrow array, holds what a spreadsheet made of a name."""
    if column.kind != "text" or not len(texts):
        return []
    texts = column_as_text(texts)
    dates = np.union1d(_where(texts, DAY_OF_MONTH), _few(texts, ISO_DATE))
    serials = _where(texts, SERIAL) if len(_few(texts, NUMBER)) else dates[:0]
    found = {
        "turned into a date": dates,
        "turned into a number": serials,
        "shortened": _where(texts, SHORTENED),
    }
    return [
        Failure(f"{column.name}{AS_WRITTEN}: {mistake}", _meta(mistake), positions)
        for mistake, positions in found.items()
        if len(positions)
    ]


def _meta(mistake: str) -> dict[str, str]:
    return {"mistake": mistake, "severity": "warn"}


def _few(texts: Any, pattern: str) -> Positions:
    """Return where a pattern stands, but nowhere if it is what most of the column looks like."""
    found = _where(texts, pattern)
    return found if len(found) <= MOST_MEANT * len(texts) else found[:0]


def _where(texts: Any, pattern: str) -> Positions:
    return np.flatnonzero(
        pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    ).astype(np.int64)
