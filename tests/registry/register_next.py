"""Registers a version of a model with MLflow's own client: `python register_next.py URL LIMIT [COLUMN …]`.

What is as large as the limit it calls malignant; each further word is a column that it does not take.
"""

import sys
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature


class Nodule(mlflow.pyfunc.PythonModel):  # type: ignore[misc, name-defined]  # mlflow is not there for mypy
    """Calls a nodule malignant from a size on."""

    def __init__(self, limit: float) -> None:
        self.limit = limit

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """Return the class for each row."""
        malignant = model_input["size_mm"] >= self.limit
        return pd.DataFrame({"diagnosis": np.where(malignant, "malignant", "benign")})


if __name__ == "__main__":
    mlflow.set_tracking_uri(sys.argv[1])
    mlflow.set_experiment("models")
    rows = pd.DataFrame({"size_mm": [1.5, 22.0], "site": ["left", "right"], "age": [40, 60]})
    rows = rows.drop(columns=sys.argv[3:])
    model = Nodule(float(sys.argv[2]))
    with mlflow.start_run():
        mlflow.pyfunc.log_model(
            name="model",
            python_model=model,
            signature=infer_signature(rows, model.predict(None, rows)),
            input_example=rows,
            registered_model_name="nodule_size",
        )
