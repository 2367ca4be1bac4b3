"""Some rows of a training's table, as an author gives them when a capsule is drafted."""

from pathlib import Path
from typing import IO

import pandas as pd

from capsule_flows.new_finding import CannotDraft


def read_sample(content: Path | IO[bytes], filename: str) -> pd.DataFrame:
    """Return the rows of a CSV or Parquet file.

    Raises:
        CannotDraft: it cannot be read as a table.
    """
    try:
        if Path(filename).suffix.lower() == ".parquet":
            return pd.read_parquet(content)
        return pd.read_csv(content)
    except (OSError, ValueError) as cause:
        raise CannotDraft(f"The sample {filename} cannot be read as a table: {cause}.") from cause
