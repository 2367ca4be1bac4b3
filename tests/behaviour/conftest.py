"""A ledger and a store of a test's own, with three cases kept in them; no Prefect server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from behaviour.examples import cases, manifest
from capsule_blocks import CaseStore, Ledger
from capsule_blocks.tables import AnswersRevision, CaseSet, Check
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
    sealed = where.store.seal(inputs, answers, manifest().contract.hash)
    check = Check(capsule="example", contract_hash=manifest().contract.hash, accepted=True)
    kept = CaseSet(
        capsule="example",
        name="Monday",
        inputs_hash=sealed.inputs_hash,
        contract_hash=manifest().contract.hash,
        cases=3,
        check_id=check.id,
        by="Ada",
        owner="ada",
    )
    locked = AnswersRevision(
        case_set_id=kept.id, answers_hash=sealed.answers_hash, reason="brought", by="Ada"
    )
    where.ledger.add(check, kept, locked)
    return kept
