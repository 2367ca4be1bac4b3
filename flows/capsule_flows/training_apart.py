"""Judged cases unlike what the model was trained on, and cases used in it, counted by themselves.

Pure. They stay in every number; how the result is without them is said beside it.
"""

from collections.abc import Callable

import pandas as pd
from pydantic import BaseModel, ConfigDict

from capsule_flows.estimates import Bools
from capsule_flows.training_findings import known_part
from capsule_flows.wording import count, within
from capsule_kit.training_profile import TrainingProfile


class ApartFromTraining(BaseModel):
    """How many judged cases stand apart, and how many of those are right."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unlike: int
    """Judged cases unlike what the model was trained on."""
    unlike_right: int | None
    """None of times and ranks, of which only pairs can be right."""
    trained_on: int
    """Judged cases that were used to train the model, as far as that can be known."""
    trained_on_right: int | None
    sentences: tuple[str, ...]
    """What is to be said of them: how many, and the result without them."""


def apart_from_training(
    known: pd.DataFrame,
    profile: TrainingProfile,
    result_of: Callable[[Bools], str],
    *,
    rated: bool,
) -> ApartFromTraining:
    """Count the judged cases that stand apart.

    Args:
        known: The judged cases: right, unlike, trained_on.
        profile: What the training wrote.
        result_of: Says in a sentence how the result is on some of them, at least one.
        rated: Whether a case by itself can be right.
    """
    right = known["right"].fillna(value=False).to_numpy(bool)
    unlike = known["unlike"].notna().to_numpy(bool)
    seen = known["trained_on"].to_numpy(bool)

    def said(those: Bools, one: str, many: str) -> str:
        n = int(those.sum())
        there = f"{count(n, 'case')} {one if n == 1 else many}"
        if rated:
            there = f"{there}; it was right on {int((those & right).sum())} of {n}"
        if those.all():
            return f"{there}. No judged case is left without them."
        return f"{there}. Without them: {within(result_of(~those))}"

    sentences = []
    if unlike.any():
        what = "unlike what the model was trained on"
        sentences.append(said(unlike, f"is {what}", f"are {what}"))
    if seen.any():
        what = "used to train the model"
        sentences.append(said(seen, f"was {what}", f"were {what}") + known_part(profile.trained))
    return ApartFromTraining(
        unlike=int(unlike.sum()),
        unlike_right=int((unlike & right).sum()) if rated else None,
        trained_on=int(seen.sum()),
        trained_on_right=int((seen & right).sum()) if rated else None,
        sentences=tuple(sentences),
    )
