"""The gate's values: the evidence on one release, the reasons found in it, and the decision. Pure."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from capsule_flows.judgement import CriterionResult
from capsule_kit.contract import digest
from capsule_kit.criteria import Tier
from capsule_kit.policy import Cases

Answer = Literal["GO", "NO-GO", "INCONCLUSIVE"]
Found = Literal["met", "not met", "disputed", "too few to tell", "missing", "not asked"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Measured(_Value):
    """What the cases of one kind say of one criterion."""

    cases: Cases
    result: CriterionResult


class Shelf(_Value):
    """One shelf of challenge cases, as the newest replay of the release found it."""

    cases: int
    """How many stand on it now."""
    critical: int
    """How many of them are critical."""
    replayed: bool
    """Whether any replay of this release has ended."""
    critical_wrong: tuple[str, ...]
    """Critical cases that are wrong now, by the names their owners know them by."""
    critical_untold: tuple[str, ...]
    """Critical cases of which it is not known: not comparable, lost, unsteady or not replayed."""
    untold: int
    """Cases without a result: not comparable, lost to the infrastructure or not replayed."""
    unsteady: int
    """Cases whose prediction changes from run to run of this release."""


class Signed(_Value):
    """A person's verdict as it stands: her newest on a release."""

    by: str
    word: str
    limits: str | None
    release_id: str
    at: datetime


class BesideChampion(_Value):
    """This release and the champion on the same cases, with the same answers."""

    release_id: str
    still_right: int
    broken: int
    fixed: int
    still_wrong: int


class Covered(_Value):
    """What the cases brought span."""

    cases: int
    """Cases that count."""
    persons: tuple[str, ...]
    groups: tuple[tuple[str, str, int], ...]
    """Column, value, cases: of each column declared as a group."""
    failed_trials: int
    """Trials of this release in which the model failed as a whole."""
    trained_on: int
    """Cases left out because the model was trained on them."""
    example: int
    """Cases left out because they are the author's own example."""


class GateEvidence(_Value):
    """All that a decision is made of, but for the policy."""

    capsule: str
    release_id: str
    at: datetime
    """When it was gathered: verdicts lapse by it."""
    positive: str | None
    """The class that sensitivity is about."""
    unit: str
    """The answer's unit; empty where it has none."""
    measured: tuple[Measured, ...]
    open: Shelf
    sealed: Shelf
    verdicts: tuple[Signed, ...]
    """Of every person who signed any release of the capsule: her newest on this one, else her newest."""
    champion: BesideChampion | None
    """None where there is no champion, or it is this release."""
    covered: Covered

    @property
    def hash(self) -> str:
        """Its content hash; a decision names it."""
        return digest(self.model_dump(mode="json"))


class Reason(_Value):
    """One thing that the policy asks, and what the evidence says of it."""

    asks: str
    """What is asked, in a few words."""
    tier: Tier
    found: Found
    sentence: str
    """What was found, in words."""
    settle: str
    """What would settle it; empty where it is met or not asked."""


class Decision(_Value):
    """The gate's answer on one release."""

    answer: Answer
    headline: str
    reasons: tuple[Reason, ...]
    """What stands in the way first."""
