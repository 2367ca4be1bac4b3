"""A release that came after its challenge cases is replayed at once, whoever deployed it and however."""

from collections.abc import Sequence
from datetime import UTC, datetime

from prefect.exceptions import ObjectNotFound
from sqlmodel import select

from capsule_blocks.replays import Replay, Replayed
from capsule_flows.home import Resources
from capsule_flows.prefect_api import prefect_api
from capsule_flows.releases import Published, published

DEPLOYMENT = "replay/replay"


def replay_new_releases(resources: Resources) -> list[str]:
    """Start the deployment `replay` for each release that is new, once; return the capsules' names.

    A project that has no such deployment replays nothing.
    """
    new = to_be_replayed(resources, published())
    names = [one.manifest.name for one in new]
    return [
        name for name, one in zip(names, new, strict=True) if start_replay(name, one.release().id)
    ]


def start_replay(capsule: str, release_id: str, *, next_version: bool = False) -> bool:
    """Start the deployment `replay` for a release, once; say whether there is such a deployment.

    No night goes on with the replay of a version that is not taken: it is started once each day until it is done.
    """
    client = prefect_api()
    try:
        deployment = client.read_deployment_by_name(DEPLOYMENT)
    except ObjectNotFound:
        return False
    asked = {"capsule": capsule, "why": "release"}
    client.create_flow_run_from_deployment(
        deployment.id,
        parameters={**asked, "next_version": True} if next_version else asked,
        idempotency_key=f"replay-of-release-{release_id}"
        + (f"-{datetime.now(UTC):%Y-%m-%d}" if next_version else ""),
    )
    return True


def to_be_replayed(resources: Resources, chosen: Sequence[Published]) -> list[Published]:
    """Return the capsules whose release of now came after the first of its challenge cases and was not replayed."""
    return [one for one in chosen if _came_after_its_cases(resources, one)]


def _came_after_its_cases(resources: Resources, one: Published) -> bool:
    ledger, release = resources.ledger, one.release()
    kept = ledger.kept(release.capsule)
    if not kept:
        return False
    seen = ledger.release(release.id)
    if seen is not None and seen.created_at < kept[0].at:
        return False
    done = select(Replayed).join(Replay).where(Replay.release_id == release.id)
    return not ledger.rows(done.limit(1))
