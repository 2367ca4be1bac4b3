"""Models that MLflow's own client registered become capsules: made, built, deployed and tried, each in one go."""

import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.conftest import PROJECT, Started
from e2e.trained_on import samples
from private_mlflow import MlflowHere

pytestmark = pytest.mark.docker
NAMES = {"drafted_nodule": "nodule", "drafted_wine": "wine", "drafted_progression": "progression"}


@pytest.fixture
def drafts() -> Iterator[None]:
    """Leave nothing of what is drafted in the project."""
    tests = PROJECT / "tests" / "capsules"
    try:
        yield
    finally:
        for name in NAMES:
            shutil.rmtree(PROJECT / "capsules" / name, ignore_errors=True)
            (tests / f"test_{name}.py").unlink(missing_ok=True)
        # Whoever has capsules of their own has tests of theirs there.
        if tests.is_dir() and not any(tests.glob("*.py")):
            shutil.rmtree(tests)


@pytest.mark.usefixtures("drafts")
def test_registered_models_are_tried_minutes_after_somebody_named_them(
    started: Started, mlflow: MlflowHere, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One by its own class with parameters, one whose signature nobody wrote, one that gives a number."""
    there = Started(started.home, started.api_port, started.app_port, dict(started.extra))
    there.extra["MLFLOW_TRACKING_URI"] = mlflow.url
    right = {}
    for name, model in NAMES.items():
        sample, answer = samples(tmp_path)[model]
        begun = time.monotonic()
        given = ["--from", f"models:/{model}/1", "--sample", os.fspath(sample), "--answer", answer]
        there.capsules("new", name, *given)
        file = f"capsules/{name}/prefect.yaml"
        told = there.capsules("deploy", "--prefect-file", file)
        assert re.search(rf"{name}: \d+ texts marked \[\[write …\]\] in its declaration", told)
        tried = there.json("try", name, f"capsules/{name}/example.csv")
        with capsys.disabled():
            print(f"\n{model}: named to judged in {time.monotonic() - begun:.0f} s", end=" ")
        judgement = tried["judgement"]
        assert (tried["kind"], judgement["judged"], judgement["unpredicted"]) == ("judged", 20, 0)
        right[model] = judgement["rate"]["share"]
    refused = there.capsules("release", "drafted_nodule", code=65, told=True)
    assert "to be written" in refused
    assert "uncommitted changes when it was deployed" in refused
    assert right["nodule"] == 1.0
    assert right["wine"] > 0.9
    assert right["progression"] > 0


def test_what_is_deployed_from_a_commit_is_released_once_and_anything_else_is_refused(
    started: Started,
) -> None:
    """Which of the two depends on whether this very checkout has uncommitted changes."""
    version = started.get("/deployments/name/tumor_malignancy/trial")["version"]
    if version.endswith("-dirty"):
        told = started.capsules("release", "tumor_malignancy", code=65, told=True)
        assert "uncommitted changes when it was deployed" in told
        assert started.json("releases", "tumor_malignancy") == []
        return
    first = started.json("release", "tumor_malignancy")
    again = started.json("release", "tumor_malignancy")
    assert first == again
    assert (first["code_version"], first["image"][:7]) == (version, "sha256:")
    assert "agreed with" in first["sentence"]
    there = started.get("/deployments/name/tumor_malignancy/released")
    assert (there["version"], there["job_variables"]["image"]) == (version, first["image"])
    started.take_back("tumor_malignancy")
    (listed,) = started.json("releases", "tumor_malignancy")
    assert listed["trial"] == first["trial"]
    shown = started.json("show", first["trial"])
    assert (shown["release"], shown["door"]) == (first["release"], "release")


@pytest.mark.usefixtures("drafts")
def test_a_requirement_that_does_not_exist_is_the_first_thing_that_is_said(
    started: Started, tmp_path: Path
) -> None:
    (tmp_path / "any.pkl").write_bytes(b"")
    sample, answer = samples(tmp_path)["wine"]
    given = ["--from", os.fspath(tmp_path / "any.pkl"), "--sample", os.fspath(sample)]
    started.capsules("new", "drafted_wine", *given, "--answer", answer)
    folder = PROJECT / "capsules" / "drafted_wine"
    (folder / "requirements.txt").write_text("scikit-learn==99.1\n")
    file = ["--prefect-file", "capsules/drafted_wine/prefect.yaml"]
    told = started.capsules("deploy", *file, code=4, told=True)
    failed = told[told.index("prefect deploy failed: ") :].splitlines()[0]
    assert "there is no version of scikit-learn==99.1" in failed
    assert "Traceback" not in told
