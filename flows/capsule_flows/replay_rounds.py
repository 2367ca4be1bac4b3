"""A round of replays: several capsules, some at a time, each gone on with or done once for the round."""

import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from capsule_flows.errors import FlowsError
from capsule_flows.home import Resources
from capsule_flows.releases import Published
from capsule_flows.replay_changes import in_words
from capsule_flows.replay_history import ReplayResult
from capsule_flows.replay_runs import PrefectRuns
from capsule_flows.replaying import Replaying, Why, begin, replay_capsule, unfinished
from capsule_kit.errors import CapsuleError

AT_ONCE = "CAPSULES_REPLAY_AT_ONCE"
USUAL_AT_ONCE = 2
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class NotReplayed:
    """A capsule that could not be replayed."""

    capsule: str
    why: str


def replay_all(
    resources: Resources,
    chosen: Sequence[Published],
    *,
    why: Why,
    moment: datetime,
    tell: Callable[[str], None],
) -> list[ReplayResult | NotReplayed]:
    """Replay these capsules on their releases of now, some at a time; those without challenge cases are left out.

    `moment` is when the round was due: a night has one round, whoever starts it, however often.
    """
    name = round_name(resources, chosen, why, moment)
    ground = [Replaying(resources, one, PrefectRuns(resources, one)) for one in chosen]

    def replayed(at: Replaying) -> ReplayResult | NotReplayed | None:
        try:
            result = replay_capsule(at, round_name=name, why=why)
        except (FlowsError, CapsuleError, LookupError, OSError) as cause:
            LOG.warning("%s was not replayed", at.published.manifest.name, exc_info=cause)
            return NotReplayed(at.published.manifest.name, str(cause))
        if result is not None:
            tell(sentence(result))
        return result

    # All are begun before one is gone on with, so that whoever is killed leaves all that is due.
    for at in ground:
        begin_quietly(at, name, why)
    with ThreadPoolExecutor(at_once()) as pool:
        return [one for one in pool.map(replayed, ground) if one is not None]


def begin_quietly(at: Replaying, name: str, why: Why) -> None:
    """Begin a capsule's replay; what stands in the way is told when it is gone on with."""
    try:
        begin(at, round_name=name, why=why)
    except (FlowsError, CapsuleError, LookupError, OSError) as cause:
        LOG.warning("%s could not be begun: %s", at.published.manifest.name, cause)


def round_name(
    resources: Resources, chosen: Sequence[Published], why: Why, moment: datetime
) -> str:
    """Return what the round is called; a command goes on with the round that another one left."""
    if why == "release":
        return "release"
    if why == "night":
        return f"night {moment:%Y-%m-%d}"
    left = [one for each in chosen for one in unfinished(resources, each.manifest.name)]
    names = [one.round for one in left if one.why == "command"]
    return names[-1] if names else f"command {moment.isoformat()}"


def at_once() -> int:
    """Return how many capsules are replayed at a time."""
    said = os.environ.get(AT_ONCE, "")
    return int(said) if said.isdecimal() and int(said) > 0 else USUAL_AT_ONCE


def sentence(result: ReplayResult) -> str:
    """Say what came of a capsule's replay; of the sealed shelf only that there is one."""
    words = in_words(result.replayed.counts, result.replay.sealed)
    return f"{result.replay.capsule} on release {result.replay.release_id[:8]}: {words}"
