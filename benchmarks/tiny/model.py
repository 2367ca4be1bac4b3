"""Doubles numbers."""

import re
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

AT_WORK = "at work"


def load() -> None:
    """Do nothing."""


def predict(cases: "pd.DataFrame", settings: dict[str, Any]) -> "pd.DataFrame":
    """Return twice the numbers, and say that it has begun."""
    print(AT_WORK, file=sys.stderr, flush=True)
    if settings["deed"] == "sleep":
        time.sleep(60)
    if settings["deed"] == "hang":
        # One call into C that takes years and looks at no signal.
        re.match(r"(a*)*b", "a" * 60)
    return (cases[["size"]] * 2).rename(columns={"size": "prediction"})
