"""The registry hears of the gate's answers as tags, and its alias follows the champion; asked of a real MLflow server."""

from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from pydantic import BaseModel, ConfigDict

from capsule_blocks import ModelRegistry
from capsule_blocks.gate_tables import Decided, Override
from capsule_blocks.mlflow_server import MlflowServer
from capsule_flows.registry_connection import SETTING
from capsule_flows.registry_telling import tell_registry
from capsule_kit import Capsule, NoAnswer, Page, column
from capsule_kit.errors import DeclarationError
from gate.evidence import evidence, signed
from judgement.examples import class_manifest
from machine import free_port
from private_mlflow import MlflowHere
from replay.place import Place

MODEL = "wine"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Give an empty place."""
    return Place.new(tmp_path)


@pytest.fixture
def server(mlflow: MlflowHere, prefect: None, monkeypatch: pytest.MonkeyPatch) -> MlflowServer:
    """The server, connected by a block."""
    ModelRegistry(url=mlflow.url).save("lab", overwrite=True)
    monkeypatch.setenv(SETTING, "capsule-model-registry/lab")
    return MlflowServer(mlflow.url)


def decided(place: Place, registered: str, answer: str) -> Decided:
    """Put an answer of the gate into the ledger, on a release of a model's version."""
    manifest = class_manifest().model_copy(update={"registered": registered})
    release = place.release(registered, manifest).release()
    said = evidence(
        release_id=release.id,
        verdicts=(signed("Ada", release=release.id), signed("Ben", release=release.id)),
    )
    row = Decided(
        capsule="example",
        release_id=release.id,
        answer=answer,
        decision={},
        evidence=said.model_dump(mode="json"),
        evidence_hash=said.hash,
        by="Ada",
    )
    place.where.ledger.add(row)
    return row


def tags(server: MlflowServer, version: str) -> Mapping[str, str]:
    return {
        key: value
        for key, value in server.version(MODEL, version).tags.items()
        if key.startswith("capsule")
    }


def test_each_answer_is_tagged_on_its_version_and_the_alias_follows_the_champion_alone(
    place: Place, server: MlflowServer
) -> None:
    ledger = place.where.ledger
    first = decided(place, f"models:/{MODEL}/1", "NO-GO")
    tell_registry(ledger, first)
    told = tags(server, "1")
    assert told["capsule.gate"] == "NO-GO"
    assert told["capsule.release"] == first.release_id
    assert told["capsule.verdicts"] == "2 ready"
    assert "champion" not in server.version(MODEL, "1").aliases

    ledger.add(
        Override(capsule="example", release_id=first.release_id, decision_id=first.id,
                 reason="Needed on Monday", by="Carl")
    )  # fmt: skip
    tell_registry(ledger, first)
    assert tags(server, "1")["capsule.override"] == "Carl: Needed on Monday"
    assert tags(server, "1")["capsule.gate"] == "NO-GO"
    assert server.version(MODEL, "@champion").version == "1"


def test_a_registry_that_cannot_be_told_harms_nothing_and_is_told_the_next_time(
    place: Place, server: MlflowServer, mlflow: MlflowHere, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = place.where.ledger
    ModelRegistry(url=f"http://127.0.0.1:{free_port()}").save("lab", overwrite=True)
    row = decided(place, f"models:/{MODEL}/1", "GO")
    tell_registry(ledger, row)
    assert "The models at http://127.0.0.1" in caplog.text
    ModelRegistry(url=mlflow.url).save("lab", overwrite=True)
    tell_registry(ledger, row)
    assert tags(server, "1")["capsule.gate"] == "GO"
    caplog.clear()
    tell_registry(ledger, decided(place, f"models:/{MODEL}/99", "NO-GO"))
    assert f"There is no model {MODEL}, version 99" in caplog.text


def test_where_none_is_connected_none_is_asked(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    monkeypatch.setattr(httpx, "Client", None)
    tell_registry(place.where.ledger, decided(place, f"models:/{MODEL}/1", "GO"))


class Nodule(BaseModel):
    """A row."""

    size: float = column(unit="mm", meaning="Its size.", example=3.0)


class Settings(BaseModel):
    """None."""

    model_config = ConfigDict(extra="forbid")


def nodule(registered: str) -> Capsule:
    """Declare a capsule of a registered version."""
    return Capsule(
        name="nodule",
        title="Is it dangerous?",
        row=Nodule,
        answer=NoAnswer(meaning="A text."),
        settings=Settings,
        model="nodule.model",
        page=Page(does="d", needs="n", limits="l"),
        registered=registered,
    )


@pytest.mark.parametrize("said", ["models:/nodule", "models:/nodule@champion", "nodule/3"])
def test_a_capsule_is_of_one_version_and_not_of_an_alias(said: str) -> None:
    with pytest.raises(DeclarationError, match="with the version's number"):
        nodule(said)
    assert nodule("models:/nodule/3").manifest.registered == "models:/nodule/3"


def test_of_a_capsule_that_is_in_no_registry_nothing_is_published_about_one() -> None:
    assert "registered" not in nodule("").manifest.model_dump(mode="json")
