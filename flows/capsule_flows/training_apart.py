"""Judged cases unlike what the model was trained on, and cases used in it, counted by themselves.

Pure. They stay in every rate; how the rate is without them is said beside it.
"""

import pandas as pd
from pydantic import BaseModel, ConfigDict

from capsule_flows.intervals import described
from capsule_flows.training_findings import known_part
from capsule_flows.wording import count, percent
from capsule_kit.training_profile import TrainingProfile


class ApartFromTraining(BaseModel):
    """How many judged cases stand apart, and how many of those are right."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unlike: int
    """Judged cases unlike what the model was trained on."""
    unlike_right: int
    trained_on: int
    """Judged cases that were used to train the model, as far as that can be known."""
    trained_on_right: int
    sentences: tuple[str, ...]
    """What is to be said of them: how many, and the rate without them."""


def apart_from_training(
    known: pd.DataFrame, profile: TrainingProfile | None
) -> ApartFromTraining | None:
    """Count the judged cases that stand apart; None where no profile of the training is known.

    Args:
        known: The judged cases: right, unlike, trained_on.
        profile: What the training wrote.
    """
    if profile is None:
        return None
    right = known["right"].fillna(value=False).to_numpy(bool)
    unlike = known["unlike"].notna().to_numpy(bool)
    seen = known["trained_on"].to_numpy(bool)
    counts = [int(flags.sum()) for flags in (unlike, unlike & right, seen, seen & right)]
    said = []
    total = (int(right.sum()), len(known))
    if counts[0]:
        those = "is" if counts[0] == 1 else "are"
        what = f"{count(counts[0], 'case')} {those} unlike what the model was trained on"
        said.append(_sentence(what, counts[0], counts[1], total))
    if counts[2]:
        was = "was" if counts[2] == 1 else "were"
        what = f"{count(counts[2], 'case')} {was} used to train the model"
        said.append(_sentence(what, counts[2], counts[3], total) + known_part(profile.trained))
    return ApartFromTraining(
        unlike=counts[0],
        unlike_right=counts[1],
        trained_on=counts[2],
        trained_on_right=counts[3],
        sentences=tuple(said),
    )


def _sentence(what: str, n: int, k: int, total: tuple[int, int]) -> str:
    right, judged = total[0] - k, total[1] - n
    there = f"{what}; it was right on {k} of {n}."
    if not judged:
        return f"{there} No judged case is left without them."
    low, high = described(right, judged)
    between = f"plausibly {percent(low)} to {percent(high)}"
    return f"{there} Without them: {right} of {judged} ({percent(right / judged)}, {between})."
