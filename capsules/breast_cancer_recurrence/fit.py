"""Fitting, in the image's Python for the model: `python -m breast_cancer_recurrence.fit` writes model and figures.

Data: German Breast Cancer Study Group 2 (M. Schumacher and others, J. Clin. Oncol. 12, 1994), 686 women, as
it ships inside lifelines.
"""

import json
import pickle
from argparse import ArgumentParser
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from lifelines.utils import concordance_index

from breast_cancer_recurrence.cases import SEED, held_out, read_cases
from breast_cancer_recurrence.model import FOLDER, MODEL_FILE, covariates

FOLDS, REPEATS = 10, 3
TIME, EVENT = "recurrence_free_days", "recurrence"
PUBLISHED = {
    "concordance": 0.68,
    "how": "random survival forest, on a quarter of the women kept out of its training",
    "source": "scikit-survival's user guide",
}


def table_of(cases: pd.DataFrame) -> pd.DataFrame:
    """Return covariates with time in days and event, 0 or 1."""
    return covariates(cases).assign(**{TIME: cases[TIME], EVENT: cases[EVENT].astype(int)})


def fitted(table: pd.DataFrame) -> CoxPHFitter:
    """Return the regression on a table."""
    return CoxPHFitter().fit(table, TIME, EVENT)


def concordance(model: CoxPHFitter, table: pd.DataFrame) -> float:
    """Return Harrell's concordance of a model on women it may not have seen."""
    risk = model.predict_partial_hazard(table)
    return float(concordance_index(table[TIME], -risk, table[EVENT]))


def crossed(table: pd.DataFrame) -> float:
    """Return the mean concordance over repeated folds, each woman once in each repeat kept out."""
    found = []
    for repeat in range(REPEATS):
        fold = np.random.default_rng(SEED + repeat).permutation(len(table)) % FOLDS
        found += [concordance(fitted(table[fold != n]), table[fold == n]) for n in range(FOLDS)]
    return float(np.mean(found))


def fit(folder: Path, package: Path) -> dict[str, object]:
    """Fit on four fifths, look at the last fifth, write everything to `folder`; return the figures."""
    cases = read_cases(package)
    table, held = table_of(cases), held_out(cases)
    model = fitted(table[~held])
    figures: dict[str, object] = {
        "trained_on": int((~held).sum()),
        "held_out": int(held.sum()),
        "held_out_concordance": concordance(model, table[held]),
        "cross_validated_concordance": crossed(table),
        "published": PUBLISHED,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL_FILE).write_bytes(pickle.dumps(model))
    (folder / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")
    return figures


def _package() -> Path:
    spec = find_spec("lifelines")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parents[1]


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=FOLDER, help="where to write")
    print(json.dumps(fit(parser.parse_args().to, _package()), indent=2))
