"""Two versions on the same cases: what became right, what broke. Pure, as the judgement is."""

from typing import Literal, get_args

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from capsule_flows import judgement_words

Change = Literal["broken", "fixed", "still wrong", "not comparable", "still right"]
CHANGES: tuple[Change, ...] = get_args(Change)
"""In the order in which a person wants to see them."""


class Comparison(BaseModel):
    """How many cases went which way."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    still_right: int
    """Right before and after."""
    fixed: int
    """Wrong before, right after."""
    broken: int
    """Right before, wrong after."""
    still_wrong: int
    """Wrong before and after."""
    not_comparable: int
    """Missing on a side, or without an answer there."""
    headline: str
    """The counts as a sentence."""


def compare(before: pd.DataFrame, after: pd.DataFrame) -> tuple[Comparison, pd.DataFrame]:
    """Compare two case-by-case tables that `judge` returned.

    The table that comes back has one row a case, breaks first: case_id, row, case, answer, before
    and after (the two predictions), change.
    """
    ids = pd.Index(pd.concat([after["case_id"], before["case_id"]]).drop_duplicates())
    old, new = (
        side.drop_duplicates("case_id").set_index("case_id").reindex(ids)
        for side in (before, after)
    )
    was, now = old["right"].astype("boolean"), new["right"].astype("boolean")
    right_before, right_after = was.fillna(value=False), now.fillna(value=False)
    change = np.select(
        [
            (was.isna() | now.isna()).to_numpy(bool),
            (right_before & right_after).to_numpy(bool),
            right_before.to_numpy(bool),
            right_after.to_numpy(bool),
        ],
        ["not comparable", "still right", "broken", "fixed"],
        "still wrong",
    )
    table = pd.DataFrame(
        {
            "case_id": ids,
            "row": new["row"].fillna(old["row"]).to_numpy(),
            "case": new["case"].fillna(old["case"]).to_numpy(),
            "answer": new["answer"].fillna(old["answer"]).to_numpy(),
            "before": old["prediction"].to_numpy(),
            "after": new["prediction"].to_numpy(),
            "change": pd.Categorical(change, categories=CHANGES, ordered=True),
        }
    ).sort_values("change", kind="stable", ignore_index=True)
    table["change"] = table["change"].astype("string")
    return _counted(table["change"]), table


def _counted(change: pd.Series) -> Comparison:
    counts = {key.replace(" ", "_"): int((change == key).sum()) for key in CHANGES}
    return Comparison(**counts, headline=judgement_words.changes(**counts))
