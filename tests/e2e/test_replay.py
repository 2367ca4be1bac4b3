"""Kept cases are run again on the current release, and a case that broke is told."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import SecretStr

from capsule_blocks import Ledger
from capsule_blocks.tables import Kept
from e2e.conftest import EXAMPLE, Started, until

CAPSULE = "tumor_malignancy"
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@pytest.fixture
def ledger(started: Started) -> Iterator[Ledger]:
    one = Ledger(url=SecretStr(f"sqlite:///{started.home / 'ledger.db'}"))
    yield one
    one.close()


def keep(ledger: Ledger, name: str) -> None:
    case_set = ledger.case_set(CAPSULE, name)
    assert case_set is not None
    ledger.add(
        Kept(case_set_id=case_set.id, critical=True, reason="must stay right", by="a tester")
    )


def run_of_replay(started: Started) -> dict[str, Any]:
    """Run the deployment `replay` and return its flow run's record once it has ended."""
    found = started.get("/deployments/name/replay/replay")
    body = {"parameters": {"capsule": CAPSULE}}
    run = started.post(f"/deployments/{found['id']}/create_flow_run", body)

    def ended() -> dict[str, Any] | None:
        record: dict[str, Any] = started.get(f"/flow_runs/{run['id']}")
        return record if record["state_type"] in ENDED else None

    return until(ended, 150, "the end of the replay")


def artifact(started: Started, run_id: str, key: str) -> Any:
    found = started.post(
        "/artifacts/filter",
        {"artifacts": {"flow_run_id": {"any_": [run_id]}, "key": {"any_": [key]}}},
    )
    assert len(found) == 1, (key, found)
    return found[0]["data"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of its own, so that other tests' trials on the example are not compared with."""
    file = tmp_path_factory.mktemp("kept") / "kept for good.csv"
    file.write_bytes(EXAMPLE.read_bytes())
    return file


def test_on_an_unchanged_release_nothing_breaks(
    started: Started, ledger: Ledger, kept: Path
) -> None:
    assert started.json("try", CAPSULE, str(kept))["kind"] == "judged"
    keep(ledger, kept.stem)
    row = next(r for r in started.json("replay", CAPSULE) if r["case_set"] == kept.stem)
    cases = len(pd.read_csv(EXAMPLE))
    assert row["kind"] == "judged"
    assert (row["changes"]["broken"], row["changes"]["fixed"]) == (0, 0)
    assert row["changes"]["still_right"] + row["changes"]["still_wrong"] == cases
    record = run_of_replay(started)
    assert record["state_type"] == "COMPLETED", record["state"]["message"]
    assert "nothing broken" in record["state"]["message"]
    assert repr(kept.stem) in artifact(started, record["id"], "replay")


def test_a_case_that_was_right_and_is_wrong_now_fails_the_replay_and_is_listed(
    started: Started, ledger: Ledger, kept: Path
) -> None:
    at_default = judged(started, ledger, kept.stem)
    # At the lowest threshold more masses are called malignant, so more cancers are found.
    started.json("try", CAPSULE, str(kept), "--set", "threshold=0.01")
    at_lowest = judged(started, ledger, kept.stem)
    found_before = right(at_lowest) - right(at_default)
    assert found_before, "the example has no cancer that only the default threshold misses"
    record = run_of_replay(started)
    assert record["state_type"] == "FAILED"
    assert f"{len(found_before)} case" in record["state"]["message"]
    assert "broken" in record["state"]["message"]
    rows = json.loads(artifact(started, record["id"], "replay-cases"))
    broken = {row["case"] for row in rows if row["change"] == "broken"}
    assert broken == found_before


def judged(started: Started, ledger: Ledger, name: str) -> pd.DataFrame:
    """Return the newest trial on a case set, case by case."""
    case_set = ledger.case_set(CAPSULE, name)
    assert case_set is not None
    newest = ledger.trials_of_case_set(case_set.id)[0]
    return pd.read_parquet(started.home / "store" / "judged" / f"{newest.flow_run_id}.parquet")


def right(cases: pd.DataFrame) -> set[str]:
    return set(cases[cases["right"].fillna(value=False)]["case"])
