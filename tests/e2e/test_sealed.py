"""No container ever holds an answer: a trial is looked through while it runs."""

import io
import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd
import pytest
from pydantic import SecretStr

from capsule_blocks import Ledger
from capsule_flows.api_relay import door_folder
from capsule_flows.docker_ground import PLACE_LABEL
from e2e.conftest import EXAMPLE, Started, until
from e2e.proving import containers, stopped

pytestmark = pytest.mark.docker

CAPSULE = "tumor_malignancy"
FOLDERS = ("/data", "/results", "/opt/code", "/tmp", "/work", "/home/kit", "/dev/shm", "/run")


def look_through(kit: int, model: int) -> dict[str, Any]:
    """Return all that is in the container of these two processes, seen from the host."""
    root = Path(f"/proc/{kit}/root")
    names = []
    for base, inner, found in os.walk(root):
        inner[:] = [one for one in inner if Path(base, one) not in (root / "proc", root / "sys")]
        names += ["/" + str(Path(base, one).relative_to(root)) for one in found]
    return {
        "processes": {
            Path(f"/proc/{pid}/cmdline").read_text(): Path(f"/proc/{pid}/environ").read_text()
            for pid in (kit, model)
        },
        "files": {
            name: (root / name[1:]).read_bytes()
            for name in names
            if name.startswith(FOLDERS) and (root / name[1:]).is_file()
        },
        "names": names,
    }


def waiting_container(started: Started) -> Any:
    """Return the container that waits for the example capsule: its place has no run yet."""
    staging = started.home / "store" / "staging"

    def ready() -> Any:
        for one in containers(started):
            ours = f"CAPSULE_MODULE={CAPSULE}.model" in one.attrs["Config"]["Env"]
            waits = (staging / one.labels[PLACE_LABEL]).is_dir()
            if ours and waits and b'"op": "ready"' in one.logs(tail=50):
                return one
        return None

    return until(ready, 90, "a container that waits for the example")


def model_of(container: Any) -> int:
    """Return the host's number of the model's process, the only child of the kit's."""
    kit = container.attrs["State"]["Pid"]
    tasks = Path(f"/proc/{kit}/task").iterdir()
    (model,) = [int(one) for task in tasks for one in (task / "children").read_text().split()]
    return model


@pytest.fixture(scope="module")
def trial(started: Started) -> dict[str, Any]:
    """One trial on the example, looked through while its model is held still before it answers."""
    container = waiting_container(started)
    staging = started.home / "store" / "staging"
    with stopped(model_of(container)):
        deployment = started.get(f"/deployments/name/{CAPSULE}/trial")
        asked = {"parameters": {"cases": "example", "settings": {"threshold": 0.5}}}
        run = started.post(f"/deployments/{deployment['id']}/create_flow_run", asked)

        def asking() -> Any:
            record = started.get(f"/flow_runs/{run['id']}")
            return record if record["state_type"] == "RUNNING" else None

        record = until(asking, 60, "the running trial")
        assert record["infrastructure_pid"].endswith(container.id)
        kit = int(container.attrs["State"]["Pid"])
        inside = look_through(kit, model_of(container))
        staged = sorted(one.name for one in (staging / run["id"] / "data").iterdir())
        container.reload()
    return {
        "id": run["id"],
        "record": record,
        "staged": staged,
        "inspected": container.attrs,
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
    assert len(trial["processes"]) == 2, "the flow's process and the model's"
    assert {"/data/inputs.parquet", "/data/receipt.json"} <= set(trial["files"])
    assert trial["shown"]["kind"] == "judged"


def test_only_the_staged_cases_an_own_results_folder_and_the_door_are_mounted(
    trial: dict[str, Any], started: Started
) -> None:
    """The place was made before its run was known, and renamed to it afterwards."""
    mounts = {one["Destination"]: one for one in trial["inspected"]["Mounts"]}
    assert {(one, facts["RW"]) for one, facts in mounts.items()} == {
        ("/data", False),
        ("/results", True),
        ("/run/capsule", False),
    }
    place = Path(mounts["/data"]["Source"]).parent
    assert place.parent == started.home / "store" / "staging"
    assert place.name.startswith("open-")
    assert mounts["/results"]["Source"] == str(place / "results")
    assert mounts["/run/capsule"]["Source"] == str(door_folder(f"{started.api}/"))
    assert trial["staged"] == ["inputs.parquet", "receipt.json"]


def test_the_models_process_is_told_neither_the_credential_nor_the_api(
    trial: dict[str, Any], started: Started
) -> None:
    (model,) = [one for words, one in trial["processes"].items() if f"{CAPSULE}.model" in words]
    password = started.credential.partition(":")[2]
    assert password not in model
    assert "PREFECT" not in model
    assert str(started.api_port) not in model
    assert any(password in one for one in trial["processes"].values()), "the flow's has it"
    for path, content in trial["files"].items():
        assert password.encode() not in content, path


def test_no_file_of_a_running_container_holds_an_answer(
    trial: dict[str, Any], secret: dict[str, Any]
) -> None:
    labels = {"benign", "malignant"}
    known = pd.read_csv(EXAMPLE)
    a_line = EXAMPLE.read_text().splitlines()[1].encode()
    assert trial["files"]
    for path, content in trial["files"].items():
        assert content != secret["bytes"], path
        assert secret["hash"].encode() not in content, path
        assert a_line not in content, path
        if path.endswith(".parquet"):
            table = pd.read_parquet(io.BytesIO(content))
            assert not {"diagnosis", "answer"} & set(table.columns), path
            for column in table.select_dtypes(include=["object", "string"]).columns:
                assert not labels & set(table[column].astype(str)), (path, column)
    inputs = pd.read_parquet(io.BytesIO(trial["files"]["/data/inputs.parquet"]))
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
