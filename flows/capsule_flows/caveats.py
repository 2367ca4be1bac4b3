"""What must be known beside a judgement, found in what was recorded rather than asked for. Pure.

A convenience sample is always said; the rest where it is so.
"""

from collections.abc import Sequence
from typing import NamedTuple

from capsule_flows.wording import count


class Recorded(NamedTuple):
    """What the ledger knows of the cases and the answers of a trial."""

    chosen_by: str
    """Who brought the cases."""
    revisions_seen: int
    """Revisions of the answers, up to those used, made after predictions on these cases were seen."""
    later_revisions: int
    """Revisions of the answers made after the trial."""
    seen_before: int
    """Trials on these cases before this release was first seen: the author could have looked at them."""
    words_changed: int
    """Words on predictions that were changed after they had first been given."""


def caveats(recorded: Recorded, *, profiled: bool) -> tuple[str, ...]:
    """Return a sentence for each thing that limits what the judgement says, the commonest first.

    `profiled` is whether the model's training left a profile at all; what stands out beside it is
    told by `training_apart`.
    """
    said = [
        (
            f"The cases were chosen by {recorded.chosen_by or 'somebody unnamed'} and are no random sample:"
            " what is said here holds for cases chosen like these."
        )
    ]
    said += _of_the_answers(recorded)
    if recorded.seen_before:
        said.append(
            f"{count(recorded.seen_before, 'trial')} on these cases came before this release, so its"
            " author could have seen them."
        )
    if not profiled:
        said.append(
            "It is not recorded what the model was trained on, so cases that were used for it cannot be told."
        )
    return tuple(said)


def _of_the_answers(recorded: Recorded) -> Sequence[str]:
    said = []
    if recorded.revisions_seen:
        said.append(
            f"The answers were revised {_times(recorded.revisions_seen)} after predictions on these cases"
            " had been seen, and the revised ones are used here."
        )
    if recorded.later_revisions:
        said.append(
            f"The answers were revised {_times(recorded.later_revisions)} after this trial; it is judged by"
            " those that were locked before it."
        )
    if recorded.words_changed:
        said.append(
            f"{count(recorded.words_changed, 'word')} on a prediction was changed later."
            if recorded.words_changed == 1
            else f"{recorded.words_changed} words on predictions were changed later."
        )
    return said


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n} times")
