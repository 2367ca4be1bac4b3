"""Training: `python -m cell_type.train` writes the model, its figures and the example cases.

Data: 700 cells and 765 genes of the 68,000 blood cells of G. X. Y. Zheng and others (Nature Communications 8,
2017), as they ship inside scanpy; the kinds are those of the sorted populations that the cells are most like.
"""

import json
from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path

import h5py
import joblib
import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from capsule_kit import data_package, write_profile
from cell_type.declaration import GENES, capsule
from cell_type.model import FOLDER, MODEL_FILE

DATA = Path(__file__).parent / "data.txt"
FILE = "scanpy/datasets/10x_pbmc68k_reduced.h5ad"
SEED = 2017
HELD_OUT = 0.2
REPEATS = 3
KIND = "bulk_labels"
PUBLISHED = {
    "how": "a linear support vector machine did best over all among 22 methods that name cells",
    "source": "Abdelaal and others, Genome Biology 20, 2019; no figure is published for these 700 cells",
}


def read_cases(package: Path) -> pd.DataFrame:
    """Return the cells, shape (700, 767): `cell`, a column for each gene, `bulk_labels`.

    The file is of anndata's first layout, which newer readers refuse: tables are structured arrays. Its
    `raw.X` is ln(1 + counts per 10,000) in compressed rows.
    """
    with h5py.File(package / FILE) as file:
        raw = file["raw.X"]
        parts = (raw["data"][:].astype(np.float64), raw["indices"][:], raw["indptr"][:])
        genes = file["raw.var"]["index"].astype(str)
        cells, codes = file["obs"]["index"].astype(str), file["obs"][KIND]
        kinds = file[f"uns/{KIND}_categories"][:].astype(str)[codes]
    expressed = csr_matrix(parts, shape=(len(cells), len(genes))).toarray().round(3)
    read = pd.DataFrame(expressed, columns=genes)[list(GENES)]
    named = pd.DataFrame({"cell": cells, KIND: kinds})
    return pd.concat([named[["cell"]], read, named[[KIND]]], axis=1)


def new_model() -> Pipeline:
    """Return the untrained model; so little weight on errors, as there are as many genes as cells."""
    return make_pipeline(StandardScaler(), LinearSVC(C=0.001, random_state=SEED))


def train(folder: Path, package: Path) -> dict[str, object]:
    """Train on four fifths, look at the last fifth, write everything to `folder`; return the figures."""
    cases = read_cases(package)
    genes, kinds = cases[list(GENES)], cases[KIND]
    seen, held = train_test_split(cases, test_size=HELD_OUT, stratify=kinds, random_state=SEED)
    model = new_model().fit(seen[list(GENES)], seen[KIND])
    folds = RepeatedStratifiedKFold(n_splits=8, n_repeats=REPEATS, random_state=SEED)
    figures: dict[str, object] = {
        "trained_on": len(seen),
        "held_out": len(held),
        "held_out_right": int((model.predict(held[list(GENES)]) == held[KIND]).sum()),
        "cross_validated_accuracy": float(
            cross_val_score(new_model(), genes, kinds, cv=folds).mean()
        ),
        "published": PUBLISHED,
    }
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, folder / MODEL_FILE)
    write_profile(seen, capsule.manifest.contract, folder / "profile.json")
    (folder / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")
    held.sort_index().to_csv(folder / "example.csv", index=False)
    return figures


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=FOLDER, help="where to write")
    parser.add_argument("--data", type=Path, help="where scanpy is unpacked, if it is")
    said = parser.parse_args()
    with nullcontext(said.data) if said.data else data_package(DATA) as package:
        print(json.dumps(train(said.to, package), indent=2))
