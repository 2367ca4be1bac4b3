"""A ledger's database is migrated once, whoever starts beside whom, to the schema of the models."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from capsule_blocks import Ledger
from capsule_blocks.ledger_engine import lock_for_migration
from capsule_blocks.tables import Row
from rows import one_of_each


def with_option(url: str, number: int = 0) -> str:
    """Return the URL with an option of its own, so that the ledger has connections of its own."""
    option = "timeout" if url.startswith("sqlite") else "connect_timeout"
    return f"{url}?{option}={30 + number}"


def test_the_migrated_schema_is_the_models_schema(ledger: Ledger) -> None:
    """After all migrations, Alembic finds nothing to change."""
    engine = create_engine(ledger.url.get_secret_value())
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Row.metadata) == []
    engine.dispose()


def test_migrating_again_changes_nothing(ledger: Ledger) -> None:
    """A start beside a filled ledger keeps what is in it."""
    ledger.add(*one_of_each())
    ledger.migrate()
    assert len(ledger.trials()) == 1


def test_starts_at_the_same_time_migrate_once(ledger_url: str) -> None:
    """Four starts on an empty database make one ledger."""
    ledgers = [Ledger(url=with_option(ledger_url, number)) for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Ledger.migrate, ledgers))
    assert [made.trials() for made in ledgers] == [[], [], [], []]
    for made in ledgers:
        made.close()


def test_a_second_migration_waits_for_the_first_to_end(ledger: Ledger) -> None:
    """While one process holds the migration's lock, another's migration does not go on."""
    ledger.add(*one_of_each())
    other = Ledger(url=with_option(ledger.url.get_secret_value()))
    with ThreadPoolExecutor(1) as pool:
        with ledger._engine().begin() as connection:
            lock_for_migration(connection)
            waiting = pool.submit(other.migrate)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=1)
        waiting.result(timeout=20)
    assert len(other.trials()) == 1
    other.close()
