"""The model: a logistic regression on three measurements, loaded once."""

from functools import cache
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from sklearn.pipeline import Pipeline

FOLDER = Path(__file__).parent / "model"
MODEL_FILE = "model.joblib"
FEATURES = ["mean_texture", "worst_area", "worst_smoothness"]


def load() -> None:
    """Make the model ready; a first prediction imports what all later ones then have."""
    predict(pd.DataFrame(0.0, index=["nobody"], columns=FEATURES), {"threshold": 0.5})


@cache
def trained() -> Pipeline:
    """Return the trained model."""
    return joblib.load(FOLDER / MODEL_FILE)


def predict(cases: pd.DataFrame, settings: dict[str, Any]) -> pd.DataFrame:
    """Return the predicted diagnosis and the probability of malignancy of each case."""
    score = trained().predict_proba(cases[FEATURES])[:, 1]
    named = pd.Series(score >= settings["threshold"], index=cases.index)
    return pd.DataFrame(
        {"prediction": named.map({True: "malignant", False: "benign"}), "score": score},
        index=cases.index,
    )
