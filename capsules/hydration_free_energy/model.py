"""The model: one weight for each of RDKit's descriptors, kept as a table that a person can read."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rdkit import Chem, rdBase
from rdkit.Chem import Descriptors

FOLDER = Path(__file__).parent / "model"
MODEL_FILE = "model.csv"
ELEMENTS = frozenset({"H", "C", "N", "O", "F", "P", "S", "Cl", "Br", "I"})
"""The elements of the training's molecules."""


def load() -> None:
    """Make the model ready; a first prediction imports what all later ones then have."""
    predict(pd.DataFrame({"smiles": ["O"]}), {})


@cache
def weights() -> pd.DataFrame:
    """Return the trained model, as `train` wrote it: one row a descriptor, with `low`, `high`, `weight`.

    The row `base` holds in `weight` what is predicted where every descriptor is zero.
    """
    return pd.read_csv(FOLDER / MODEL_FILE, index_col="descriptor")


def predict(cases: pd.DataFrame, settings: dict[str, Any]) -> pd.DataFrame:  # noqa: ARG001  # there are none
    """Return the hydration free energy of each case in kcal/mol, or why it has none."""
    read = cases["smiles"].map(molecule)
    why = read.map(why_none)
    table = weights()
    known = table.drop(index="base")
    given = pd.DataFrame(
        [descriptors(one) for one in read[why.isna()]], index=cases.index[why.isna()]
    ).reindex(columns=known.index)
    # No descriptor leads further than it did in training: some grow with a power of the size.
    held = given.clip(known["low"], known["high"], axis="columns").fillna(known["low"])
    energies = held.to_numpy(float) @ known["weight"].to_numpy() + table.loc["base", "weight"]
    energy = pd.Series(energies, index=held.index, dtype="float64").reindex(cases.index)
    return pd.DataFrame({"prediction": energy, "no_prediction": why}, index=cases.index)


def molecule(smiles: str) -> Chem.Mol | None:
    """Return the molecule without its stereochemistry, read from its one canonical SMILES.

    So the same molecule written otherwise has the same atoms in the same order. None where the text
    is no molecule.
    """
    # Its own complaints go to stderr, where nobody who asked reads them.
    with rdBase.BlockLogs():
        read = Chem.MolFromSmiles(str(smiles))
        if read is None or not read.GetNumAtoms():
            return None
        return Chem.MolFromSmiles(Chem.MolToSmiles(read, isomericSmiles=False))


def why_none(read: Chem.Mol | None) -> str | None:
    """Return why a molecule gets no prediction, in the kit's words; None where it gets one."""
    if read is None:
        return "unreadable input"
    strange = {atom.GetSymbol() for atom in read.GetAtoms()} - ELEMENTS
    pieces = len(Chem.GetMolFrags(read))
    return "refused" if strange or pieces > 1 or Chem.GetFormalCharge(read) else None


def descriptors(read: Chem.Mol) -> dict[str, float]:
    """Return RDKit's descriptors of a molecule by name; what it cannot compute is NaN."""
    with rdBase.BlockLogs(), np.errstate(all="ignore"):
        found: dict[str, float] = Descriptors.CalcMolDescriptors(read, missingVal=float("nan"))
    return {name: value if np.isfinite(value) else float("nan") for name, value in found.items()}
