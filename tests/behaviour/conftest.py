"""A ledger and a store of a test's own, with three cases kept in them; no Prefect server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from behaviour.examples import cases, kept, manifest
from capsule_blocks import CaseStore, Ledger
from capsule_blocks.tables import CaseSet
from capsule_flows.home import Resources


@pytest.fixture
def where(tmp_path: Path) -> Iterator[Resources]:
    """An empty ledger and an empty store."""
    ledger = Ledger(url=SecretStr(f"sqlite:///{tmp_path / 'ledger.db'}"))
    ledger.migrate()
    yield Resources(CaseStore(root=tmp_path / "store"), ledger, "", "")
    ledger.close()


@pytest.fixture
def monday(where: Resources) -> CaseSet:
    """Three cases with answers, kept."""
    inputs = cases([10, 20, 30])
    answers = inputs[["case_id"]].assign(answer=[1.0, 2.0, 3.0])
    return kept(where, "Monday", inputs, answers, manifest().contract)
