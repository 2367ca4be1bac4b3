"""The chemist's capsule: its figures beside the published ones, and what it makes of SMILES."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_series_equal
from rdkit import Chem

from capsule_flows.other_smiles import other_smiles
from capsule_kit.training_profile import TrainingProfile
from hydration_free_energy import model
from hydration_free_energy.declaration import capsule


@pytest.fixture(scope="module")
def folder(freesolv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what the training wrote, by the command that an image's build runs."""
    to = tmp_path_factory.mktemp("hydration")
    train = [sys.executable, "-m", "hydration_free_energy.train"]
    subprocess.run([*train, "--to", str(to), "--data", str(freesolv)], check=True)
    return to


@pytest.fixture
def predict(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(model, "FOLDER", folder)
    model.weights.cache_clear()
    yield lambda *smiles: model.predict(pd.DataFrame({"smiles": smiles}), {})
    model.weights.cache_clear()


def test_the_declaration_needs_neither_rdkit_nor_the_data() -> None:
    code = "import sys, hydration_free_energy.declaration; assert not {'rdkit', 'datamol'} & {*sys.modules}"
    subprocess.run([sys.executable, "-c", code], check=True)
    smiles = next(one for one in capsule.manifest.contract.columns if one.name == "smiles")
    assert smiles.draws == "molecule"


def test_the_figures_are_those_that_the_page_tells(folder: Path) -> None:
    """RMSE 1.3 kcal/mol on scaffolds that were not trained on; 1.54 of the published simulation."""
    figures = json.loads((folder / "figures.json").read_text())
    assert figures["cross_validated_rmse"] == pytest.approx(1.3, abs=0.05)
    assert figures["simulated_rmse"] == pytest.approx(figures["published"]["rmse"], abs=0.005)
    assert figures["held_out_rmse"] < figures["simulated_rmse"]
    does, limits = capsule.manifest.page.does, capsule.manifest.page.limits
    assert f"{figures['cross_validated_rmse']:.1f} kcal/mol" in does
    assert f"{figures['simulated_rmse']:.2f}" in does
    assert f"about {round(figures['trained_on'], -1)} small" in limits


def test_the_example_holds_no_molecule_of_the_training(folder: Path) -> None:
    example = pd.read_csv(folder / "example.csv")
    profile = TrainingProfile.of_file(folder / "profile.json")
    assert len(example) + profile.rows == 642
    assert not profile.trained.among(example, capsule.manifest.contract.columns).any()


def test_the_example_is_predicted_as_the_training_said(folder: Path, predict) -> None:
    example = pd.read_csv(folder / "example.csv")
    off = predict(*example["smiles"])["prediction"] - example["hydration_free_energy"]
    figures = json.loads((folder / "figures.json").read_text())
    assert (off**2).mean() ** 0.5 == pytest.approx(figures["held_out_rmse"], abs=1e-9)


def test_the_same_molecule_written_otherwise_is_predicted_the_same(folder: Path, predict) -> None:
    smiles = pd.read_csv(folder / "example.csv")["smiles"]
    others = smiles.map(other_smiles)
    assert ((others != smiles) & (others != "")).sum() > 100
    others = others.where(others != "", smiles)
    assert_series_equal(predict(*smiles)["prediction"], predict(*others)["prediction"])


def test_mirror_images_are_predicted_the_same(predict) -> None:
    left, right = predict("C[C@H](O)CC", "C[C@@H](O)CC")["prediction"]
    assert left == right


@pytest.mark.parametrize(
    ("smiles", "why"),
    [
        ("anisole", "unreadable input"),
        ("", "unreadable input"),
        ("c1ccccc", "unreadable input"),
        ("[Na+].[Cl-]", "refused"),
        ("CC(=O)[O-]", "refused"),
        ("O.CCO", "refused"),
        ("C[Si](C)(C)C", "refused"),
    ],
)
def test_what_cannot_be_predicted_says_so_and_the_others_are(
    smiles: str, why: str, predict
) -> None:
    told = predict("CCO", smiles, "c1ccccc1")
    assert told["no_prediction"].fillna("").tolist() == ["", why, ""]
    assert told["prediction"].notna().tolist() == [True, False, True]


def test_a_giant_is_held_within_what_the_training_saw(predict) -> None:
    """Descriptors grow with the size without bound, the prediction does not."""
    giant = "C" * 120
    assert Chem.MolFromSmiles(giant).GetNumAtoms() == 120
    (energy,) = predict(giant)["prediction"]
    assert -40 < energy < 40
