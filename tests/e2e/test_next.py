"""A newer version in the registry: built beside its capsule, replayed, offered, taken; the author's folder is left alone."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from capsule_flows.next_scratch import copy_project
from e2e.conftest import PROJECT, Started
from machine import until
from private_mlflow import MlflowHere, private_mlflow

pytestmark = pytest.mark.docker
REGISTER = Path(__file__).parents[1] / "registry" / "register_next.py"
NAME, MODEL = "next_nodule", "nodule_size"
FOLDER = f"capsules/{NAME}"
BUILT_S = 400


@dataclass
class Author:
    """An author's own checkout of the project, at a start that others share."""

    started: Started
    project: Path
    registry: MlflowHere

    @property
    def environment(self) -> dict[str, str]:
        """The author's: her capsules are found before the project's."""
        own = {
            "MLFLOW_TRACKING_URI": self.registry.url,
            "PYTHONPATH": str(self.project / "capsules"),
        }
        return {**self.started.environment, **own}

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        """Run a program in her checkout."""
        done = subprocess.run(
            [str(word) for word in words],
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=BUILT_S,
            check=False,
        )
        assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
        return done

    def git(self, *words: str) -> str:
        """Run git as somebody who has a name."""
        named = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        return self.run("git", *named, *words).stdout

    def capsules(self, *words: object) -> subprocess.CompletedProcess[str]:
        """Run the command `capsules`."""
        return self.run(sys.executable, "-m", "capsule_flows.commands", *words)

    def register(self, *words: str) -> None:
        """Register the next version of the model."""
        self.run(self.registry.python, REGISTER, self.registry.url, *words)

    def commit(self, message: str) -> str:
        """Commit everything; return the commit."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD").strip()

    def offered(self) -> str:
        """Return what `capsules models` says of the capsule."""
        told: list[dict[str, Any]] = json.loads(self.capsules("models", MODEL, "--json").stdout)
        return str(told[0]["sentence"])

    @contextmanager
    def sweep(self) -> Iterator[subprocess.Popen[bytes]]:
        """Keep a sweep going in her checkout, as `capsules up` does."""
        api = {
            "PREFECT_API_URL": self.started.api,
            "PREFECT_API_AUTH_STRING": self.started.credential,
        }
        with (self.started.home / "next-sweep.log").open("ab") as log:
            one = subprocess.Popen(
                [sys.executable, "-m", "capsule_flows.sweeping"],
                cwd=self.project,
                env={**self.environment, **api},
                stdout=log,
                stderr=log,
            )
        try:
            yield one
        finally:
            one.kill()
            one.wait()


@pytest.fixture
def author(started: Started, mlflow: MlflowHere, tmp_path: Path) -> Iterator[Author]:
    """A checkout with nothing uncommitted, and a registry of her own with version 1."""
    (tmp_path / "mlflow").mkdir()
    project = tmp_path / "project"
    copy_project(PROJECT, project, without=Path(".git"))
    with private_mlflow(mlflow.python, tmp_path / "mlflow") as registry:
        one = Author(started, project, registry)
        one.git("init", "-q")
        one.register("10")
        yield one


def write(place: Path, sizes: list[float], answers: list[str]) -> Path:
    """Write cases."""
    table = pd.DataFrame({"size_mm": sizes, "site": "left", "age": 50, "diagnosis": answers})
    table.to_csv(place, index=False)
    return place


def test_a_newer_version_is_built_replayed_and_offered_while_the_authors_folder_stays_as_it_is(
    author: Author, tmp_path: Path
) -> None:
    sample = write(tmp_path / "sample.csv", [2.0, 30.0] * 10, ["benign", "malignant"] * 10)
    address = f"models:/{MODEL}/1"
    author.capsules("new", NAME, "--from", address, "--sample", sample, "--answer", "diagnosis")
    commit = author.commit("A capsule")
    author.capsules("deploy", "--prefect-file", f"{FOLDER}/prefect.yaml")
    kept = write(tmp_path / "kept.csv", [4.0, 20.0, 5.0], ["benign", "malignant", "malignant"])
    author.capsules("try", NAME, kept)
    author.capsules("keep", NAME, "kept", "--reason", "seen wrong")
    author.register("3")
    assert "it is built beside it" in author.offered()

    def building() -> bool:
        return any((author.started.home / "next").glob("bench-*/capsules"))

    with author.sweep() as killed:
        until(building, 180, "a build")
        killed.kill()
        killed.wait()
    assert "it is built beside it" in author.offered(), (
        "what was killed left nothing that is offered"
    )

    with author.sweep(), author.sweep():
        until(lambda: "replayed on" in author.offered(), BUILT_S, "the offer")
        assert author.offered() == (
            "Version 2 is newer than the capsule's 1: it was built and replayed on 3 cases:"
            f" 1 broken, 1 mended. Take it with: capsules next {NAME}"
        )
        assert list((author.started.home / "next").iterdir()) == []
        assert author.git("status", "--porcelain") == ""
        ahead = author.started.get(f"/deployments/name/{NAME}/next")
        assert ahead["version"] == f"{commit}-models-{MODEL}-2"

        author.register("3", "age")
        until(lambda: "was not built" in author.offered(), 90, "the refusal")
        assert "Version 3 does not fit" in author.offered()
        assert "the column age is gone" in author.offered()

        told = author.capsules("next", NAME).stderr
        assert (
            f"{FOLDER} was of {address} and is of models:/{MODEL}/2 now: it was built and replayed"
            in told
        )
        changed = {line[3:] for line in author.git("status", "--porcelain").splitlines()}
        assert {f"{FOLDER}/declaration.py", f"{FOLDER}/model.py"} <= changed
        assert all(one.startswith(f"{FOLDER}/") for one in changed)
        assert (
            f'registered="models:/{MODEL}/2"'
            in (author.project / FOLDER / "declaration.py").read_text()
        )

        author.commit("The next version")
        author.capsules("deploy", "--prefect-file", f"{FOLDER}/prefect.yaml")
        assert "Version 3 is newer than the capsule's 2" in author.offered()
