"""A place with a real ledger and a real store, in which models are functions."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from replay.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Give an empty place."""
    made = Place.new(tmp_path)
    yield made
    made.close()
