"""The model: a Cox regression of lifelines, which needs an older pandas than the capsule's own Python has."""

import pickle
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent / "model"
MODEL_FILE = "model.pkl"
GRADES = {"I": 1, "II": 2, "III": 3}


def load() -> None:
    """Make the model ready."""
    trained()


@cache
def trained() -> Any:
    """Return the trained model."""
    with (FOLDER / MODEL_FILE).open("rb") as file:
        return pickle.load(file)  # noqa: S301  # written by `fit` in the same image


def covariates(cases: pd.DataFrame) -> pd.DataFrame:
    """Return what the regression is on, float64; counts and receptors by their logarithms."""
    return pd.DataFrame(
        {
            "hormone_therapy": cases["hormone_therapy"].astype(bool).astype(float),
            "age": cases["age"].astype(float),
            "after_menopause": (cases["menopause"] == "after").astype(float),
            "tumor_size": cases["tumor_size"].astype(float),
            "tumor_grade": cases["tumor_grade"].map(GRADES).astype(float),
            "positive_nodes": np.log(cases["positive_nodes"].astype(float)),
            "progesterone_receptor": np.log1p(cases["progesterone_receptor"].astype(float)),
            "estrogen_receptor": np.log1p(cases["estrogen_receptor"].astype(float)),
        },
        index=cases.index,
    )


def predict(cases: pd.DataFrame, settings: dict[str, Any]) -> pd.DataFrame:  # noqa: ARG001  # there are none
    """Return each woman's risk beside an average woman's: 2.0 is twice as soon."""
    risk = trained().predict_partial_hazard(covariates(cases))
    return pd.DataFrame({"prediction": risk.to_numpy()}, index=cases.index)
