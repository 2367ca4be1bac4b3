"""Kept cases are run again on the current release, a new release starts its replay, and a case that broke is told."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
import pytest
import yaml
from pydantic import SecretStr
from sqlmodel import col, select

from capsule_blocks import CaseStore, Ledger
from capsule_blocks.replays import Replay, Replayed
from capsule_blocks.tables import Release
from e2e.conftest import EXAMPLE, PROJECT, Started, until

CAPSULE = "tumor_malignancy"
OTHER = {"benign": "malignant", "malignant": "benign"}
REPLAYS = select(Replay).join(Release).where(Release.capsule == CAPSULE)
DONE = select(Replayed).join(Replay).join(Release).where(Release.capsule == CAPSULE)
"""Other tests replay capsules of theirs on the same start."""
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@pytest.fixture
def ledger(started: Started) -> Iterator[Ledger]:
    one = Ledger(url=SecretStr(f"sqlite:///{started.home / 'ledger.db'}"))
    yield one
    one.close()


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


def artifacts(started: Started, run_id: str) -> set[str]:
    """Return the keys of a run's artifacts that tell its outcome."""
    keys = ["headline", "disagreements-first", "result-page"]
    asked = {"artifacts": {"flow_run_id": {"any_": [run_id]}, "key": {"any_": keys}}}
    return {one["key"] for one in started.post("/artifacts/filter", asked)}


