"""The epidemiologist's capsule: its figures beside the published one, fitted by lifelines in a Python of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from breast_cancer_recurrence import train
from breast_cancer_recurrence.cases import HELD_OUT, held_out, read_cases
from breast_cancer_recurrence.declaration import capsule
from capsule_flows.checking import check
from capsule_flows.reading import Table, read_table
from capsule_kit import NoDataPackage, data_package
from capsule_kit.training_profile import TrainingProfile

FOLDER = Path(train.__file__).parent
ASK = """
import json, sys
import pandas as pd
from pathlib import Path
from breast_cancer_recurrence import model
model.FOLDER = Path(sys.argv[1])
cases = pd.read_csv(sys.argv[2], true_values=["yes"], false_values=["no"])
print(pd.__version__)
print(json.dumps(model.predict(cases, {})["prediction"].tolist()))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the developer's side writes."""
    to = tmp_path_factory.mktemp("recurrence")
    try:
        with data_package(train.DATA) as package:
            train.train(to, package)
    except NoDataPackage as cause:
        if os.environ.get("CAPSULES_REQUIRE_DATA") == "1":
            pytest.fail(str(cause))
        pytest.skip(str(cause))
    return to


@pytest.fixture(scope="module")
def lifelines(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model's own Python, by the lock that the image's build takes; the model fitted beside the example."""
    uv, here = Path(sys.executable).with_name("uv"), tmp_path_factory.mktemp("lifelines")
    python = here / "bin" / "python"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, here], check=True)
    install = [uv, "pip", "install", "--quiet", "--require-hashes", "--python", python]
    subprocess.run([*install, "-r", FOLDER / "model.txt"], check=True)
    asked(python, "-m", "breast_cancer_recurrence.fit", "--to", folder)
    return python


def asked(python: Path, *words: str | Path) -> str:
    """Return what the model's Python says, with the capsule's folder on its path and nothing else of ours."""
    done = subprocess.run(
        [python, *words],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(FOLDER.parent), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_declaration_needs_neither_lifelines_nor_the_data() -> None:
    code = "import sys, breast_cancer_recurrence.declaration; assert 'lifelines' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_example_keeps_the_contract_and_holds_no_woman_of_the_training(folder: Path) -> None:
    table = read_table(folder / "example.csv")
    assert isinstance(table, Table)
    report = check(table, capsule.manifest.contract)
    assert report.inputs is not None, report.findings
    profile = TrainingProfile.of_file(folder / "profile.json")
    assert len(report.inputs) + profile.rows == 686
    assert not profile.trained.among(report.inputs, capsule.manifest.contract.columns).any()


def test_one_in_five_is_kept_out_whether_or_not_it_came_back(folder: Path) -> None:
    example = pd.read_csv(folder / "example.csv")
    shares = example["recurrence"].eq("yes").mean(), 299 / 686
    assert shares[0] == pytest.approx(shares[1], abs=0.01)
    assert len(example) == pytest.approx(686 / HELD_OUT, abs=1)


def test_the_figures_are_those_that_the_page_tells(folder: Path, lifelines: Path) -> None:
    """Cross-validated 0.69 beside 0.68 of a random survival forest."""
    assert lifelines.is_file()
    figures = json.loads((folder / "figures.json").read_text())
    crossed = figures["cross_validated_concordance"]
    assert crossed == pytest.approx(figures["published"]["concordance"], abs=0.02)
    page = capsule.manifest.page
    assert f"{100 * crossed:.0f} of 100 pairs" in page.does
    assert f"Fitted on {figures['trained_on']} women" in page.limits


def test_it_predicts_with_an_older_pandas_and_hormones_lower_the_risk(
    folder: Path, lifelines: Path, tmp_path: Path
) -> None:
    example = pd.read_csv(folder / "example.csv").drop(
        columns=["recurrence_free_days", "recurrence"]
    )
    risks = []
    for given in ("no", "yes"):
        example.assign(hormone_therapy=given).to_csv(tmp_path / "cases.csv", index=False)
        version, said = asked(lifelines, "-c", ASK, folder, tmp_path / "cases.csv").splitlines()
        assert version.startswith("2.")
        risks.append(pd.Series(json.loads(said)))
    without, with_therapy = risks
    assert (without > 0).all()
    assert (with_therapy < without).all()


def test_a_split_is_the_same_each_time(folder: Path) -> None:
    with data_package(train.DATA) as package:
        cases = read_cases(package)
    kept = set(pd.read_csv(folder / "example.csv")["patient"])
    assert kept == set(cases.loc[held_out(cases), "patient"])
