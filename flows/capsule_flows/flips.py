"""What became of a person's challenge cases on the newest version, and what she says of those that flipped.

Those that broke on an earlier version and are not mended stand beside them; nothing is asked of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlmodel import col, select

from capsule_blocks.replays import FlipWord, Replay
from capsule_blocks.tables import CaseSet
from capsule_flows.home import Resources
from capsule_flows.replay_changes import FLIPS
from capsule_flows.replay_history import finished, result_of
from capsule_kit.receipt import CASE_ID

Word = Literal["agreed", "disputed"]


@dataclass(frozen=True)
class Flip:
    """One of her cases that changed on the newest version that was replayed, or is still broken there."""

    replay: Replay
    case_set: CaseSet
    row: Mapping[Any, Any]
    """The case as the replay's result has it."""
    said: FlipWord | None
    """What she said of it."""

    @property
    def waits(self) -> bool:
        """Whether it waits for her word."""
        return self.said is None and self.row["change"] in FLIPS


def flips_of(resources: Resources, by: str, owner: str | None = None) -> list[Flip]:
    """Return her cases that flipped or are still broken, those that wait for her word first."""
    hers = {one.id: one for one in resources.ledger.case_sets_of(by, owner)}
    found = []
    for capsule in sorted({one.capsule for one in hers.values()}):
        past = finished(resources, capsule)
        if not past:
            continue
        result = result_of(resources, *past[0])
        same = [one.id for one, _ in past if one.release_id == result.replay.release_id]
        words = resources.ledger.rows(
            select(FlipWord).where(FlipWord.by == by, col(FlipWord.replay_id).in_(same))
        )
        said = {one.case_id: one for one in words}
        cases = result.cases
        flipped = cases[cases["change"].isin(FLIPS) | cases["broke_on"].notna()]
        for row in flipped.to_dict("records"):
            case_set = hers.get(UUID(str(row["case_set_id"])))
            if case_set is not None:
                found.append(Flip(result.replay, case_set, row, said.get(str(row[CASE_ID]))))
    return sorted(found, key=lambda one: not one.waits)


def answer_flip(resources: Resources, flip: Flip, word: Word, *, by: str, reason: str = "") -> None:
    """Write down what she says of a case that flipped, once."""
    resources.ledger.add_once(
        FlipWord(
            replay_id=flip.replay.id,
            case_id=str(flip.row[CASE_ID]),
            word=word,
            reason=reason,
            by=by,
        )
    )
