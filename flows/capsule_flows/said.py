"""What the expert said: the price of a failure, criteria of her own, her word on single cases. Pure.

It is a value that goes into the judgement; the ledger keeps it as revisions (`preferences`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from capsule_flows.benefit import implied_threshold
from capsule_kit.answers import ClassAnswer
from capsule_kit.criteria import Criterion, ErrorCost
from capsule_kit.manifest import Manifest

Word = Literal["right", "acceptable", "wrong", "cannot judge"]
GOOD: tuple[Word, ...] = ("right", "acceptable")
MOST_FALSE_ALARMS = 10_000


class Preferences(BaseModel):
    """What a person said of a capsule; the next revision replaces it whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    false_alarms: float | None = Field(default=None, gt=0, le=MOST_FALSE_ALARMS)
    """How many false alarms she would accept to catch one true case; None while she has not said."""
    prices: tuple[ErrorCost, ...] = ()
    """What each kind of error costs; these stand before the author's."""
    cases: Mapping[str, float] = Field(default_factory=dict)
    """case_id → what an error on this case costs."""
    criteria: tuple[Criterion, ...] = ()
    """Criteria of her own."""
    left_out: tuple[str, ...] = ()
    """case_ids that she left out knowingly."""


class Said(BaseModel):
    """All that a judgement heeds of what was said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preferences: Preferences = Preferences()
    """As they stand now."""
    prespecified: tuple[Criterion, ...] = ()
    """Criteria that she had given before the trial began."""
    words: Mapping[str, Word] = Field(default_factory=dict)
    """case_id → her word on its prediction."""

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """Her criteria, prespecified ones first; one that she took back later stays prespecified."""
        added = (one for one in self.preferences.criteria if one not in self.prespecified)
        return (*self.prespecified, *added)


NOTHING_SAID = Said()


def said_of(
    revisions: Sequence[tuple[datetime, Preferences]],
    began: datetime,
    words: Mapping[str, Word],
) -> Said:
    """Return what was said, for a trial that began then.

    `revisions` are one person's, oldest first, each with its time.
    """
    before = [preferences for at, preferences in revisions if at < began]
    return Said(
        preferences=revisions[-1][1] if revisions else Preferences(),
        prespecified=before[-1].criteria if before else (),
        words=words,
    )


def prices_of(manifest: Manifest, preferences: Preferences) -> tuple[ErrorCost, ...]:
    """Return what each kind of error costs: as she said, else by her one answer, else as declared."""
    answer = manifest.contract.answer
    if not isinstance(answer, ClassAnswer):
        return ()
    base = manifest.costs
    if preferences.false_alarms is not None and answer.positive is not None:
        base = _of_one_answer(answer.positive, answer.classes, preferences.false_alarms)
    hers = {(one.answer, one.prediction): one for one in preferences.prices}
    return tuple({**{(one.answer, one.prediction): one for one in base}, **hers}.values())


def false_alarms_of(
    answer: ClassAnswer, prices: Sequence[ErrorCost], preferences: Preferences
) -> float | None:
    """Return how many false alarms one true case is worth: as she said, else as the prices imply.

    None where neither says it.
    """
    if preferences.false_alarms is not None:
        return preferences.false_alarms
    missed = [one.cost for one in prices if one.answer == answer.positive]
    alarms = [one.cost for one in prices if one.prediction == answer.positive]
    if not missed or not alarms or not max(missed) or not max(alarms):
        return None
    return max(missed) / max(alarms)


def threshold_of(false_alarms: float | None) -> float | None:
    """Return the threshold that accepting so many false alarms implies."""
    return None if false_alarms is None else implied_threshold(false_alarms)


def _of_one_answer(
    positive: str, classes: Sequence[str], false_alarms: float
) -> tuple[ErrorCost, ...]:
    others = [name for name in classes if name != positive]
    return (
        *(
            ErrorCost(answer=positive, prediction=name, cost=false_alarms, meaning="a miss")
            for name in others
        ),
        *(
            ErrorCost(answer=name, prediction=positive, cost=1, meaning="a false alarm")
            for name in others
        ),
    )
