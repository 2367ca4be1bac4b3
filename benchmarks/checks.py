"""How long the data check of a table takes, beside the same conditions written by hand in pandas."""

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.figures import Figure, bounded
from benchmarks.start import PROJECT

if TYPE_CHECKING:
    from capsule_kit.contract import Contract

EXAMPLE = PROJECT / "capsules" / "tumor_malignancy" / "model" / "example.csv"
ROWS, MILLION, NUMBERS = 10_000, 1_000_000, 28
TIMES = 3
BOUND = 3.0
EDITED, EDITS, RECHECK_BOUND_S = 1_000, 7, 0.5
CLASSES = ("benign", "malignant")
BY_HAND = "to_numeric, isna, comparisons, duplicated, isin, and the rows that fail each"


def measure_check(tell: Callable[[str], None] = print) -> dict[str, Figure]:
    """Check good rows against the example's contract, and a million of 30 columns against one of their own.

    `tell` is given a line for each measurement.
    """
    from capsule_flows.checking import check
    from capsule_flows.fitting import Fitting
    from capsule_flows.reading import Table
    from tumor_malignancy.declaration import capsule

    contract = capsule.manifest.contract
    table = Table(cells=_many_of_the_example(), first_line=2, how="made for this measurement")
    check(Table(table.cells.head(10), first_line=2, how=""), contract)  # imports what it needs
    seconds = [_timed(lambda: check(table, contract), "check of 10,000", tell) for _ in range(5)]
    note = f"the data check of {ROWS:,} rows of the example after import, median of 5"
    short = Table(table.cells.head(EDITED), first_line=2, how="made for this measurement")
    edits = [Fitting(cells={line: {"mean_texture": "20.1"}}) for line in range(2, 2 + EDITS)]
    again = [_timed(partial(check, short, contract, edit), "an edit", tell) for edit in edits]
    return {
        "recheck_1000_rows_s": bounded(
            median(again),
            "s",
            f"a table of {EDITED:,} rows checked again after one cell was changed, median of {EDITS}",
            RECHECK_BOUND_S,
        ),
        "check_10000_rows_s": Figure(round(median(seconds), 3), "s", note),
        **_measure_million(tell),
    }


def _measure_million(tell: Callable[[str], None]) -> dict[str, Figure]:
    from capsule_flows.checking import check
    from capsule_flows.reading import Table

    contract, cells = _contract(), _cells()
    table = Table(cells=cells, first_line=2, how="made for this measurement")
    whole, by_hand, suite, typed_by_hand = [], [], [], []
    typed = _typed(cells)
    validate = _validation(contract, typed, cells)
    for _ in range(TIMES):
        whole.append(_timed(lambda: check(table, contract), "check of a million", tell))
        by_hand.append(_timed(lambda: _by_hand(cells), "the same by hand", tell))
        suite.append(_timed(validate, "suite alone, on typed columns", tell))
        typed_by_hand.append(
            _timed(lambda: _conditions(typed, cells), "the same by hand, on typed columns", tell)
        )
    return {
        "check_million_s": Figure(
            round(median(whole), 3),
            "s",
            f"the data check of {MILLION:,} rows x 30 columns of text: typed, validated,"
            f" findings, case ids; median of {TIMES}",
        ),
        "check_million_vs_pandas": _ratio(
            whole, by_hand, f"the check of text by the same from text by hand in pandas ({BY_HAND})"
        ),
        "suite_million_vs_pandas": Figure(
            round(median(suite) / median(typed_by_hand), 3),
            "times",
            "the Great Expectations suite alone by the same conditions by hand, both on columns"
            f" that are typed already; {median(suite):.2f} s by {median(typed_by_hand):.2f} s",
        ),
    }


def _ratio(ours: list[float], theirs: list[float], note: str) -> Figure:
    value = round(median(ours) / median(theirs), 3)
    note = f"{note}; {median(ours):.2f} s by {median(theirs):.2f} s, in turns, medians of {TIMES}"
    return Figure(value, "times", note, bound=BOUND, met=value <= BOUND)


