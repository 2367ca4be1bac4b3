"""A capsule made of a model: an ordinary folder that lints, has types, keeps its own contract, and predicts as the model does."""

import json
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_wine
from sklearn.linear_model import LogisticRegression, Ridge

from capsule_flows.new_capsule import new_capsule
from capsule_flows.new_finding import CannotDraft, find_source
from capsule_kit import ModelFailed, OtherPython
from private_mlflow import MlflowHere
from protocol.asking import ask

PROJECT = Path(__file__).parents[2]
FOLDERS = ("flows", "blocks")
ASK = """
import importlib, json, sys
import pandas as pd
model = importlib.import_module(sys.argv[1])
cases = pd.read_csv(sys.argv[2])
cases.index = [f"c{place}" for place in range(len(cases))]
model.load()
print(model.predict(cases, json.loads(sys.argv[3])).to_json(orient="split"))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with this one's kit and settings, called in its folder."""
    (tmp_path / "capsules").mkdir()
    (tmp_path / "capsules" / "capsule_kit").symlink_to(PROJECT / "capsules" / "capsule_kit")
    for folder in FOLDERS:
        (tmp_path / folder).symlink_to(PROJECT / folder)
    (tmp_path / "pyproject.toml").write_text((PROJECT / "pyproject.toml").read_text())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def wine() -> pd.DataFrame:
    """Return a table whose headers are no names, with its answer."""
    data = load_wine(as_frame=True)
    named = data.data.rename(columns=lambda name: name.replace("_", " "))
    return named.assign(cultivar=data.target.map(lambda number: f"cultivar {number}"))


def pickled(to: Path) -> Path:
    """Write a classifier of the wines."""
    table = wine()
    model = LogisticRegression(max_iter=5000).fit(table.drop(columns="cultivar"), table["cultivar"])
    to.write_bytes(pickle.dumps(model))
    return to


