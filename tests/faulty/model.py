"""The model: right about every case, unless its settings ask for a harm.

It says on standard error where it is, so that a test can strike at that moment.
"""

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from faulty import deeds

STEP_S = 0.02
PLANTED = '[logging]\nlevel = "CRITICAL"\n'
"""A kit that reads this says nothing any more in the flow run's log."""


def load() -> None:
    """Leave settings where the kit may look for some: it has not imported Prefect yet."""
    for folder in ("/tmp", "/work", "."):
        with suppress(OSError):
            Path(folder, "prefect.toml").write_text(PLANTED)


def predict(cases: pd.DataFrame, settings: dict[str, Any]) -> pd.DataFrame:
    """Predict slowly, write slowly, and do the deed in between."""
    print("now predicting", flush=True)
    time.sleep(settings["predicting"])
    given = pd.DataFrame(
        {"prediction": cases["size"].gt(3).map({True: "yes", False: "no"})}, index=cases.index
    )
    given = deeds.do(settings["deed"], given, settings["facts"])
    print("now writing", flush=True)
    until = time.monotonic() + settings["writing"]
    with Path("notes.txt").open("a") as notes:
        notes.write("begun\n")
        notes.flush()
        while time.monotonic() < until:
            notes.write("a line of notes\n")
            notes.flush()
            time.sleep(STEP_S)
    return given
