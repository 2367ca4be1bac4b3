"""How long the data check of a large table takes, once its libraries are imported."""

import time
from statistics import median

import pandas as pd

from benchmarks.figures import Figure
from benchmarks.trials import EXAMPLE, NAME

ROWS = 10_000
TIMES = 5


def measure_check() -> dict[str, Figure]:
    """Check a table of 10,000 good rows against the example's contract."""
    from capsule_flows.checking import check
    from capsule_flows.reading import Table
    from capsule_flows.releases import find_published

    contract = find_published(NAME).manifest.contract
    table = Table(cells=many_rows(), first_line=2, how="made for this measurement")
    check(Table(table.cells.head(10), first_line=2, how=""), contract)  # imports what it needs
    seconds = []
    for _ in range(TIMES):
        start = time.perf_counter()
        report = check(table, contract)
        seconds.append(time.perf_counter() - start)
        if not report.accepted:
            message = f"The rows made for the measurement are refused: {report.findings[:3]}"
            raise SystemExit(message)
    note = f"the data check of {ROWS:,} rows after import, median of {TIMES}"
    return {"check_10000_rows_s": Figure(round(median(seconds), 3), "s", note)}


def many_rows() -> pd.DataFrame:
    """Return the example's rows again and again, each with a specimen number of its own."""
    example = pd.read_csv(EXAMPLE, dtype=str)
    rows = pd.concat([example] * (ROWS // len(example) + 1)).head(ROWS).reset_index(drop=True)
    rows["specimen"] = [f"S-{number}" for number in range(ROWS)]
    return rows
