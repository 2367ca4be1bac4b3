"""What is newer in a real registry is seen to once: refused with its reason, replayed, or taken down when it is no news."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.exceptions import ObjectNotFound
from sklearn.datasets import load_diabetes

from capsule_blocks.prepared import Prepared
from capsule_flows.control_flows import replay as replay_flow
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
from private_mlflow import MlflowHere
from replay.place import B, M, Place

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
