"""A migrated ledger and an empty store for each test, on every kind of database and storage."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from capsule_blocks import CaseStore, Ledger
from private_postgres import PostgresServer
from private_s3 import S3Server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Name the kind of database."""
    return str(request.param)


@pytest.fixture
def ledger_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database, on SQLite and on a real PostgreSQL server."""
    if database == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url("psycopg", server.new_database())


@pytest.fixture(scope="session")
def migrated_there(postgres: PostgresServer) -> str:
    """Name an empty ledger on PostgreSQL, migrated once, to be copied."""
    name = postgres.new_database()
    made = Ledger(url=postgres.url("psycopg", name))
    made.migrate()
    made.close()
    return name


@pytest.fixture
def ledger(
    database: str, request: pytest.FixtureRequest, migrated: Path, tmp_path: Path
) -> Iterator[Ledger]:
    """Give an empty ledger on both kinds of database."""
    if database == "sqlite":
        url = f"sqlite:///{shutil.copy(migrated, tmp_path / 'ledger.db')}"
    else:
        like = request.getfixturevalue("migrated_there")
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.url("psycopg", server.new_database(like))
    made = Ledger(url=url)
    yield made
    made.close()


@pytest.fixture(params=["folder", "s3"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CaseStore:
    """Give an empty case store, in a folder and on a real S3 server."""
    if request.param == "folder":
        return CaseStore(root=tmp_path / "store")
    server: S3Server = request.getfixturevalue("s3")
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return CaseStore(root=f"s3://{server.new_bucket()}/capsules", scratch=tmp_path / "scratch")


@pytest.fixture
def kept(store: CaseStore) -> Callable[[], dict[str, bytes]]:
    """Give a way to see all that the store keeps, by its key, whoever may read it."""

    def look() -> dict[str, bytes]:
        if isinstance(store.root, Path):
            found = [path for path in store.root.rglob("*") if path.is_file()]
            return {str(path.relative_to(store.root)): path.read_bytes() for path in found}
        return {key: store._shelf.read(key) for key in store._shelf.keys("")}

    return look
