"""How the ledger's database is reached: many writers wait for each other, one process migrates at a time."""

import sqlite3
import time
from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry

from capsule_blocks.storable import storable_json

MIGRATION_LOCK = 4_273_001
WAIT_FOR_LOCK_MS = 30_000


@cache
def engine_of(url: str, process: int) -> Engine:
    """Return the engine of a process for a database; a connection may not cross a fork."""
    del process
    # A connection that the database server has cut is noticed and replaced before it is used.
    engine = create_engine(make_url(url), pool_pre_ping=True, json_serializer=storable_json)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


SQLITE_PRAGMAS: Sequence[str] = (
    f"busy_timeout = {WAIT_FOR_LOCK_MS}",
    "foreign_keys = ON",
    # Without it INSERT OR REPLACE would delete the old row past its trigger.
    "recursive_triggers = ON",
)


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    _write_ahead(cursor)
    cursor.close()


def _write_ahead(cursor: DBAPICursor) -> None:
    """Switch a database to WAL; while others open a new one, SQLite refuses that without waiting."""
    until = time.monotonic() + WAIT_FOR_LOCK_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def lock_for_migration(connection: Connection) -> None:
    """Let one process migrate at a time; the others wait and then find nothing to do."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