def asked(name: str, settings: dict[str, object], python: Path | str) -> pd.DataFrame:
    """Return what a drafted capsule's model says of its example."""
    done = subprocess.run(
        [python, "-c", ASK, f"{name}.model", f"capsules/{name}/example.csv", json.dumps(settings)],
        env={**os.environ, "PYTHONPATH": "capsules"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    return pd.DataFrame(said["data"], index=said["index"], columns=said["columns"])


def run(*words: str | Path) -> None:
    """Run a tool that must end well, in the project's folder."""
    inherited = {**os.environ, "PYTHONPATH": "capsules"}
    done = subprocess.run(
        [sys.executable, "-m", *words], env=inherited, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def module(file: str) -> str:
    """Return a capsule's file as a module's path; what its author brought is no concern of ours."""
    return ".".join(Path(file).with_suffix("").parts[1:]).removesuffix(".__init__")


def diabetes() -> pd.DataFrame:
    """Return a table of numbers, with its answer."""
    data = load_diabetes(as_frame=True)
    return data.data.assign(progression=data.target)


def points() -> pd.DataFrame:
    """Return ages, and the points that they are worth."""
    return pd.DataFrame({"age (years)": range(40, 80), "points": range(80, 160, 2)})


def write_folder() -> None:
    """Write a folder with a function `predict` that imports what lies beside it."""
    Path("risk").mkdir()
    Path("risk/points.py").write_text("POINTS = 2\n")
    Path("risk/score.py").write_text(
        "import points\n\n\ndef predict(cases, settings):\n"
        "    return cases['age (years)'] * points.POINTS\n"
    )


def nodules() -> pd.DataFrame:
    """Return what a registered model was trained on."""
    sizes = pd.DataFrame({"size_mm": [3.0, 30.0] * 20, "site": ["left", "right"] * 20})
    return sizes.assign(age=50, smoker=True, diagnosis=["benign", "malignant"] * 20)


def test_whatever_it_is_made_of_a_capsule_lints_has_types_and_passes_its_own_test(
    project: Path, mlflow: MlflowHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow.url)
    write_folder()
    hostile = pd.DataFrame({'x" + os.name + "': range(40), 'it\'s "so"\n': range(40), "y": 1.5})
    for name in ("p.pkl", "p.joblib", "p.onnx", "p.R"):
        Path(name).write_bytes(b"")
    made = [
        new_capsule("of_pickle", find_source("p.pkl"), wine(), "cultivar"),
        new_capsule("of_joblib", find_source("p.joblib"), diabetes(), "progression"),
        new_capsule("of_onnx", find_source("p.onnx"), diabetes(), "progression"),
        new_capsule("of_r", find_source("p.R"), points(), "points"),
        new_capsule("of_folder", find_source("risk"), points(), "points"),
        new_capsule("of_hostile", find_source("p.pkl"), hostile, "y"),
        new_capsule("of_mlflow", find_source("models:/nodule/1"), nodules(), "diagnosis"),
        new_capsule("of_nothing", find_source("p.pkl")),
    ]
    written = [str(file) for one in made for file in one.files if file.suffix == ".py"]
    run("ruff", "check", *written)
    run("ruff", "format", "--check", *written)
    run("mypy", *(word for file in written if "tests" not in file for word in ("-m", module(file))))
    run("pytest", "-q", "-p", "no:cacheprovider", "tests/capsules")


def test_a_pickle_becomes_a_capsule_that_predicts_as_it_does(project: Path) -> None:
    source = find_source(str(pickled(project / "wine.pkl")))
    new_capsule("cultivar", source, wine(), "cultivar")
    example = pd.read_csv("capsules/cultivar/example.csv")
    said = asked("cultivar", {}, sys.executable)
    own = pickle.loads((project / "wine.pkl").read_bytes()).predict(
        wine().loc[:, lambda table: table.columns != "cultivar"]
    )
    assert set(said["prediction"]) <= set(own)
    assert (said["prediction"].to_numpy() == example["cultivar"].to_numpy()).mean() > 0.9
    assert "scikit-learn" in Path("capsules/cultivar/requirements.txt").read_text()


def test_a_registered_model_becomes_a_capsule_with_its_settings_and_its_score(
    project: Path, mlflow: MlflowHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow.url)
    source = find_source("models:/nodule/1")
    new_capsule("nodule", source, nodules(), "diagnosis")
    assert 'registered="models:/nodule/1"' in Path("capsules/nodule/declaration.py").read_text()
    lines = Path("capsules/nodule/requirements.txt").read_text().splitlines()
    assert any(line.startswith("mlflow-skinny==") for line in lines)
    assert not any(line.startswith("mlflow==") for line in lines)
    settings = {"limit_mm": 10.0, "mode": "fast", "levels": [1.0, 2.0]}
    said = asked("nodule", settings, mlflow.python)
    size = pd.read_csv("capsules/nodule/example.csv")["size_mm"].to_numpy()
    assert list(said["prediction"]) == ["malignant" if one > 10 else "benign" for one in size]
    assert list(said["score"]) == [min(one / 20, 1.0) for one in size]
    higher = asked("nodule", {**settings, "limit_mm": 40.0}, mlflow.python)
    assert set(higher["prediction"]) == {"benign"}


def test_an_alias_is_pinned_to_the_version_it_points_to(
    mlflow: MlflowHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow.url)
    assert find_source("models:/progression@champion").registered == "models:/progression/1"


@pytest.mark.parametrize("name", ["progression", "wine"])
def test_whatever_autologging_registered_predicts_in_its_capsule(
    project: Path, mlflow: MlflowHere, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow.url)
    new_capsule(name, find_source(f"models:/{name}/1"))
    said = asked(name, {}, mlflow.python)
    assert len(said) == len(pd.read_csv(f"capsules/{name}/example.csv"))
    assert said["prediction"].notna().all()


def test_an_onnx_file_becomes_a_capsule_that_predicts_as_its_model_did(
    project: Path, mlflow: MlflowHere
) -> None:
    write = """
import sys
from skl2onnx import to_onnx
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
data = load_diabetes(as_frame=True)
model = Ridge().fit(data.data.to_numpy("float32"), data.target)
open(sys.argv[1], "wb").write(to_onnx(model, data.data.to_numpy("float32")[:1]).SerializeToString())
"""
    subprocess.run([mlflow.python, "-c", write, "ridge.onnx"], check=True, capture_output=True)
    data = load_diabetes(as_frame=True)
    sample = data.data.assign(progression=data.target)
    new_capsule("ridge", find_source("ridge.onnx"), sample, "progression")
    said = asked("ridge", {}, mlflow.python)["prediction"]
    example = pd.read_csv("capsules/ridge/example.csv")
    own = Ridge().fit(data.data, data.target).predict(example[list(data.data)])
    assert said.to_numpy() == pytest.approx(own, rel=1e-3)


def test_a_folder_with_a_function_becomes_a_capsule_that_asks_it(project: Path) -> None:
    write_folder()
    new_capsule("risk_points", find_source("risk"), points(), "points")
    said = asked("risk_points", {}, sys.executable)["prediction"]
    assert list(said) == list(pd.read_csv("capsules/risk_points/example.csv")["age_years"] * 2)


def test_an_r_script_becomes_a_command_with_r_in_its_image(project: Path) -> None:
    Path("predict.R").write_text('cat("capsule loaded\\n")\n')
    made = new_capsule("in_r", find_source("predict.R"), points(), "points")
    assert (
        'Command("Rscript", "artifact/predict.R")' in (made.folder / "declaration.py").read_text()
    )
    assert "r-base-core" in (made.folder / "Dockerfile").read_text()
    assert (made.folder / "artifact" / "predict.R").is_file()
    assert not (made.folder / "model.py").exists()


def test_no_model_is_opened_while_its_capsule_is_made(project: Path) -> None:
    class Opened:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(project / "opened"),)

    Path("trap.pkl").write_bytes(pickle.dumps(Opened()))
    Path("trap").mkdir()
    Path("trap/score.py").write_text(
        "raise SystemExit\n\n\ndef predict(cases):\n    return cases\n"
    )
    new_capsule("trap_one", find_source("trap.pkl"), wine(), "cultivar")
    new_capsule("trap_two", find_source("trap"), wine(), "cultivar")
    assert not Path("opened").exists()


def test_another_python_than_the_images_is_said(project: Path) -> None:
    Path("m").mkdir()
    Path("m/MLmodel").write_text("flavors: {python_function: {python_version: 3.9.18}}")
    ask = new_capsule("older", find_source("m")).ask
    assert any(
        one.startswith("The model was written with Python 3.9, its image has 3.11") for one in ask
    )


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nowhere", "There is nothing at nowhere"),
        ("models:/nodule", "models:/nodule names no version"),
        ("models:/nodule/1", "No registry is connected"),
        ("notes.txt", "notes.txt is no model that is known here"),
        ("empty", "empty is no model that is known here: it holds no MLmodel"),
        ("two", "two holds several models (a.pkl, b.onnx)"),
        ("broken", "broken/score.py is no Python that can be read"),
    ],
)
def test_what_is_no_model_is_said_in_one_sentence(
    project: Path, monkeypatch: pytest.MonkeyPatch, address: str, said: str
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("CAPSULES_MODELS", raising=False)
    Path("notes.txt").write_text("no model")
    for folder in ("empty", "two", "broken"):
        Path(folder).mkdir()
    Path("two/a.pkl").write_bytes(b"")
    Path("two/b.onnx").write_bytes(b"")
    Path("broken/score.py").write_text("def predict(:")
    with pytest.raises(CannotDraft) as refused:
        find_source(address)
    assert str(refused.value).startswith(said)
    assert str(refused.value).count("\n") == 0


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("No Name", "cultivar", "'No Name' is no name for a capsule"),
        ("capsule_kit", "cultivar", "capsules/capsule_kit is there already"),
        ("fine", "colour", "The sample has no column 'colour'"),
        (
            "fine",
            None,
            "Nothing tells the answer from what the model is given: say --answer COLUMN",
        ),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_is_written(
    project: Path, name: str, answer: str | None, said: str
) -> None:
    source = find_source(str(pickled(project / "wine.pkl")))
    before = sorted(map(str, project.rglob("*")))
    with pytest.raises(CannotDraft, match="^" + re.escape(said)):
        new_capsule(name, source, wine(), answer)
    assert sorted(map(str, project.rglob("*"))) == before


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        (("size_mm", "diameter"), r"KeyError: 'size_mm'"),
        (('"type": "double", "name": "size_mm"', '"type": "string", "name": "size_mm"'), "size_mm"),
    ],
    ids=["another column", "another type"],
)
def test_a_signature_that_lies_is_the_models_failure_with_its_last_line(
    project: Path,
    mlflow: MlflowHere,
    monkeypatch: pytest.MonkeyPatch,
    lie: tuple[str, str],
    said: str,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow.url)
    monkeypatch.setenv("PYTHONPATH", "capsules")
    lying = project / "lying"
    lying.mkdir()
    find_source("models:/nodule/1").copy(lying)
    card = lying / "MLmodel"
    told = card.read_text()
    assert lie[0] in told
    card.write_text(told.replace(*lie))
    sample = nodules().rename(columns={lie[0]: lie[1]})
    new_capsule("liar", find_source("lying"), sample, "diagnosis")
    cases = pd.read_csv("capsules/liar/example.csv")
    cases.insert(0, "case_id", [f"{place:016x}" for place in range(len(cases))])
    cases.insert(1, "row", range(2, len(cases) + 2))
    monkeypatch.syspath_prepend(project / "capsules")
    with pytest.raises(ModelFailed, match=said) as failure:
        ask(OtherPython(str(mlflow.python), "liar.model"), project, cases)
    assert "Traceback" not in str(failure.value).splitlines()[0]
