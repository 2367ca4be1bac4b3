"""A migrated ledger and an empty store for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from capsule_blocks import CaseStore, Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Give an empty ledger on SQLite."""
    made = Ledger(url=f"sqlite:///{tmp_path / 'ledger.db'}")
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def store(tmp_path: Path) -> CaseStore:
    """Give an empty case store."""
    return CaseStore(root=tmp_path / "store")
