"""Some rows of what the registry's models were trained on."""

from pathlib import Path

import pandas as pd
from sklearn.datasets import load_diabetes, load_wine


def samples(folder: Path) -> dict[str, tuple[Path, str]]:
    """Write some rows of what each model was trained on; return each with its answer's column."""
    sizes = pd.DataFrame({"size_mm": [3.0, 30.0] * 20, "site": ["left", "right"] * 20})
    wine, diabetes = load_wine(as_frame=True), load_diabetes(as_frame=True)
    tables = {
        "nodule": sizes.assign(age=50, smoker=True, diagnosis=["benign", "malignant"] * 20),
        "wine": wine.data.assign(cultivar=wine.target),
        "progression": diabetes.data.assign(progression=diabetes.target),
    }
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return {name: (folder / f"{name}.csv", table.columns[-1]) for name, table in tables.items()}
