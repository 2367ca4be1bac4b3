"""The Prefect server is the command `prefect` as it is, but that its loop collects no garbage and its writers wait."""

import subprocess
import sys
from pathlib import Path

ASKED = """
import gc, runpy, sys, threading

def see(name, **_):
    print(name, sys.argv, gc.isenabled(), [one.name for one in threading.enumerate()])

runpy.run_module = see
from capsule_flows import prefect_server
prefect_server.main()
"""

TWO_WRITERS = """
import asyncio, sys
from pathlib import Path
import sqlalchemy as sa
from capsule_flows import prefect_server

if sys.argv[2] == "ours":
    prefect_server._lock_before_reading()
from prefect.server.database.configurations import AioSqliteConfiguration

async def main():
    config = AioSqliteConfiguration(f"sqlite+aiosqlite:///{sys.argv[1]}")
    engine = await config.engine()

    async def write(between):
        async with await config.session(engine) as session:
            async with config.begin_transaction(session):
                await session.execute(sa.text("SELECT * FROM counted"))
                await between()
                await session.execute(sa.text("UPDATE counted SET n = n + 1"))

    async def other_writes():
        others.append(asyncio.create_task(write(nothing)))
        await asyncio.wait(others, timeout=1.0)

    async def nothing():
        pass

    others = []
    async with engine.begin() as connection:
        await connection.execute(sa.text("CREATE TABLE counted (n INTEGER)"))
        await connection.execute(sa.text("INSERT INTO counted VALUES (0)"))
    try:
        await write(other_writes)
    except sa.exc.OperationalError as refused:
        print(refused.orig)
    await asyncio.gather(*others)
    async with engine.connect() as connection:
        print((await connection.execute(sa.text("SELECT n FROM counted"))).scalar())

asyncio.run(main())
"""


def said(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout


def test_it_is_the_command_prefect() -> None:
    assert said("-m", "capsule_flows.prefect_server", "--version") == said(
        "-m", "prefect", "--version"
    )


def test_garbage_is_collected_in_a_thread_and_not_on_the_loop() -> None:
    told = said("-c", ASKED, "server", "start")
    assert told == "prefect ['prefect', 'server', 'start'] False ['MainThread', 'garbage']\n"


def test_one_that_reads_and_then_writes_is_not_turned_away_by_another_writer(
    tmp_path: Path,
) -> None:
    """Prefect's own is, which is why this is done: the day it is not, ours can go."""
    assert said("-c", TWO_WRITERS, str(tmp_path / "own.db"), "own") == "database is locked\n1\n"
    assert said("-c", TWO_WRITERS, str(tmp_path / "ours.db"), "ours") == "2\n"
