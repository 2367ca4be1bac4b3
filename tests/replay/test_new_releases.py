"""A release that came after its challenge cases is replayed at once and once, however it was deployed."""

from typing import Any
from uuid import UUID

import pytest

from capsule_flows.control_flows import replay as replay_flow
from capsule_flows.new_releases import DEPLOYMENT, replay_new_releases, to_be_replayed
from capsule_flows.prefect_api import prefect_api
from capsule_flows.releases import find_published
from capsule_flows.replaying import replay_capsule
from judgement.examples import class_manifest
from replay.place import B, M, Place, older

ROWS = [("p1", "lung", 50.0), ("p2", "skin", 60.0)]


def due(place: Place, release: str) -> bool:
    return to_be_replayed(place.where, [place.seen(release)]) != []


def test_a_release_is_due_where_it_came_after_the_cases_until_it_was_replayed(place: Place) -> None:
    assert not due(place, "one"), "there is no case"
    place.release("one")
    place.keep(place.bring(ROWS, [B, M]))
    assert not due(place, "one"), "who keeps cases of a release that is there waits for the night"
    assert due(place, "two")
    at = place.at(place.release("two"), older(55))
    assert due(place, "two"), "the ledger has seen it by now"
    replay_capsule(at, round_name="release", why="release")
    assert not due(place, "two")


def deploy(version: str) -> None:
    """Deploy the example as `prefect deploy` does in the end."""
    client = prefect_api()
    keys = class_manifest().as_schema_keys()
    properties = {"cases": {"type": "string", **keys}, "settings": {"type": "object"}}
    client.create_deployment(
        flow_id=client.create_flow_from_name("example"),
        name="trial",
        entrypoint="example.declaration.flow",
        version=version,
        parameter_openapi_schema={"type": "object", "properties": properties},
    )


def started() -> list[dict[str, Any]]:
    """Return the parameters of the runs of `replay`."""
    return [one.parameters for one in prefect_api().read_flow_runs() if "why" in one.parameters]


@pytest.mark.usefixtures("prefect")
def test_a_deployment_that_has_changed_starts_its_replay_once(place: Place) -> None:
    deploy("1")
    place.where.ledger.add_once(find_published("example").release())
    place.keep(place.bring(ROWS, [B, M]))
    deploy("2")
    assert replay_new_releases(place.where) == [], "a project without a replay replays nothing"
    client = prefect_api()
    flow_id: UUID = client.create_flow(replay_flow)
    client.create_deployment(flow_id=flow_id, name=DEPLOYMENT.split("/")[1])
    assert replay_new_releases(place.where) == ["example"]
    replay_new_releases(place.where)
    assert started() == [{"capsule": "example", "why": "release"}]
    deploy("3")
    replay_new_releases(place.where)
    assert len(started()) == 2
