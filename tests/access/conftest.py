"""A ledger of the tests' own, with nobody in it yet."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from capsule_blocks import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Give an empty ledger on SQLite."""
    made = Ledger(url=SecretStr(f"sqlite:///{tmp_path / 'ledger.db'}"))
    made.migrate()
    yield made
    made.close()
