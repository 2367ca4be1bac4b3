"""A capsule that takes a drug as SMILES, and its model: it reads the molecule, or only the text, as it is told."""

from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict

from capsule_kit import Capsule, NumberAnswer, Page, column

SOME = ("CC(=O)Oc1ccccc1C(=O)O", "c1ccccc1O", "CN1C=NC2=C1C(=O)N(C(=O)N2C)C", "OCC", "no molecule")


class Row(BaseModel):
    """One drug."""

    drug: str = column(meaning="What is weighed.", draws="molecule", example="CCO")


class Settings(BaseModel):
    """How it is read."""

    model_config = ConfigDict(extra="forbid")

    by_text: bool = column(
        default=False, meaning="Whether it looks at the letters alone.", example=True
    )


capsule = Capsule(
    name="example",
    title="How many heavy atoms has it?",
    row=Row,
    answer=NumberAnswer(
        column="atoms", unit="dimensionless", tolerance=0.5, meaning="Counted.", example=3
    ),
    settings=Settings,
    model="behaviour.drugs",
    page=Page(does="Counts atoms.", needs="A SMILES.", limits="Knows none."),
)


def load() -> None:
    """Nothing is loaded."""


def predict(cases: pd.DataFrame, settings: dict[str, Any]) -> pd.DataFrame:
    """Count heavy atoms; by the text alone, how far from its beginning an oxygen stands."""
    from rdkit import Chem

    def atoms(smiles: str) -> int:
        molecule = Chem.MolFromSmiles(smiles)
        return molecule.GetNumHeavyAtoms() if molecule else 0

    counted = cases["drug"].map((lambda smiles: smiles.find("O")) if settings["by_text"] else atoms)
    return pd.DataFrame({"prediction": counted.astype(float)}, index=cases.index)
