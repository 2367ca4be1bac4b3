"""Training: `python -m tumor_malignancy.train` writes the model, its figures and the example cases.

Data: Wisconsin diagnostic breast cancer (569 women), as it ships inside scikit-learn.
"""

import json
from argparse import ArgumentParser
from pathlib import Path

import joblib
import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    RepeatedStratifiedKFold,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from capsule_kit import write_profile
from tumor_malignancy.declaration import capsule
from tumor_malignancy.model import FEATURES, FOLDER, MODEL_FILE

SEED = 1995
HELD_OUT = 0.2
REPEATS = 10
PUBLISHED = {
    "accuracy": 0.975,
    "how": "repeated 10-fold cross-validation, one plane in the same three measurements",
    "source": "wdbc.names, the data set's own documentation (Wolberg, Street and Mangasarian 1995)",
}


def read_cases() -> tuple[pd.DataFrame, pd.Series]:
    """Return the measurements, shape (569, 3), and whether each mass is malignant."""
    data = load_breast_cancer(as_frame=True)
    measured = data.data.rename(columns=lambda name: name.replace(" ", "_"))[FEATURES]
    return measured, data.target.eq(list(data.target_names).index("malignant"))


def new_model() -> Pipeline:
    """Return the untrained model."""
    return make_pipeline(StandardScaler(), LogisticRegression())


def train(folder: Path) -> dict[str, object]:
    """Train on four fifths, look at the last fifth, write everything to `folder`; return the figures."""
    measured, malignant = read_cases()
    seen, held, seen_truth, held_truth = train_test_split(
        measured, malignant, test_size=HELD_OUT, stratify=malignant, random_state=SEED
    )
    model = new_model().fit(seen, seen_truth)
    named = model.predict(held)
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=REPEATS, random_state=SEED)
    figures: dict[str, object] = {
        "trained_on": len(seen),
        "held_out": len(held),
        "held_out_right": int((named == held_truth).sum()),
        "held_out_malignant": int(held_truth.sum()),
        "held_out_malignant_found": int((named & held_truth).sum()),
        "cross_validated_accuracy": float(
            cross_val_score(new_model(), measured, malignant, cv=folds).mean()
        ),
        "published": PUBLISHED,
    }
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, folder / MODEL_FILE)
    write_profile(seen, capsule.manifest.contract, folder / "profile.json")
    (folder / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")
    example = held.sort_index()
    example.insert(0, "specimen", [f"WDBC-{number:04d}" for number in example.index])
    example["diagnosis"] = held_truth.loc[example.index].map({True: "malignant", False: "benign"})
    example.to_csv(folder / "example.csv", index=False)
    return figures


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=FOLDER, help="where to write")
    print(json.dumps(train(parser.parse_args().to), indent=2))
