"""No container ever holds an answer: a trial is looked through while it runs."""

import base64
import io
import json
from typing import Any
from uuid import UUID

import docker
import pandas as pd
import pytest
from pydantic import SecretStr

from capsule_blocks import Ledger
from e2e.conftest import EXAMPLE, Started, until

pytestmark = pytest.mark.docker

RUN_LABEL = "io.prefect.flow-run-id"
LOOK_THROUGH = r"""
import base64, hashlib, json, os, pathlib, signal, sys, time
def others():
    me, found = os.getpid(), {}
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(entry.name) not in (1, me) and b"python" in words[0]:
            found[int(entry.name)] = words
    return found
deadline = time.monotonic() + 60
while len(others()) < 2 and time.monotonic() < deadline:
    time.sleep(0.01)
for pid in others():
    os.kill(pid, signal.SIGSTOP)
processes = {pid: (pathlib.Path("/proc") / str(pid) / "environ").read_bytes().decode() for pid in others()}
folders = ["/data", "/results", "/opt/code", "/tmp"]
files = {}
for folder in folders:
    for path in pathlib.Path(folder).rglob("*"):
        if path.is_file():
            files[str(path)] = base64.b64encode(path.read_bytes()).decode()
names = []
for base, inner, found in os.walk("/"):
    inner[:] = [one for one in inner if os.path.join(base, one) not in ("/proc", "/sys")]
    names += [os.path.join(base, one) for one in found]
for pid in processes:
    os.kill(pid, signal.SIGCONT)
print(json.dumps({"processes": processes, "files": files, "names": names}))
"""
"""Runs inside the container: holds the flow and the model still, and tells all that is there."""


@pytest.fixture(scope="module")
def trial(started: Started) -> dict[str, Any]:
    """One trial on the example, looked through while its model's process was there."""
    deployment = started.get("/deployments/name/tumor_malignancy/trial")
    asked = {"parameters": {"cases": "example", "settings": {"threshold": 0.5}}}
    run = started.post(f"/deployments/{deployment['id']}/create_flow_run", asked)
    client = docker.from_env()
    try:

        def running() -> Any:
            wanted = {"label": f"{RUN_LABEL}={run['id']}", "status": "running"}
            return next(iter(client.containers.list(filters=wanted, ignore_removed=True)), None)

        container = until(running, 60, "the trial's container")
        seen = container.exec_run(["python", "-c", LOOK_THROUGH])
        assert seen.exit_code == 0, seen.output
        container.reload()
        inside = {"inspected": container.attrs, **json.loads(seen.output)}
    finally:
        client.close()
    record = started.get(f"/flow_runs/{run['id']}")
    return {
        "id": run["id"],
        "record": record,
        "shown": started.settled(run["id"]),
        "logs": started.post(
            "/logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}, "limit": 200}
        ),
        **inside,
    }


@pytest.fixture(scope="module")
def secret(started: Started, trial: dict[str, Any]) -> dict[str, Any]:
    """Return what must not be seen: the sealed answers, their file and its hash."""
    ledger = Ledger(url=SecretStr(f"sqlite:///{started.home / 'ledger.db'}"))
    row = ledger.trial(UUID(trial["id"]))
    assert row is not None
    assert row.answers_revision_id is not None
    answers = ledger.answers_revision(row.answers_revision_id)
    ledger.close()
    assert answers is not None
    (sealed,) = (started.home / "store" / "sealed").rglob(f"{answers.answers_hash}.parquet")
    return {"hash": answers.answers_hash, "bytes": sealed.read_bytes(), "example": EXAMPLE}


def test_what_was_looked_through_was_a_trial_that_is_judged(trial: dict[str, Any]) -> None:
    assert trial["record"]["state_type"] == "RUNNING"
    assert len(trial["processes"]) >= 2, "the flow's process and the model's"
    assert {"/data/inputs.parquet"} <= set(trial["files"])
    assert trial["shown"]["kind"] == "judged"


def test_only_the_staged_cases_and_an_own_results_folder_are_mounted(
    trial: dict[str, Any], started: Started
) -> None:
    staging = started.home / "store" / "staging" / trial["id"]
    mounts = {(m["Source"], m["Destination"], m["RW"]) for m in trial["inspected"]["Mounts"]}
    assert mounts == {
        (str(staging / "data"), "/data", False),
        (str(staging / "results"), "/results", True),
    }


def test_no_file_of_a_running_container_holds_an_answer(
    trial: dict[str, Any], secret: dict[str, Any]
) -> None:
    labels = {"benign", "malignant"}
    known = pd.read_csv(EXAMPLE)
    a_line = EXAMPLE.read_text().splitlines()[1].encode()
    assert trial["files"]
    for path, encoded in trial["files"].items():
        content = base64.b64decode(encoded)
        assert content != secret["bytes"], path
        assert secret["hash"].encode() not in content, path
        assert a_line not in content, path
        if path.endswith(".parquet"):
            table = pd.read_parquet(io.BytesIO(content))
            assert not {"diagnosis", "answer"} & set(table.columns), path
            for column in table.select_dtypes(include=["object", "string"]).columns:
                assert not labels & set(table[column].astype(str)), (path, column)
    inputs = pd.read_parquet(io.BytesIO(base64.b64decode(trial["files"]["/data/inputs.parquet"])))
    assert len(inputs) == len(known)
    assert set(inputs.columns) == {"case_id", "row", *known.columns} - {"diagnosis"}


def test_the_image_holds_neither_the_example_nor_a_data_set(trial: dict[str, Any]) -> None:
    names = trial["names"]
    assert any("/sklearn/" in name for name in names), "scikit-learn is there, its data are not"
    assert [name for name in names if "/sklearn/datasets/data/" in name] == []
    assert [name for name in names if name.endswith(("example.csv", "breast_cancer.csv"))] == []
    of_the_code = [name for name in names if name.startswith("/opt/code/")]
    assert [name for name in of_the_code if name.endswith((".csv", ".parquet", ".xlsx"))] == []


def test_environment_and_record_of_the_run_name_no_answer(
    trial: dict[str, Any], secret: dict[str, Any]
) -> None:
    assert trial["record"]["parameters"] == {"cases": "example", "settings": {"threshold": 0.5}}
    told = {
        "inspected": trial["inspected"],
        "environment": trial["processes"],
        "record": trial["record"],
        "logs": trial["logs"],
    }
    for what, facts in told.items():
        text = json.dumps(facts)
        for word in (secret["hash"], "diagnosis", "malignant", "sealed", "ledger.db"):
            # The capsule's own name is no answer.
            assert word not in text.replace("tumor_malignancy", ""), (what, word)
