"""A migrated ledger and an empty store for each test, on every kind of database and storage."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from capsule_blocks import CaseStore, Ledger
from private_postgres import PostgresServer
from private_s3 import S3Server


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database, on SQLite and on a real PostgreSQL server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url("psycopg", server.new_database())


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    """Give an empty ledger."""
    made = Ledger(url=ledger_url)
    made.migrate()
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
