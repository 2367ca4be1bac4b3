"""The study's women as both sides read them: who trains the model, and who makes the example. Needs pandas alone."""

from pathlib import Path

import pandas as pd

FILE = "lifelines/datasets/gbsg2.csv"
SEED = 1984
HELD_OUT = 5
"""One in so many is kept out of the training: the example."""
NAMES = {
    "horTh": "hormone_therapy",
    "age": "age",
    "menostat": "menopause",
    "tsize": "tumor_size",
    "tgrade": "tumor_grade",
    "pnodes": "positive_nodes",
    "progrec": "progesterone_receptor",
    "estrec": "estrogen_receptor",
    "time": "recurrence_free_days",
    "cens": "recurrence",
}
"""The study's columns, and what the contract calls them."""


def read_cases(package: Path) -> pd.DataFrame:
    """Return the women, shape (686, 11), under the contract's names; `package` holds what lifelines ships."""
    read = pd.read_csv(package / FILE).rename(columns=NAMES)[[*NAMES.values()]]
    read["menopause"] = read["menopause"].map({"Pre": "before", "Post": "after"})
    # 1 is a recurrence or a death: what the study counts.
    read["recurrence"] = read["recurrence"] == 1
    read["hormone_therapy"] = read["hormone_therapy"] == "yes"
    read.insert(0, "patient", [f"GBSG2-{place:03d}" for place in range(1, len(read) + 1)])
    return read


def held_out(cases: pd.DataFrame) -> pd.Series:
    """Return whether each woman is kept out of the training: one in five with a recurrence, and without."""
    shuffled = cases.sample(frac=1, random_state=SEED)
    place = shuffled.groupby("recurrence").cumcount()
    return (place % HELD_OUT == 0).reindex(cases.index)
