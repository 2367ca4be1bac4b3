"""How it stands with a version that is newer than its capsule's, in words: being built, replayed, or why not."""

from collections.abc import Mapping

from sqlmodel import col, select

from capsule_blocks import Ledger
from capsule_blocks.replays import Replay, Replayed
from capsule_flows.next_known import prepared
from capsule_flows.releases import Published
from capsule_flows.wording import count

NO_NEWS = ("broken", "fixed", "still right", "still wrong")
"""What is told in any case, or goes without saying."""


def offer(ledger: Ledger, one: Published, address: str, *, building: bool) -> str:
    """Say how it stands with a newer version, and how to take it.

    Args:
        ledger: The ledger.
        one: The capsule as it is deployed.
        address: The version.
        building: Whether it is being built now.
    """
    name, (version, of_version) = (
        one.manifest.name,
        map(_number, (address, one.manifest.registered)),
    )
    head = f"Version {version} is newer than the capsule's {of_version}"
    take = f"Take it with: capsules next {name}"
    rows = [
        row
        for row in prepared(ledger, name)
        if (row.address, row.beside_id) == (address, one.release().id)
    ]
    built = next((row.release_id for row in rows if row.release_id), None)
    if built:
        return f"{head}: {built_words(ledger, name, built)} {take}"
    if building:
        return f"{head}: it is being built."
    if rows:
        return f"{head}: it was not built. {rows[0].problem}"
    if one.image is None:
        return f"{head}: it runs as a local process here, beside which none is built. {take}"
    return f"{head}: it is built beside it, where `capsules up` runs with this registry."


def replayed_words(counts: Mapping[str, int], sealed: int) -> str:
    """Say what a replay came to: what broke and what was mended always, else what is no good news."""
    rest = [f"{n} {change}" for change, n in counts.items() if change not in NO_NEWS]
    told = [f"{counts.get('broken', 0)} broken", f"{counts.get('fixed', 0)} mended", *rest]
    beside = (
        f" {count(sealed, 'sealed case')} beside, of which the gate alone tells." if sealed else ""
    )
    return f"on {count(sum(counts.values()), 'case')}: {', '.join(told)}.{beside}"


def last_replay(ledger: Ledger, release_id: str) -> tuple[Replay, Replayed] | None:
    """Return the newest finished replay on a release; None where there is none."""
    asked = (
        select(Replay)
        .join(Replayed)
        .where(Replay.release_id == release_id)
        .order_by(col(Replay.started_at).desc())
        .limit(1)
    )
    for replay in ledger.rows(asked):
        (done,) = ledger.rows(select(Replayed).where(Replayed.replay_id == replay.id))
        return replay, done
    return None


def built_words(ledger: Ledger, capsule: str, release_id: str) -> str:
    """Say what came of the replay of a version that was made ready."""
    if found := last_replay(ledger, release_id):
        replay, done = found
        return f"it was built and replayed {replayed_words(done.counts, replay.sealed)}"
    if ledger.kept(capsule):
        return "it was built; its replay on the kept cases has not ended."
    return "it was built; no case is kept, so nothing was replayed."


def _number(address: str) -> str:
    return address.rpartition("/")[2]
