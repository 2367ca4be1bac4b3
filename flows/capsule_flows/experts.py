"""What several experts said of the same predictions: how often alike, on which cases not. Pure."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from pydantic import BaseModel, ConfigDict

from capsule_flows.agreement import FEWEST_DOUBLE_READINGS, readers
from capsule_flows.estimates import Unsaid
from capsule_flows.wording import count, plausibly

UNREAD = None


class Pair(BaseModel):
    """Two experts on the cases that both have read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: str
    second: str
    same: int
    """Cases of which both said the same word."""
    n: int
    """Cases of which both said a word."""
    kappa: float | None
    """Cohen's coefficient; None under 50 double readings, or where chance alone agrees wholly."""
    sentence: str


class Disputed(BaseModel):
    """A case of which not all said the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    case_id: str
    words: Mapping[str, str]
    """Who said what."""


class Experts(BaseModel):
    """All who said a word on the predictions of one trial."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pairs: tuple[Pair, ...]
    disputed: tuple[Disputed, ...]


def experts(words: Sequence[tuple[str, str, str]]) -> Experts | None:
    """Compare the words of two or more persons; None of fewer.

    `words` holds person, case_id and word, each person's latest word on a case once.
    """
    said: dict[str, dict[str, str]] = {}
    for person, case_id, word in words:
        said.setdefault(person, {})[case_id] = word
    if len(said) < 2:
        return None
    cases = sorted({case_id for of in said.values() for case_id in of})
    disputed = [
        Disputed(case_id=case_id, words=them)
        for case_id in cases
        if len(
            set((them := {who: of[case_id] for who, of in said.items() if case_id in of}).values())
        )
        > 1
    ]
    pairs = [_pair(one, other, said, cases) for one, other in combinations(sorted(said), 2)]
    return Experts(pairs=tuple(pairs), disputed=tuple(disputed))


def _pair(one: str, other: str, said: Mapping[str, Mapping[str, str]], cases: list[str]) -> Pair:
    found = readers(
        [said[one].get(case_id, UNREAD) for case_id in cases],
        [said[other].get(case_id, UNREAD) for case_id in cases],
    )
    if isinstance(found, Unsaid):
        sentence = f"{one} and {other} have read no case in common."
        return Pair(first=one, second=other, same=0, n=0, kappa=None, sentence=sentence)
    sentence = (
        f"{one} and {other} said the same of {found.same} of {count(found.n, 'case')}"
        f" ({plausibly(found.same, found.n, found.interval)})."
    )
    if found.kappa is not None:
        sentence += f" Cohen's coefficient is {found.kappa:.2f}."
    elif found.n < FEWEST_DOUBLE_READINGS:
        sentence += f" A coefficient takes {FEWEST_DOUBLE_READINGS} cases read by both."
    return Pair(
        first=one, second=other, same=found.same, n=found.n, kappa=found.kappa, sentence=sentence
    )
