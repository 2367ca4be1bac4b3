"""What is newer in a real registry is seen to once: refused with its reason, replayed, or taken down when it is no news."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from prefect.exceptions import ObjectNotFound
from sklearn.datasets import load_diabetes

from capsule_blocks.prepared import Prepared
from capsule_flows.control_flows import replay as replay_flow
from capsule_flows.deploying import make_pools, run_step
from capsule_flows.new_capsule import new_capsule
from capsule_flows.new_finding import find_source
from capsule_flows.new_releases import DEPLOYMENT
from capsule_flows.next_command import take_next
from capsule_flows.next_known import prepared
from capsule_flows.next_preparing import prepare_newer
from capsule_flows.next_taking import CannotTake
from capsule_flows.prefect_api import prefect_api
from capsule_flows.releases import Published, find_next, find_published, published
from judgement.examples import class_manifest
from private_mlflow import QUIET, MlflowHere, private_mlflow
from replay.place import B, M, Place

PROJECT = Path(__file__).parents[2]
NAME = "progressing"
ROWS = [("p1", "lung", 50.0), ("p2", "skin", 60.0)]
pytestmark = pytest.mark.usefixtures("prefect")


@pytest.fixture
def place(tmp_path: Path, mlflow: MlflowHere, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A ledger and a store, in a project with a registry and no deployment of the capsule yet."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow.url)
    monkeypatch.delenv("CAPSULES_MODELS", raising=False)
    Path(tmp_path, "project", "capsules", "capsule_kit").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    made = Place.new(tmp_path)
    yield made
    made.close()
    client = prefect_api()
    for deployment in client.read_deployments():
        client.delete_deployment(deployment.id)


def deploy(name: str, version: int, image: str = "sha256:1") -> Published | None:
    """Deploy the capsule of a version as `prefect deploy` does in the end."""
    client = prefect_api()
    update = {"name": NAME, "registered": f"models:/progression/{version}"}
    keys = class_manifest().model_copy(update=update).as_schema_keys()
    properties = {"cases": {"type": "string", **keys}, "settings": {"type": "object"}}
    client.create_deployment(
        flow_id=client.create_flow_from_name(NAME),
        name=name,
        entrypoint=f"{NAME}.declaration.flow",
        version=f"{name} {version}",
        job_variables={"image": image},
        parameter_openapi_schema={"type": "object", "properties": properties},
    )
    return find_next(NAME) if name == "next" else find_published(NAME)


def draft() -> None:
    """Draft the capsule of version 1; version 2 has no signature."""
    data = load_diabetes(as_frame=True)
    sample = data.data.assign(progression=data.target)
    new_capsule(NAME, find_source("models:/progression/1"), sample, "progression")


def started() -> list[dict[str, Any]]:
    """Return the parameters of the runs of `replay`."""
    return [
        one.parameters for one in prefect_api().read_flow_runs() if "next_version" in one.parameters
    ]


def git(*words: str) -> str:
    named = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    done = subprocess.run(["git", *named, *words], check=True, capture_output=True, text=True)
    return done.stdout


def register(registry: MlflowHere, limit: str) -> None:
    """Register the next version of `nodule_size`."""
    script = [registry.python, Path(__file__).with_name("register_next.py"), registry.url, limit]
    subprocess.run(script, check=True, capture_output=True, env={**os.environ, **QUIET})


@pytest.fixture
def nodule(
    place: Place, mlflow: MlflowHere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MlflowHere]:
    """The registry of a capsule of version 1, which is committed and stands deployed; its image is built by nobody."""
    (tmp_path / "mlflow").mkdir()
    monkeypatch.setenv("CAPSULES_HOME", str(tmp_path / "home"))
    Path("capsules", "capsule_kit").rmdir()
    Path("capsules", "capsule_kit").symlink_to(PROJECT / "capsules" / "capsule_kit")
    with private_mlflow(mlflow.python, tmp_path / "mlflow") as registry:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", registry.url)
        register(registry, "10")
        sample = pd.DataFrame({"size_mm": [2.0, 30.0] * 20, "site": "left", "age": 50})
        sample["diagnosis"] = ["benign", "malignant"] * 20
        new_capsule("nodule", find_source("models:/nodule_size/1"), sample, "diagnosis")
        own = {"name": "trial", "entrypoint": "nodule.declaration.flow", "version": "1"}
        pool = {"name": "capsules", "job_variables": {"image": "sha256:1"}}
        declared = {"name": "p", "pull": [], "deployments": [{**own, "work_pool": pool}]}
        Path("capsules", "nodule", "prefect.yaml").write_text(yaml.safe_dump(declared))
        Path(".gitignore").write_text("__pycache__/\n")
        git("init", "-q")
        git("add", "-A")
        git("commit", "-q", "-m", "all")
        make_pools()
        command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
        run_step(
            "prefect deploy",
            [*command, "--prefect-file", "capsules/nodule/prefect.yaml"],
            environment={**os.environ, "PYTHONPATH": "capsules"},
        )
        yield registry


@pytest.fixture(autouse=True)
def for_others(prefect_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the processes that are started talk to that server."""
    monkeypatch.setenv("PREFECT_API_URL", prefect_url)


