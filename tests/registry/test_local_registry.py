"""A start's own model registry: made once, from a lock, in an environment of its own, and serving on the loopback address."""

import re
import subprocess
from pathlib import Path

import httpx
import pytest

from capsule_flows import local_registry
from capsule_flows.local_registry import NoLocalRegistry, make_registry, registry_command
from capsule_flows.planning import REGISTRY, Plan
from machine import free_port, until
from private_mlflow import MlflowHere

PACKAGE = "itsdangerous"


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock of one small package of those that MLflow needs."""
    whole = local_registry.LOCK.read_text()
    found = re.search(rf"^{PACKAGE}==(?:.*\\\n)+.*\n", whole, re.MULTILINE)
    assert found
    one = tmp_path / "lock.txt"
    one.write_text(found[0])
    monkeypatch.setattr(local_registry, "LOCK", one)
    return one


@pytest.mark.usefixtures("mlflow")  # where that cannot be installed, nothing can
def test_it_is_made_once_and_again_where_the_lock_changed(tmp_path: Path, lock: Path) -> None:
    told: list[str] = []
    make_registry(tmp_path, told.append)
    make_registry(tmp_path, told.append)
    assert len(told) == 1
    python = registry_command(tmp_path, 1)[0]
    subprocess.run([python, "-c", f"import {PACKAGE}"], check=True)
    lock.write_text(f"# as before\n{lock.read_text()}")
    make_registry(tmp_path, told.append)
    assert len(told) == 2


def test_packages_that_cannot_be_had_are_one_sentence(tmp_path: Path, lock: Path) -> None:
    lock.write_text(f"{PACKAGE}==99.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(NoLocalRegistry, match="cannot be made: .*Start without --models"):
        make_registry(tmp_path, lambda _: None)
    assert not (tmp_path / "registry" / "made-of").exists()


def test_it_serves_the_registrys_api_on_this_machine_alone(
    tmp_path: Path, mlflow: MlflowHere
) -> None:
    port = free_port()
    plan = Plan(tmp_path, 1, 2, True, "a:b", models_port=port)
    assert plan.environment()["MLFLOW_TRACKING_URI"] == plan.models_url
    command = plan.others()[REGISTRY]
    (tmp_path / "registry").mkdir()
    environment = plan.environment_of(REGISTRY)
    assert environment["MLFLOW_DISABLE_TELEMETRY"] == "true"
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(
            [str(mlflow.python), *command[1:]], env=environment, stdout=log, stderr=log
        ) as process,
    ):
        try:
            until(lambda: answers(f"{plan.models_url}/health"), 120, "the registry")
            asked = f"{plan.models_url}/api/2.0/mlflow/registered-models/search"
            assert httpx.get(asked).raise_for_status().json() == {}
        finally:
            process.terminate()


def test_a_start_without_one_has_none(tmp_path: Path) -> None:
    plan = Plan(tmp_path, 1, 2, True, "a:b")
    assert REGISTRY not in plan.others()
    assert plan.models_url is None


def answers(url: str) -> bool | None:
    try:
        return httpx.get(url).is_success or None
    except httpx.TransportError:
        return None
