"""The model: a linear support vector machine on the expression of 765 genes, loaded once."""

from functools import cache
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from sklearn.pipeline import Pipeline

FOLDER = Path(__file__).parent / "model"
MODEL_FILE = "model.joblib"


def load() -> None:
    """Make the model ready."""
    trained()


@cache
def trained() -> Pipeline:
    """Return the trained model; it knows its genes by name."""
    return joblib.load(FOLDER / MODEL_FILE)


def predict(cases: pd.DataFrame, settings: dict[str, Any]) -> pd.DataFrame:  # noqa: ARG001  # there are none
    """Return the kind of each cell."""
    model = trained()
    return pd.DataFrame(
        {"prediction": model.predict(cases[model.feature_names_in_])}, index=cases.index
    )
