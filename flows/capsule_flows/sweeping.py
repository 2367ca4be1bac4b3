"""The sweep: settles every ended trial that nobody settled, has new releases replayed, and newer models made ready.

It is woken by Prefect's events, and looks now and then where one was missed.

Run as `python -m capsule_flows.sweeping`; `capsules up` keeps one going.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import TERMINAL_STATES
from prefect.client.schemas.sorting import FlowRunSort
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter

from capsule_blocks.tables import Outcome
from capsule_flows.home import Resources, resources
from capsule_flows.new_releases import replay_new_releases
from capsule_flows.next_preparing import prepare_newer
from capsule_flows.prefect_api import prefect_api
from capsule_flows.settling import settle
from capsule_flows.submitting import CAPSULE_TAG

PAGE = 100
YOUNG = timedelta(minutes=1)
"""An outcome this young may still lack its artifacts."""
LOOK_EVERY_S = 10.0
RETRY_AFTER_S = 2.0
LOOK_FOR_RELEASES_EVERY_S = 30.0
LOOK_FOR_VERSIONS_EVERY_S = 30.0
ENDED = [f"prefect.flow-run.{name}" for name in ("Completed", "Failed", "Crashed", "Cancelled")]
DEPLOYED = ["prefect.deployment.created", "prefect.deployment.updated"]

log = logging.getLogger(__name__)


def sweep(where: Resources, *, thorough: bool) -> int:
    """Settle what ended and is not settled; return how many were.

    Args:
        where: The store and the ledger.
        thorough: Look at every run there ever was, not only until a page holds nothing new.
    """
    settled = 0
    for page in _ended_pages():
        there = where.ledger.outcomes(page)
        missing = [run for run in page if run not in there]
        # A page that showed an outcome may have gone before it published it.
        young = [run for run in there if _is_young(there[run])]
        for run in (*missing, *young):
            try:
                settled += settle(where, run) is not None and run not in there
            except Exception:
                # One trial that cannot be settled must not keep the others from it; the next look tries again.
                log.exception("The trial %s could not be settled.", run)
        if not missing and not thorough:
            break
    return settled


def _is_young(outcome: Outcome) -> bool:
    return datetime.now(UTC) - outcome.settled_at < YOUNG


def _ended_pages() -> Iterator[list[UUID]]:
    wanted = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[CAPSULE_TAG]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=sorted(TERMINAL_STATES))),
    )
    client = prefect_api()
    offset = 0
    while runs := client.read_flow_runs(
        flow_run_filter=wanted, sort=FlowRunSort.END_TIME_DESC, limit=PAGE, offset=offset
    ):
        yield [run.id for run in runs]
        offset += len(runs)


async def keep_sweeping() -> None:
    """Sweep at every event that ends a run, look for what is new at every deployment, and both by the clock."""
    where = await asyncio.to_thread(resources)
    await asyncio.to_thread(sweep, where, thorough=True)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_keep_doing(partial(sweep, where, thorough=False), ENDED, LOOK_EVERY_S))
        new = partial(replay_new_releases, where)
        tasks.create_task(_keep_doing(new, DEPLOYED, LOOK_FOR_RELEASES_EVERY_S))
        # A build takes a minute, and keeps no trial from being settled: it has a thread of its own.
        newer = partial(prepare_newer, where)
        tasks.create_task(_keep_doing(newer, DEPLOYED, LOOK_FOR_VERSIONS_EVERY_S))


async def _keep_doing(work: Callable[[], object], names: list[str], every_s: float) -> None:
    """Do the work at every event of these names, and every few seconds where one was missed."""
    woken = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_listen(woken, names))
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), every_s)
            woken.clear()
            try:
                await asyncio.to_thread(work)
            except Exception:
                log.exception("A look failed; the next one comes in %s s.", every_s)


async def _listen(woken: asyncio.Event, names: list[str]) -> None:
    wanted = EventFilter(event=EventNameFilter(name=names))
    while True:
        try:
            async with get_events_subscriber(filter=wanted) as events:
                async for _ in events:
                    woken.set()
        except Exception as lost:  # noqa: BLE001  whatever cut the line, the clock goes on
            log.warning("No events from the Prefect server (%r); looking by the clock.", lost)
            await asyncio.sleep(RETRY_AFTER_S)


if __name__ == "__main__":
    from capsule_flows.home import set_environment

    set_environment()
    asyncio.run(keep_sweeping())
