"""`capsules up` and `capsules demo`: a start with its progress lines, and a real trial taken through it."""

import asyncio
import signal
from collections.abc import Callable
from uuid import UUID

from capsule_blocks.tables import Outcome
from capsule_flows.deploying import (
    DOCKER_POOL,
    PROCESS_POOL,
    PROJECT_FILE,
    add_examples,
    deploy,
)
from capsule_flows.following import wait_final
from capsule_flows.home import Resources, resources
from capsule_flows.planning import CannotStart, Plan
from capsule_flows.releases import published
from capsule_flows.settling import settle
from capsule_flows.submitting import submit
from capsule_flows.supervising import OneStart, Supervisor, bring_up, save_blocks
from capsule_flows.trial_words import JUDGED

LONGEST_DEMO_S = 600.0


def run_start(
    plan: Plan, lock: OneStart, tell: Callable[[str], None], *, demo: bool, once: bool
) -> int:
    """Start everything, take the example through a trial if asked, serve until told to stop.

    Returns:
        0; with `demo`, 1 where the trial was not judged.
    """
    try:
        return asyncio.run(_run_start(plan, tell, demo=demo, once=once))
    finally:
        lock.release()


async def _run_start(plan: Plan, tell: Callable[[str], None], *, demo: bool, once: bool) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    supervisor = Supervisor(plan, tell)
    work = asyncio.create_task(_work(supervisor, demo=demo))
    asked = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({work, asked}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            return 130
        code = work.result()
        if not once:
            tell("Serving until Ctrl-C.")
            died = asyncio.create_task(supervisor.wait())
            await asyncio.wait({died, asked}, return_when=asyncio.FIRST_COMPLETED)
            if died.done():
                died.result()
        return code
    finally:
        tell("Stopping everything that was started.")
        await supervisor.stop()
        (plan.folder / "up.json").unlink(missing_ok=True)
        asked.cancel()


async def _work(supervisor: Supervisor, *, demo: bool) -> int:
    plan = supervisor.plan

    def prepare() -> None:
        save_blocks(plan.folder)
        deploy(PROJECT_FILE, with_docker=plan.with_docker, tell=supervisor.tell)
        where = resources()
        add_examples(where, supervisor.tell)

    await bring_up(supervisor, prepare)
    return await asyncio.to_thread(_demonstrate, supervisor.tell) if demo else 0


def _demonstrate(tell: Callable[[str], None]) -> int:
    where = resources()
    code = 0
    pools = {DOCKER_POOL, PROCESS_POOL}
    for one in published():
        if one.work_pool not in pools:
            continue
        tell(f"A trial of {one.manifest.name} on its example cases.")
        run_id = submit(where, one, "example", {}, by="demo", door="demo")
        outcome = _settled(where, run_id, tell)
        tell(f"{outcome.kind.capitalize()}: {outcome.sentence}")
        for result in (outcome.judgement or {}).get("criteria", ()):
            tell(f"  {result['sentence']}")
        tell(f"  Its page: {where.trial_url(run_id)}")
        code |= outcome.kind != JUDGED
    return code


def _settled(where: Resources, run_id: UUID, tell: Callable[[str], None]) -> Outcome:
    wait_final(run_id, timeout_s=LONGEST_DEMO_S, on_change=tell)
    outcome = settle(where, run_id)
    if outcome is None:
        raise CannotStart(f"The run {run_id} belongs to no capsule.")
    return outcome
