"""Registers models at an MLflow server with MLflow's own client: `python register.py URL`; run in MLflow's environment.

The signature of `wine` is written by MLflow's autologging alone.
"""

import sys
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from sklearn.datasets import load_diabetes, load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Ridge


class Nodule(mlflow.pyfunc.PythonModel):  # type: ignore[misc, name-defined]  # mlflow is not there for mypy
    """Calls a nodule malignant above a size, which is a parameter."""

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """Return the class and its probability for each row."""
        limit = (params or {}).get("limit_mm", 10.0)
        malignant = model_input["size_mm"] > limit
        score = np.clip(model_input["size_mm"] / (2 * limit), 0, 1)
        named = np.where(malignant, "malignant", "benign")
        return pd.DataFrame({"diagnosis": named, "probability": score})


def progression() -> None:
    """Version 1 with all that can be told, version 2 with neither signature nor example."""
    data = load_diabetes(as_frame=True)
    model = Ridge().fit(data.data, data.target)
    with mlflow.start_run():
        mlflow.log_metric("rmse", 54.5)
        mlflow.log_param("alpha", 1.0)
        mlflow.set_tag("mlflow.source.git.commit", "c0ffee" + 34 * "0")
        mlflow.sklearn.log_model(
            model,
            name="model",
            signature=infer_signature(data.data, model.predict(data.data)),
            input_example=data.data.head(3),
            registered_model_name="progression",
        )
    with mlflow.start_run():
        mlflow.sklearn.log_model(model, name="model", registered_model_name="progression")
    client = mlflow.MlflowClient()
    client.set_registered_model_alias("progression", "champion", "1")
    client.set_model_version_tag("progression", "1", "team", "north")


def wine() -> None:
    """One whose signature and example nobody wrote."""
    data = load_wine(as_frame=True)
    mlflow.sklearn.autolog(log_input_examples=True, registered_model_name="wine", silent=True)
    with mlflow.start_run():
        RandomForestClassifier(5, random_state=0).fit(data.data, data.target)
    mlflow.sklearn.autolog(disable=True)


def nodule() -> None:
    """A model of its own making, with parameters."""
    rows = {
        "size_mm": [1.5, 22.0],
        "site": ["left", "right"],
        "age": [40, 60],
        "smoker": [True, False],
    }
    example = pd.DataFrame(rows)
    params = {"limit_mm": 10.0, "mode": "fast", "levels": [1.0, 2.0]}
    given = Nodule().predict(None, example)
    with mlflow.start_run():
        mlflow.pyfunc.log_model(
            name="model",
            python_model=Nodule(),
            signature=infer_signature(example, given, params=params),
            input_example=example,
            registered_model_name="nodule",
        )


def deleted() -> None:
    """A model all of whose versions are gone, and one whose run is."""
    client = mlflow.MlflowClient()
    client.create_registered_model("emptied")
    with mlflow.start_run() as run:
        mlflow.sklearn.log_model(Ridge(), name="model", registered_model_name="orphan")
    client.delete_run(run.info.run_id)


if __name__ == "__main__":
    mlflow.set_tracking_uri(sys.argv[1])
    mlflow.set_experiment("models")
    progression()
    wine()
    nodule()
    deleted()