@pytest.fixture(scope="module")
def kept(started: Started, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Three cases of the example under names of their own, kept, the last of them sealed; return the names."""
    file = tmp_path_factory.mktemp("kept") / "kept for good.csv"
    cases = ["kept-1", "kept-2", "kept-3"]
    pd.read_csv(EXAMPLE).head(3).assign(specimen=cases).to_csv(file, index=False)
    tried = started.json("try", CAPSULE, str(file))["trial"]
    assert "disagreements-first" in artifacts(started, tried)
    name, said = file.stem, ("--critical", "--reason", "must stay right")
    started.capsules("keep", CAPSULE, name, *said)
    started.capsules("keep", CAPSULE, name, *said, "--sealed", "--case", cases[2])
    assert "disagreements-first" not in artifacts(started, tried), "taken down when it was sealed"
    return cases


def test_kept_cases_are_run_in_one_container_and_told_by_shelf(
    started: Started, ledger: Ledger, kept: list[str]
) -> None:
    (row,) = started.json("replay", CAPSULE, code=None)
    assert (row["sealed"], row["unsettled"], row["critical_broken"]) == (1, 0, 0)
    hers = {one["case"]: one["why"] for one in row["cases"] if one["case"].startswith("kept-")}
    assert hers == dict.fromkeys(kept[:2], ""), "her trial is what it is held against"
    trial = next(one for one in ledger.trials(CAPSULE) if one.door == "replay")
    assert trial.case_set_name.startswith("challenge-cases-")
    with pytest.raises(AssertionError, match="64"):
        started.capsules("show", str(trial.flow_run_id))
    headlines = artifact(started, str(trial.flow_run_id), "headline")
    assert (
        headlines
        == "It holds cases of the sealed shelf. Whose they are finds the result in the app."
    )


def test_the_deployment_replays_the_same_release_for_steadiness_and_leaves_the_sealed_case_out(
    started: Started, ledger: Ledger, kept: list[str]
) -> None:
    before = len([one for one in ledger.trials(CAPSULE) if one.door == "replay"])
    record = run_of_replay(started)
    assert record["state_type"] == "COMPLETED", record["state"]["message"]
    assert "1 sealed case beside" in record["state"]["message"]
    assert " still right" in artifact(started, record["id"], "replay")
    rows = json.loads(artifact(started, record["id"], "replay-cases"))
    told = {row["case"].partition("](")[0].removeprefix("[") for row in rows}
    assert told & set(kept) == set(kept[:2])
    after = len([one for one in ledger.trials(CAPSULE) if one.door == "replay"])
    assert after == before + 1, "one run, since nothing was in doubt"


def test_a_replay_whose_process_is_killed_is_gone_on_with_by_the_next(
    started: Started, ledger: Ledger, kept: list[str]
) -> None:
    def runs() -> int:
        return len([one for one in ledger.trials(CAPSULE) if one.door == "replay"])

    before, replays = runs(), len(ledger.rows(REPLAYS))
    process = subprocess.Popen(
        [sys.executable, "-m", "capsule_flows.commands", "replay", CAPSULE],
        cwd=PROJECT,
        env=started.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: len(ledger.rows(REPLAYS)) > replays or None, 60, "the replay's beginning")
    process.kill()
    process.wait()
    (row,) = started.json("replay", CAPSULE, code=None)
    assert row["unsettled"] == 0
    assert len(ledger.rows(REPLAYS)) == replays + 1
    assert len(ledger.rows(DONE)) == replays + 1
    assert runs() == before + 1


def test_a_case_that_breaks_on_a_new_release_fails_the_replay_and_is_an_event(
    started: Started, ledger: Ledger, kept: list[str]
) -> None:
    """The version before is played by a row of the ledger: every case came out the other way."""
    store = CaseStore(root=started.home / "store")
    (last,) = ledger.rows(DONE.order_by(col(Replayed.ended_at).desc()).limit(1))
    (replay,) = ledger.rows(select(Replay).where(Replay.id == last.replay_id))
    release = ledger.release(replay.release_id)
    assert release is not None
    earlier = Release(**{**release.model_dump(), "id": "a release before"})
    new = {"id": uuid4(), "release_id": earlier.id}
    was = Replay(**{**replay.model_dump(), **new})
    table = store.replay(last.result_hash)
    right = table["right"].fillna(value=False).astype(bool)
    wrong = table["right"].notna() & ~right
    opposite = table["answer"].map(OTHER).where(right, table["answer"])
    kept_as = store.keep_replay(table.assign(after=opposite.where(right | wrong, table["after"])))
    ledger.add(
        earlier,
        was,
        Replayed(replay_id=was.id, result_hash=kept_as, critical_broken=0, unsettled=0),
    )
    record = run_of_replay(started)
    stops = (wrong & table["critical"]).any()
    assert record["state_type"] == ("FAILED" if stops else "COMPLETED")
    broken, fixed = "capsule.case.broken", "capsule.case.fixed"
    run = {"id": [f"prefect.flow-run.{record['id']}"], "role": ["flow-run"]}
    named = {"event": {"name": [broken, fixed]}, "related": run}
    expected = Counter({broken: int(wrong.sum()), fixed: int(right.sum())})

    def told() -> Counter[str]:
        counts = started.post("/events/count-by/event", {"filter": named})
        return Counter({one["value"]: one["count"] for one in counts})

    until(lambda: told() == expected or None, 60, f"{expected}")


def test_a_plain_prefect_deploy_starts_the_replay_of_the_new_release(
    started: Started, ledger: Ledger, kept: list[str], tmp_path: Path
) -> None:
    """The same image under another code version: nothing has to be built."""
    there = started.get(f"/deployments/name/{CAPSULE}/trial")
    names = ("name", "entrypoint", "tags", "parameters", "version")
    trial = {name: there[name] for name in names}
    pool = {"name": there["work_pool_name"], "job_variables": there["job_variables"]}

    def deploy(version: str | None) -> None:
        file = tmp_path / "prefect.yaml"
        deployments = [{**trial, "version": version, "work_pool": pool}]
        file.write_text(yaml.safe_dump({"pull": [], "deployments": deployments}))
        started.prefect("--no-prompt", "deploy", "--all", "--prefect-file", str(file))

    before = len(ledger.rows(DONE))
    store = CaseStore(root=started.home / "store")
    try:
        deploy("another")
        until(lambda: len(ledger.rows(DONE)) > before or None, 90, "its replay")
        replay = ledger.rows(REPLAYS.order_by(col(Replay.started_at).desc()))[0]
        assert (replay.why, replay.round) == ("release", "release")
        (done,) = ledger.rows(select(Replayed).where(Replayed.replay_id == replay.id))
        assert set(kept) <= set(store.replay(done.result_hash)["case"])
        release = ledger.release(replay.release_id)
        assert release is not None
        assert release.code_version == "another"
    finally:
        deploy(trial["version"])