def test_a_version_that_fits_is_deployed_beside_its_capsule_and_then_taken(
    place: Place, nodule: MlflowHere, tmp_path: Path
) -> None:
    commit = git("rev-parse", "HEAD").strip()
    prepare_newer(place.where)
    assert find_next("nodule") is None, "nothing is newer"
    register(nodule, "3")
    prepare_newer(place.where)
    made, trial = find_next("nodule"), find_published("nodule")
    assert made is not None
    assert made.manifest == trial.manifest.model_copy(
        update={"registered": "models:/nodule_size/2"}
    )
    assert made.code_version == f"{commit}-models-nodule_size-2"
    (row,) = prepared(place.where.ledger, "nodule")
    assert (row.release_id, row.problem) == (made.release().id, "")
    assert git("status", "--porcelain") == ""
    assert list((tmp_path / "home" / "next").iterdir()) == []
    prepare_newer(place.where)
    assert len(prepared(place.where.ledger, "nodule")) == 1

    taken = take_next(place.where, trial)
    assert taken.known == "it was built; no case is kept, so nothing was replayed."
    changed = {line[3:] for line in git("status", "--porcelain").splitlines()}
    folder = "capsules/nodule"
    assert {
        f"{folder}/declaration.py",
        f"{folder}/model.py",
        f"{folder}/artifact/MLmodel",
    } <= changed
    assert all(
        one.startswith((f"{folder}/artifact/", f"{folder}/declaration", f"{folder}/model"))
        for one in changed
    )
    with pytest.raises(CannotTake, match="is of models:/nodule_size/2 already"):
        take_next(place.where, trial)


def test_a_build_that_fails_is_told_by_its_line_and_leaves_nothing(
    place: Place, nodule: MlflowHere, tmp_path: Path
) -> None:
    register(nodule, "3")
    declaration = Path("capsules", "nodule", "declaration.py")
    declaration.write_text(declaration.read_text() + "\nraise ValueError('never mind')\n")
    prepare_newer(place.where)
    (row,) = prepared(place.where.ledger, "nodule")
    assert row.problem.startswith("prefect deploy failed: ")
    assert row.problem.endswith("never mind")
    assert find_next("nodule") is None
    assert list((tmp_path / "home" / "next").iterdir()) == []


def test_a_version_that_does_not_fit_is_refused_once_until_the_folder_has_changed(
    place: Place,
) -> None:
    one = deploy("trial", 1)
    assert one is not None
    draft()
    prepare_newer(place.where)
    prepare_newer(place.where)
    (row,) = prepared(place.where.ledger, NAME)
    assert (row.address, row.release_id) == ("models:/progression/2", None)
    assert row.problem.startswith("Version 2 does not fit")
    assert "nothing tells whether its signature is the same, since it has none" in row.problem
    assert find_next(NAME) is None
    with pytest.raises(CannotTake, match="Version 2 does not fit"):
        take_next(place.where, one)
    assert (
        'registered="models:/progression/1"' in Path(f"capsules/{NAME}/declaration.py").read_text()
    )
    Path(f"capsules/{NAME}/notes.txt").write_text("looked into it")
    prepare_newer(place.where)
    assert len(prepared(place.where.ledger, NAME)) == 2


def test_where_the_folder_is_elsewhere_it_is_said_where_to_call_it(place: Place) -> None:
    deploy("trial", 1)
    prepare_newer(place.where)
    (row,) = prepared(place.where.ledger, NAME)
    assert row.problem == (
        f"There is no capsules/{NAME}/declaration.py that can be read here: call this, and"
        " `capsules up`, in the project's folder."
    )


def test_what_is_ready_is_no_capsule_of_its_own_and_goes_when_it_is_no_news(place: Place) -> None:
    deploy("trial", 2)
    assert deploy("next", 2) is not None
    assert [one.full_name for one in published()] == [f"{NAME}/trial"]
    prepare_newer(place.where)
    assert find_next(NAME) is None
    assert prepared(place.where.ledger, NAME) == []


def test_what_is_ready_is_replayed_once_and_what_is_half_done_is_not(place: Place) -> None:
    trial, made = deploy("trial", 1), deploy("next", 2, "sha256:2")
    assert trial is not None
    assert made is not None
    client, ledger = prefect_api(), place.where.ledger
    client.create_deployment(flow_id=client.create_flow(replay_flow), name=DEPLOYMENT.split("/")[1])
    ledger.add_once(trial.release())
    ledger.add_once(made.release())
    place.keep(place.bring(ROWS, [B, M], manifest=trial.manifest))
    prepare_newer(place.where)
    assert started() == [], "whoever deployed it was killed before it said so"
    ledger.add(
        Prepared(
            capsule=NAME,
            address="models:/progression/2",
            beside_id=trial.release().id,
            made_of="as it was",
            release_id=made.release().id,
        )
    )
    prepare_newer(place.where)
    prepare_newer(place.where)
    assert started() == [{"capsule": NAME, "why": "release", "next_version": True}]


def test_without_a_registry_there_is_nothing_to_see_to(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    deploy("trial", 1)
    prepare_newer(place.where)
    assert prepared(place.where.ledger, NAME) == []
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    prepare_newer(place.where)
    assert prepared(place.where.ledger, NAME) == []
    with pytest.raises(ObjectNotFound):
        prefect_api().read_deployment_by_name(f"{NAME}/next")
