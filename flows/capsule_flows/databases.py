"""Where the ledger and the Prefect server keep their rows: SQLite in a start's folder, or what its user set.

Imports nothing of Prefect, whose settings freeze early.
"""

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from capsule_flows.errors import DatabaseUnusable

REMEMBERED = "databases.json"
ANSWERS_WITHIN_S = 10


@dataclass(frozen=True)
class Database:
    """One of the two databases of a start, and the setting that places it elsewhere."""

    what: str
    setting: str
    """The environment variable that holds its SQLAlchemy URL."""
    drivers: tuple[str, ...]
    """The drivers that its user may name, PostgreSQL's first."""

    def given(self) -> URL | None:
        """Return where its user set it to be; None for SQLite in the start's folder.

        Raises:
            DatabaseUnusable: the setting is no such URL.
        """
        written = os.environ.get(self.setting)
        if not written:
            return None
        wanted = f"it must begin with {self.drivers[0]}:// or {self.drivers[1]}://"
        try:
            url = make_url(written)
        except ArgumentError:
            raise DatabaseUnusable(self.what, self.setting, wanted) from None
        if url.drivername not in self.drivers:
            raise DatabaseUnusable(
                self.what, self.setting, f"{wanted}, not with {url.drivername}://"
            )
        return url


LEDGER = Database("the ledger", "CAPSULES_LEDGER_URL", ("postgresql+psycopg", "sqlite"))
PREFECT = Database(
    "Prefect",
    "PREFECT_SERVER_DATABASE_CONNECTION_URL",
    ("postgresql+asyncpg", "sqlite+aiosqlite"),
)


def ledger_url(home: Path) -> str:
    """Return the SQLAlchemy URL of the ledger of the start in `home`, any password in it."""
    given = LEDGER.given()
    return given.render_as_string(hide_password=False) if given else f"sqlite:///{home}/ledger.db"


def settle_databases(home: Path) -> list[str]:
    """Insist on databases that answer and were not forgotten since the last start in `home`.

    Returns:
        A sentence on each that is not in the folder, without its password.

    Raises:
        DatabaseUnusable: a database cannot be used; the sentence says which and why.
    """
    remembered, given = remembered_databases(home), {}
    for one in (LEDGER, PREFECT):
        url = one.given()
        if url is None and one.setting in remembered:
            raise DatabaseUnusable(one.what, one.setting, forgotten(home, remembered[one.setting]))
        if url is not None:
            if problem := problem_with(url):
                raise DatabaseUnusable(one.what, one.setting, problem)
            given[one] = url
    places = {(url.host, url.port or 5432, url.database) for url in given.values()}
    if len(places) < len(given):
        raise DatabaseUnusable(
            LEDGER.what, LEDGER.setting, f"it names the database of {PREFECT.setting}; make two"
        )
    shown = {one.setting: _shown(url) for one, url in given.items()}
    (home / REMEMBERED).write_text(json.dumps(shown))
    return [f"The database of {one.what}: {_shown(url)}." for one, url in given.items()]


def remembered_databases(home: Path) -> dict[str, str]:
    """Return the databases outside the folder of the last start in `home`, by setting, without passwords."""
    try:
        remembered = json.loads((home / REMEMBERED).read_text())
    except (OSError, ValueError):
        return {}
    return {str(setting): str(shown) for setting, shown in remembered.items()}


def forgotten(home: Path, shown: str) -> str:
    """Return the sentence on a database that the last start used and whose setting is gone."""
    return (
        f"the last start used {shown}, and what is there would be missed; set it again,"
        f" or delete {home / REMEMBERED} to begin with SQLite"
    )


def problem_with(url: URL) -> str | None:
    """Return why the database does not answer, without its password; None where it does."""
    try:
        if url.drivername.endswith(("+asyncpg", "+aiosqlite")):
            asyncio.run(_ask(url))
        else:
            limit = {"connect_timeout": ANSWERS_WITHIN_S} if url.host else {}
            engine = create_engine(url, connect_args=limit)
            engine.connect().close()
            engine.dispose()
    except ModuleNotFoundError as cause:
        return f"its driver {cause.name} is not installed; install prefect-capsules[postgres]"
    except DBAPIError as cause:
        return f"{_shown(url)} does not answer ({_first_line(cause.orig)})"
    except Exception as cause:  # noqa: BLE001 - drivers raise errors of many kinds as they connect
        return f"{_shown(url)} does not answer ({_first_line(cause)})"
    return None


async def _ask(url: URL) -> None:
    engine = create_async_engine(url)
    try:
        async with asyncio.timeout(ANSWERS_WITHIN_S), engine.connect():
            pass
    finally:
        await engine.dispose()


def _first_line(cause: BaseException | None) -> str:
    return next(iter(str(cause).strip().splitlines()), type(cause).__name__)


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=True)
