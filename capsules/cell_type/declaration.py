"""What the capsule asks, needs and promises. Imports nothing of the model."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, create_model

from capsule_kit import Capsule, ClassAnswer, Criterion, Page, column

HERE = Path(__file__).parent
GENES = tuple(
    line for line in (HERE / "genes.txt").read_text().split("\n") if line and line[0] != "#"
)
"""The genes that the model is given, 765, in its order."""
OTHER_NAMES = {
    "SEPT7": ("SEPTIN7", "7-Sep", "Sep-07"),
    "SEPT9": ("SEPTIN9", "9-Sep", "Sep-09"),
}
"""What a gene is called now, and what a spreadsheet makes of what it was called."""
CLASSES = (
    "CD14+ Monocyte",
    "CD19+ B",
    "CD34+",
    "CD4+/CD25 T Reg",
    "CD4+/CD45RA+/CD25- Naive T",
    "CD4+/CD45RO+ Memory",
    "CD56+ NK",
    "CD8+ Cytotoxic T",
    "CD8+/CD45RA+ Naive Cytotoxic",
    "Dendritic",
)


def _gene(name: str) -> Any:
    return column(
        unit="dimensionless",
        at_least=0,
        at_most=12,
        meaning=f"Expression of {name}: ln(1 + counts per 10,000 counts of this cell).",
        example=0,
        synonyms=OTHER_NAMES.get(name, ()),
        says={
            "missing": "Write 0 where the gene was not seen in this cell.",
            "bounds": "Give ln(1 + counts per 10,000), from 0 to about 9; raw counts and scaled values are something"
            " else.",
        },
    )


class Named(BaseModel):
    """What a cell is called."""

    cell: str = column(
        identifier=True,
        meaning="The cell's barcode; shown beside every result.",
        example="AAAGCCTGGCTAAC-1",
        synonyms=("barcode", "index"),
        says={
            "missing": "Give the cell its barcode, so that you find it again.",
            "duplicate": "This barcode is in the table twice; cells of two samples need a suffix each.",
        },
    )


_FIELDS: dict[str, Any] = {name: (float, _gene(name)) for name in GENES}
Cell = create_model("Cell", __base__=Named, __doc__="One blood cell.", **_FIELDS)


class Settings(BaseModel):
    """Nothing can be changed on the form."""

    model_config = ConfigDict(extra="forbid")


capsule = Capsule(
    name="cell_type",
    title="Which kind of blood cell is this?",
    row=Cell,
    answer=ClassAnswer(
        column="bulk_labels",
        classes=CLASSES,
        meaning="The kind of cell, from the sorted population that it is most like.",
        synonyms=("cell_type", "label"),
        says={
            "choices": "Write the kind as it is listed, or leave the cell blank if it is not known."
        },
    ),
    settings=Settings,
    model="cell_type.model",
    criteria=(Criterion(metric="right", at_least=0.75, tier="critical"),),
    profile=HERE / "model" / "profile.json",
    gate=HERE / "gate.toml",
    page=Page(
        does="Reads how strongly 765 genes are expressed in a cell and names the one of ten kinds of blood cell that"
        " it is most like.",
        needs="A table with one row for each cell, its barcode, a column for each gene, and the kind of cell where you"
        " know it.",
        limits="Trained on 560 cells of one healthy donor. Some kinds are rare in it: 8 naive and 19 memory T helper"
        " cells among 700; it often takes one kind of T cell for another. It names one of the ten"
        " kinds whatever the cell is.",
    ),
)

flow = capsule.flow()