def _contract() -> "Contract":
    from capsule_kit.answers import ClassAnswer
    from capsule_kit.columns import Column
    from capsule_kit.contract import Contract

    names = Column(name="case", kind="text", identifier=True, meaning="its name", example="S-1")
    bounds = {"at_least": 0, "at_most": 1, "unit": "mm", "example": "0.5"}
    numbers = [
        Column(name=f"x{place}", kind="number", meaning="a length", **bounds)
        for place in range(NUMBERS)
    ]
    answer = ClassAnswer(column="truth", classes=CLASSES, meaning="what is known")
    return Contract(columns=(names, *numbers), answer=answer)


def _cells() -> pd.DataFrame:
    """Return a million good rows of 30 columns as text, six digits to a number."""
    rng = np.random.default_rng(7)
    cells = {"case": pd.Series([f"S-{row}" for row in range(MILLION)], dtype="str")}
    for place in range(NUMBERS):
        cells[f"x{place}"] = pd.Series(rng.random(MILLION).round(6)).astype("str")
    cells["truth"] = pd.Series(rng.choice(CLASSES, MILLION)).astype("str")
    return pd.DataFrame(cells, copy=False)


def _typed(cells: pd.DataFrame) -> pd.DataFrame:
    numbers = {f"x{place}": pd.to_numeric(cells[f"x{place}"]) for place in range(NUMBERS)}
    return pd.DataFrame({**cells, **numbers}, copy=False)


def _by_hand(cells: pd.DataFrame) -> dict[tuple[str, str], pd.Index]:
    """Return the rows that break each condition, as an analyst would write it from text cells."""
    failing: dict[tuple[str, str], pd.Index] = {}
    typed = {}
    for place in range(NUMBERS):
        name = f"x{place}"
        typed[name] = pd.to_numeric(cells[name], errors="coerce")
        filled = cells[name].str.strip() != ""
        failing[name, "kind"] = cells.index[typed[name].isna() & filled]
    typed = pd.DataFrame({**cells, **typed}, copy=False)
    return {**failing, **_conditions(typed, cells)}


def _conditions(typed: pd.DataFrame, cells: pd.DataFrame) -> dict[tuple[str, str], pd.Index]:
    """Return the rows of typed columns that break each condition."""
    rows, failing = cells.index, {}
    for place in range(NUMBERS):
        values = typed[f"x{place}"]
        failing[f"x{place}", "missing"] = rows[values.isna()]
        failing[f"x{place}", "bounds"] = rows[(values < 0) | (values > 1)]
    failing["case", "missing"] = rows[cells["case"].isna()]
    failing["case", "duplicate"] = rows[cells["case"].duplicated(keep=False)]
    failing["truth", "no answer"] = rows[cells["truth"].isna()]
    failing["truth", "choices"] = rows[~cells["truth"].isin(CLASSES)]
    return failing


def _validation(
    contract: "Contract", typed: pd.DataFrame, cells: pd.DataFrame
) -> Callable[[], None]:
    """Return what validates every column that is typed already."""
    from capsule_flows.suites import AS_WRITTEN, UNREAD, failures, suite_of

    suite = suite_of(contract).expectations
    nothing = pd.Series(np.full(MILLION, np.nan))
    frames = {
        name: pd.DataFrame(
            {name: typed[name], name + AS_WRITTEN: cells[name], name + UNREAD: nothing}, copy=False
        )
        for name in cells
    }

    def validate() -> None:
        for name, frame in frames.items():
            if failures(frame, [one for one in suite if one.meta["column"] == name]):
                message = f"The rows made for the measurement are refused in {name}."
                raise SystemExit(message)

    return validate


def _many_of_the_example() -> pd.DataFrame:
    """Return the example's rows again and again, each with a specimen number of its own."""
    example = pd.read_csv(EXAMPLE, dtype=str)
    rows = pd.concat([example] * (ROWS // len(example) + 1)).head(ROWS).reset_index(drop=True)
    rows["specimen"] = [f"S-{number}" for number in range(ROWS)]
    return rows


def _timed(work: Callable[[], object], what: str, tell: Callable[[str], None]) -> float:
    start = time.perf_counter()
    done = work()
    seconds = time.perf_counter() - start
    if not getattr(done, "accepted", True):
        message = f"The rows made for the measurement are refused: {what}."
        raise SystemExit(message)
    tell(f"{what}: {seconds:.2f} s")
    return seconds
