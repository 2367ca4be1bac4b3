"""A small contract with one column of each kind, and tables against it."""

import pandas as pd

from capsule_flows.reading import Table
from capsule_kit.answers import ClassAnswer
from capsule_kit.columns import Column
from capsule_kit.contract import Contract

SAYS_RADIUS = "A nucleus is between 1 and 40 µm; is yours in nm?"

CONTRACT = Contract(
    columns=(
        Column(
            name="sample", kind="text", identifier=True, meaning="the slide's name", example="S-1"
        ),
        Column(
            name="radius",
            kind="number",
            unit="µm",
            at_least=1,
            at_most=40,
            meaning="mean radius of a nucleus",
            example="14.1",
            says={"bounds": SAYS_RADIUS},
        ),
        Column(
            name="cells", kind="integer", unit="dimensionless", meaning="cells seen", example="30"
        ),
        Column(
            name="stain",
            kind="choice",
            choices=("H&E", "Pap", "Giemsa"),
            meaning="the stain",
            example="Pap",
        ),
        Column(name="frozen", kind="yes/no", required=False, meaning="was frozen", example="yes"),
        Column(name="taken on", kind="date", required=False, meaning="day", example="2026-01-31"),
    ),
    answer=ClassAnswer(
        column="diagnosis",
        classes=("malignant", "benign"),
        positive="malignant",
        meaning="what histology said",
    ),
)

GOOD = {
    "sample": ["S-1", "S-2", "S-3"],
    "radius": ["14.1", "9", "12.5"],
    "cells": ["30", "28", "41"],
    "stain": ["Pap", "pap ", "H&E"],
    "frozen": ["yes", "FALSE", "no"],
    "taken on": ["2026-01-31", "2026-02-01", "2026-02-02"],
    "diagnosis": ["malignant", "Benign", "benign"],
}


def table(**changed: list[str]) -> Table:
    """Return the good table with some columns put in place of its own."""
    cells = pd.DataFrame({**GOOD, **{k.replace("_", " "): v for k, v in changed.items()}})
    return Table(cells=cells.astype("str"), first_line=2, how="written by a test")


def without(name: str) -> Table:
    """Return the good table without one column."""
    good = table()
    return Table(cells=good.cells.drop(columns=name), first_line=2, how=good.how)
