"""Every model of a registry beside its capsule, those first for which something waits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from capsule_blocks.gate_tables import Decided
from capsule_blocks.model_folders import FolderModels
from capsule_blocks.registered_models import ModelsUnreachable, RegisteredModel, Version
from capsule_blocks.released import Released
from capsule_flows.registry_overview import overview
from capsule_flows.releases import Published
from judgement.examples import class_manifest
from private_mlflow import MlflowHere
from replay.place import Place


@dataclass
class Kept(FolderModels):
    """Stands for a place where models are kept."""

    known: Sequence[RegisteredModel]
    is_away: bool = False

    def models(self) -> Sequence[RegisteredModel]:
        if self.is_away:
            raise ModelsUnreachable("http://away", "nothing answers")
        return self.known


def kept(name: str, newest: str | None) -> RegisteredModel:
    """Return a model by its newest version."""
    version = newest and Version(name, newest, f"models:/{name}/{newest}", by="ada")
    return RegisteredModel(name, aliases={"champion": "1"}, newest=version or None)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place.new(tmp_path)
    yield made
    made.close()


def deployed(place: Place, name: str, version: str) -> Published:
    """Return a capsule of a registered version, known to the ledger."""
    manifest = class_manifest().model_copy(
        update={"name": name, "registered": f"models:/{name}/{version}"}
    )
    return place.release(name, manifest)


def test_what_waits_comes_first_and_says_what_to_do(place: Place) -> None:
    published = [deployed(place, name, "2") for name in ("behind", "asked", "fine")]
    for one in published[1:]:
        release = one.release()
        place.where.ledger.add(
            Decided(
                capsule=release.capsule,
                release_id=release.id,
                answer="GO",
                decision={},
                evidence={},
                evidence_hash="e",
                by="ada",
            )
        )
    release = published[2].release()
    place.where.ledger.add(
        Released(capsule="fine", release_id=release.id, flow_run_id=uuid4(), by="ada")
    )
    models = Kept(
        [
            kept("fine", "2"),
            kept("bare", "1"),
            kept("asked", "2"),
            kept("emptied", None),
            kept("behind", "3"),
        ]
    )
    found = overview(place.where.ledger, [models], published)
    assert [(one.model, one.sentence) for one in found.lines] == [
        (
            "behind",
            (
                "Version 3 is newer than the capsule's 2: it is built beside it, where `capsules up` runs"
                " with this registry."
            ),
        ),
        ("emptied", "Every version of it was deleted."),
        ("bare", "It has no capsule: capsules new NAME --from models:/bare/1"),
        ("asked", "Not released: capsules release asked"),
        ("fine", ""),
    ]
    fine = found.lines[-1]
    assert (fine.gate, fine.is_released, fine.aliases, fine.by) == (
        "GO",
        True,
        ("champion=1",),
        "ada",
    )
    assert found.lines[0].gate is None


def test_a_version_that_was_deleted_under_its_capsule_is_said(place: Place) -> None:
    models = Kept([kept("nodule", "2")])
    (line,) = overview(place.where.ledger, [models], [deployed(place, "nodule", "10")]).lines
    assert line.sentence == "Version 10, which the capsule is of, was deleted."


def test_a_folders_model_of_the_same_name_is_another(place: Place) -> None:
    """Its version is a hash and no number, and the capsule is not of it."""
    there = RegisteredModel("nodule", newest=Version("nodule", "ab12", "/models/nodule"))
    (line,) = overview(place.where.ledger, [Kept([there])], [deployed(place, "nodule", "1")]).lines
    assert line.capsule is None
    assert line.sentence == "It has no capsule: capsules new NAME --from /models/nodule"


def test_a_place_that_is_away_is_said_and_the_others_are_listed(place: Place) -> None:
    away, there = Kept([], is_away=True), Kept([kept("bare", "1")])
    found = overview(place.where.ledger, [away, there], [])
    assert [one.model for one in found.lines] == ["bare"]
    assert found.problems[0].startswith("The models at http://away cannot be read")


def test_only_those_are_listed_whose_name_holds_the_text(place: Place) -> None:
    models = Kept([kept("nodule", "1"), kept("wine", "1")])
    assert [one.model for one in overview(place.where.ledger, [models], [], "nod").lines] == [
        "nodule"
    ]


def test_a_release_of_another_version_is_another(place: Place) -> None:
    """The gate's answer on the capsule of version 1 says nothing of the one of version 2."""
    before = deployed(place, "nodule", "1").release()
    place.where.ledger.add(
        Decided(
            capsule="nodule",
            release_id=before.id,
            answer="GO",
            decision={},
            evidence={},
            evidence_hash="e",
            by="ada",
        )
    )
    now = deployed(place, "nodule", "2")
    (line,) = overview(place.where.ledger, [Kept([kept("nodule", "2")])], [now]).lines
    assert (line.of_version, line.gate) == ("2", None)


def test_a_real_server_is_listed(place: Place, mlflow: MlflowHere) -> None:
    from capsule_blocks import ModelRegistry

    found = overview(place.where.ledger, ModelRegistry(url=mlflow.url).places(), [])
    lines = {one.model: one for one in found.lines}
    assert set(lines) == {"emptied", "nodule", "orphan", "progression", "wine"}
    assert lines["emptied"].sentence == "Every version of it was deleted."
    assert lines["progression"].address == "models:/progression/2"
