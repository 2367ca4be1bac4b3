"""The cell biologist's capsule: its figures, and a table of 767 columns that a spreadsheet has been at."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from capsule_flows.checking import check
from capsule_flows.reading import Table, read_table
from capsule_kit.training_profile import TrainingProfile
from cell_type import model
from cell_type.declaration import CLASSES, GENES, capsule


@pytest.fixture(scope="module")
def folder(pbmc: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what the training wrote, by the command that an image's build runs."""
    to = tmp_path_factory.mktemp("cells")
    train = [sys.executable, "-m", "cell_type.train"]
    subprocess.run([*train, "--to", str(to), "--data", str(pbmc)], check=True)
    return to


def test_the_declaration_needs_neither_the_model_nor_the_data() -> None:
    code = "import sys, cell_type.declaration; assert not {'sklearn', 'h5py'} & {*sys.modules}"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_figures_are_those_that_the_page_and_the_docs_tell(folder: Path) -> None:
    figures = json.loads((folder / "figures.json").read_text())
    docs = (Path(__file__).parents[2] / "docs" / "examples.md").read_text()

    assert f"{100 * figures['cross_validated_accuracy']:.0f} % right" in docs
    assert f"Trained on {figures['trained_on']} cells" in capsule.manifest.page.limits


def test_the_example_keeps_the_contract_and_holds_no_cell_of_the_training(folder: Path) -> None:
    table = read_table(folder / "example.csv")
    assert isinstance(table, Table)
    report = check(table, capsule.manifest.contract)
    assert report.inputs is not None, report.findings
    assert report.answers is not None
    profile = TrainingProfile.of_file(folder / "profile.json")

    assert len(report.inputs) + profile.rows == 700
    assert not profile.trained.among(report.inputs, capsule.manifest.contract.columns).any()
    assert set(report.answers["answer"]) == set(CLASSES)


def test_a_spreadsheets_dates_are_known_as_the_genes_they_were(
    folder: Path, tmp_path: Path
) -> None:
    written = (folder / "example.csv").read_text()
    (tmp_path / "saved.csv").write_text(
        written.replace("SEPT7,", "7-Sep,", 1).replace("SEPT9,", "9-Sep,", 1)
    )
    table = read_table(tmp_path / "saved.csv")
    assert isinstance(table, Table)
    report = check(table, capsule.manifest.contract)

    assert report.accepted
    taken = [(one.column, one.found) for one in report.findings if one.mistake == "column taken"]
    assert taken == [("SEPT7", "7-Sep"), ("SEPT9", "9-Sep")]


def test_it_names_cells_whatever_the_order_of_their_columns(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "FOLDER", folder)
    model.trained.cache_clear()
    cases = pd.read_csv(folder / "example.csv")
    said = model.predict(cases[list(GENES)], {})
    turned = model.predict(cases[list(reversed(GENES))], {})

    assert said.equals(turned)
    right = (said["prediction"] == cases["bulk_labels"]).sum()
    assert right == json.loads((folder / "figures.json").read_text())["held_out_right"]
    model.trained.cache_clear()
