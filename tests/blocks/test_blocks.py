"""The blocks are as Prefect asks of blocks, and a Prefect server takes them and gives them back."""

from pathlib import Path

import pytest
from prefect.blocks.core import Block
from prefect.client.orchestration import get_client
from prefect.testing.standard_test_suites.blocks import BlockStandardTestSuite

from capsule_blocks import CaseStore, Ledger, ModelRegistry


@pytest.mark.parametrize("block", [Ledger, CaseStore, ModelRegistry], indirect=True)
class TestBlocks(BlockStandardTestSuite):
    """Prefect's own claims about a block."""

    @pytest.fixture
    def block(self, request: pytest.FixtureRequest) -> type[Block]:
        """Give one of them."""
        given: type[Block] = request.param
        return given


@pytest.mark.usefixtures("prefect")
def test_saved_blocks_come_back_and_are_listed(tmp_path: Path) -> None:
    """Saved, saved again by a later start, and loaded by name; their types are listed."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    for _ in range(2):
        Ledger(url=url).save("main", overwrite=True)
        CaseStore(root=tmp_path).save("main", overwrite=True)
        ModelRegistry(url="http://127.0.0.1:5000").save("main", overwrite=True)
    ledger, store = Ledger.load("main"), CaseStore.load("main")
    registry = ModelRegistry.load("main")
    assert isinstance(ledger, Ledger)
    assert isinstance(store, CaseStore)
    assert ledger.url.get_secret_value() == url
    assert isinstance(registry, ModelRegistry)
    assert store.root == tmp_path
    assert registry.url == "http://127.0.0.1:5000"
    with get_client(sync_client=True) as client:
        answer = client.request("POST", "/block_types/filter", json={})
    listed = {kind["slug"]: kind["name"] for kind in answer.json()}
    assert listed["capsule-ledger"] == "Capsule Ledger"
    assert listed["capsule-case-store"] == "Capsule Case Store"
    assert listed["capsule-model-registry"] == "Capsule Model Registry"
