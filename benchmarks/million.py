"""How long a trial of a million rows takes, from the file to the judgement, beside reading and predicting alone."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.figures import Figure
from benchmarks.stand import bare
from benchmarks.start import PROJECT

NAME = "tumor_malignancy"
EXAMPLE = PROJECT / "capsules" / NAME / "model" / "example.csv"
ROWS = 1_000_000
TIMES = 3
BOUND = 1.5
MEASURED = {
    "mean_texture": (5, 60, 2),
    "worst_area": (100, 6000, 1),
    "worst_smoothness": (0.02, 0.4, 4),
}
"""Each measurement's bounds, and the decimals it is written with."""
READERS = {"parquet": "pd.read_parquet", "csv": "pd.read_csv"}
BARE = f"""
import pandas as pd
from {NAME} import model
model.load()
cases = READER("/data/cases.FORMAT").set_index("specimen").drop(columns="diagnosis")
model.predict(cases, {{"threshold": 0.5}}).to_parquet("/tmp/predictions.parquet")
"""


@dataclass
class _Turns:
    """What was measured of one format, in seconds and bytes."""

    whole: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    stages: list[dict[str, float]] = field(default_factory=list)
    peak_bytes: int = 0
    size_bytes: int = 0


def measure_million(tell: Callable[[str], None] = print) -> dict[str, Figure]:
    """Take a million rows through trials, as CSV and as Parquet, in turn with bare containers.

    Needs a start (`everything_running`); `tell` is given a line for each measurement.
    """
    from capsule_flows.releases import find_published

    published = find_published(NAME)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        _write(folder)
        _warm(published)
        turns = {kind: _Turns() for kind in READERS}
        for turn in range(1, TIMES + 1):
            for kind, measured in turns.items():
                _take(published, folder / f"cases.{kind}", f"million-{turn}", measured)
                tell(f"{kind} trial {turn}: {_said(measured.stages[-1])}")
                if published.image:
                    measured.bare.append(bare(published.image, folder, _bare_code(kind)))
                    tell(f"{kind} bare run {turn}: {measured.bare[-1]:.2f} s")
    return _figures(turns)


def _figures(turns: dict[str, _Turns]) -> dict[str, Figure]:
    each = {f"million_rows_{kind}_vs_bare": _ratio(kind, one) for kind, one in turns.items()}
    seconds = {
        f"million_rows_{kind}_s": Figure(
            round(median(one.whole), 3),
            "s",
            f"{ROWS:,} rows as {kind} ({one.size_bytes / 1e6:.0f} MB), upload to published judgement,"
            f" median of {TIMES}; {_said(_medians(one.stages))}",
        )
        for kind, one in turns.items()
    }
    better = each["million_rows_parquet_vs_bare"]
    peak = max(one.peak_bytes for one in turns.values())
    return {
        "million_rows_vs_bare": Figure(
            better.value,
            "times",
            f"Parquet, a quarter of the CSV in size and typed: {better.note}",
            bound=BOUND,
            met=None if better.value is None else better.value <= BOUND,
        ),
        **each,
        **seconds,
        "million_rows_peak_gb": Figure(
            round(peak / 1e9, 2),
            "GB",
            "largest resident size of the process that checks and judges",
        ),
    }


def _ratio(kind: str, one: _Turns) -> Figure:
    if not one.bare:
        return Figure(None, "times", "not measured: no Docker engine answers here")
    each = median(whole / bare for whole, bare in zip(one.whole, one.bare, strict=True))
    whole, bare = median(one.whole), median(one.bare)
    note = (
        f"{ROWS:,} rows as {kind}: upload to published judgement, control side imported, by a"
        f" docker run that reads the same file and predicts; median ratio of {TIMES} turns,"
        f" medians {whole:.2f} s by {bare:.2f} s"
    )
    return Figure(round(each, 3), "times", note)


def _take(published: Any, file: Path, name: str, measured: _Turns) -> None:
    """Take a file through a whole trial, and note how long each stage took."""
    from capsule_flows.following import wait_final
    from capsule_flows.home import resources
    from capsule_flows.receiving import receive_cases
    from capsule_flows.settling import settle
    from capsule_flows.submitting import submit

    where, stages = resources(), {}
    measured.size_bytes = file.stat().st_size
    _forget_peak()
    start = time.perf_counter()
    with _stage(stages, "receive, read, check, seal"), file.open("rb") as stream:
        received = receive_cases(
            where, published.manifest, stream, file.name, name=name, by="benchmark"
        )
    if received.case_set is None:
        raise SystemExit(received.sentence)
    case_set = received.case_set.name
    del received
    with _stage(stages, "stage, run"):
        run_id = submit(where, published, case_set, {}, by="benchmark", door="command")
        wait_final(run_id, timeout_s=300)
    with _stage(stages, "settle, judge, publish"):
        outcome = settle(where, run_id)
    measured.whole.append(time.perf_counter() - start)
    measured.stages.append(stages)
    measured.peak_bytes = max(measured.peak_bytes, _peak())
    if outcome is None or outcome.kind != "judged":
        message = f"The trial {run_id} was not judged: {outcome}"
        raise SystemExit(message)


@contextmanager
def _stage(stages: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    stages[name] = time.perf_counter() - start


def _said(stages: dict[str, float]) -> str:
    return "; ".join(f"{name} {seconds:.2f} s" for name, seconds in stages.items())


def _medians(stages: list[dict[str, float]]) -> dict[str, float]:
    return {name: median(one[name] for one in stages) for name in stages[0]}


def _bare_code(kind: str) -> str:
    return BARE.replace("READER", READERS[kind]).replace("FORMAT", kind)


def _warm(published: Any) -> None:
    """Check the example once: a control side that serves has imported what it needs."""
    from capsule_flows.checking import check
    from capsule_flows.reading import Table, read_table

    table = read_table(EXAMPLE)
    if isinstance(table, Table):
        check(table, published.manifest.contract)


def _write(folder: Path) -> None:
    """Write a million rows made from the example, each measurement moved a little within its bounds."""
    example = pd.read_csv(EXAMPLE)
    rng = np.random.default_rng(1995)
    rows = example.iloc[rng.integers(0, len(example), ROWS)].reset_index(drop=True)
    for name, (low, high, decimals) in MEASURED.items():
        moved = rows[name].to_numpy() * rng.uniform(0.95, 1.05, ROWS)
        rows[name] = np.clip(moved, low, high).round(decimals)
    rows["specimen"] = [f"S-{number:07d}" for number in range(ROWS)]
    rows.to_csv(folder / "cases.csv", index=False)
    rows.to_parquet(folder / "cases.parquet", index=False)


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    status = Path("/proc/self/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return max(int(kilobytes) * 1024, 0)
