"""What the expert said: the price of a failure, criteria of her own, her word on single cases. Pure.

It is a value that goes into the judgement; the ledger keeps it as revisions (`preferences`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, Field

from capsule_flows.benefit import implied_threshold
from capsule_flows.judgement import Origin
from capsule_kit.answers import ClassAnswer
from capsule_kit.criteria import Criterion, ErrorCost
from capsule_kit.manifest import Manifest

Word = Literal["right", "acceptable", "wrong", "cannot judge"]
GOOD: tuple[Word, ...] = ("right", "acceptable")
Harm = Literal["no harm", "minor", "serious", "critical"]
"""How bad an error on a case would be, in the words of the case desk."""
HARMS: tuple[Harm, ...] = get_args(Harm)
MOST_FALSE_ALARMS = 10_000


class Change(BaseModel):
    """A criterion of the author's as she would rather have it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    declared: Criterion
    wanted: Criterion


class Preferences(BaseModel):
    """What a person said of a capsule; the next revision replaces it whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    false_alarms: float | None = Field(default=None, gt=0, le=MOST_FALSE_ALARMS)
    """How many false alarms she would accept to catch one true case; None while she has not said."""
    prices: tuple[ErrorCost, ...] = ()
    """What each kind of error costs; these stand before the author's."""
    cases: Mapping[str, float] = Field(default_factory=dict)
    """case_id → what an error on this case costs; this stands before her word for its harm."""
    harms: Mapping[Harm, float] = Field(default_factory=dict)
    """What an error costs that she calls so on the case desk; a word without a price sets none."""
    criteria: tuple[Criterion, ...] = ()
    """Criteria of her own."""
    changes: tuple[Change, ...] = ()
    """What she asks instead of criteria that the author declared, one for each at most."""
    left_out: tuple[str, ...] = ()
    """case_ids that she left out knowingly."""


class Said(BaseModel):
    """All that a judgement heeds of what was said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preferences: Preferences = Preferences()
    """As they stand now."""
    prespecified: tuple[Criterion, ...] = ()
    """Criteria that she had given before the trial began."""
    changed_before: tuple[Change, ...] = ()
    """Criteria that she had changed before the trial began."""
    words: Mapping[str, Word] = Field(default_factory=dict)
    """case_id → her word on its prediction."""
    harms: Mapping[str, Harm] = Field(default_factory=dict)
    """case_id → how bad she says that an error on it would be."""

    @property
    def case_prices(self) -> Mapping[str, float]:
        """case_id → what an error on it costs: as she set it, else by her word for its harm."""
        of_words = self.preferences.harms
        by_word = {one: of_words[harm] for one, harm in self.harms.items() if harm in of_words}
        return {**by_word, **self.preferences.cases}


class Asked(NamedTuple):
    """A criterion that is asked of the model, and where it comes from."""

    criterion: Criterion
    origin: Origin
    instead_of: Criterion | None = None
    """The declared one that she changed into it."""


NOTHING_SAID = Said()


def said_of(
    revisions: Sequence[tuple[datetime, Preferences]],
    began: datetime,
    words: Mapping[str, Word],
    harms: Mapping[str, Harm] | None = None,
) -> Said:
    """Return what was said, for a trial that began then.

    `revisions` are one person's, oldest first, each with its time.
    """
    before = [preferences for at, preferences in revisions if at < began]
    return Said(
        preferences=revisions[-1][1] if revisions else Preferences(),
        prespecified=before[-1].criteria if before else (),
        changed_before=before[-1].changes if before else (),
        words=words,
        harms=harms or {},
    )


def asked_of(declared: Sequence[Criterion], said: Said) -> tuple[Asked, ...]:
    """Return all that is asked: the author's criteria, hers, and those of his that she changed.

    A declared criterion stays, with its own outcome, beside what she asks instead of it. One that she
    had given or changed before the trial began stays prespecified, though she took it back later.
    """
    now = said.preferences
    hers: list[Asked] = [Asked(one, "prespecified") for one in said.prespecified]
    hers += [Asked(one.wanted, "prespecified", one.declared) for one in said.changed_before]
    hers += [Asked(one.wanted, "changed", one.declared) for one in now.changes]
    hers += [Asked(one, "added") for one in now.criteria]
    found = {one: Asked(one, "prespecified") for one in declared}
    for one in hers:
        # A later release may no longer declare what she changed: then it is a criterion of her own.
        known = one if one.instead_of in declared else one._replace(instead_of=None)
        if known.instead_of is None and known.origin == "changed":
            known = known._replace(origin="added")
        found.setdefault(one.criterion, known)
    return tuple(found.values())


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
