"""Large tables are checked as small ones are: the same findings, the same ids, told in bounded length."""

from collections import defaultdict

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from capsule_flows import checking
from capsule_flows.case_ids import case_ids
from capsule_flows.cells_as_text import arrow_text
from capsule_flows.checking import check
from capsule_flows.reading import Table
from capsule_kit.contract import Contract

from .contracts import CONTRACT, table

ROWS = 100_000
STAINS = {"H&E", "Pap", "Giemsa"}
PINNED = ["f3b71e9fdde00aea", "3828cea4f4bbf5cd", "c3f1d89c6b31486a"]
PINNED_REPEATED = [
    "3f0ddfb2fb02ee72",
    "3f0ddfb2fb02ee72-2",
    "df6d3e2dc3f2950a",
    "3f0ddfb2fb02ee72-3",
    "606b401ca17d254b",
]


def many(rows: int, **changed: np.ndarray) -> Table:
    """Return good rows, with some columns put in place of their own."""
    cells = {
        "sample": [f"S-{number}" for number in range(rows)],
        "radius": ["14.1"] * rows,
        "cells": ["30"] * rows,
        "stain": ["Pap"] * rows,
        "frozen": ["yes"] * rows,
        "taken on": ["2026-01-31"] * rows,
        "diagnosis": ["benign"] * rows,
    }
    return Table(pd.DataFrame({**cells, **changed}, dtype="str"), first_line=2, how="")


def mistake_in_radius(text: str) -> str | None:
    """Say what is wrong with one cell, written without any library."""
    if not text.strip():
        return "missing"
    try:
        value = float(text)
    except ValueError:
        return "kind"
    return None if 1 <= value <= 40 else "bounds"


def test_a_hundred_thousand_rows_give_the_findings_that_looking_at_each_row_gives() -> None:
    rng = np.random.default_rng(11)
    radius = np.array([f"{size:.4f}" for size in rng.uniform(1, 40.2, ROWS)], dtype=object)
    radius[rng.random(ROWS) < 0.01] = "<LOD"
    radius[rng.random(ROWS) < 0.01] = " "
    stain = rng.choice(np.array(["Pap", "H&E", "HE", "giemsa?"], dtype=object), ROWS)
    expected: dict[tuple[str, str, str | None], list[int]] = defaultdict(list)
    for line, (size, colour) in enumerate(zip(radius, stain, strict=True), start=2):
        if mistake := mistake_in_radius(size):
            expected["radius", mistake, size if size.strip() else None].append(line)
        if colour not in STAINS:
            expected["stain", "choices", colour].append(line)

    report = check(many(ROWS, radius=radius, stain=stain), CONTRACT)

    found = {(one.column, one.mistake, one.found): one for one in report.findings}
    assert found.keys() == expected.keys()
    assert {key: one.count for key, one in found.items()} == {
        key: len(lines) for key, lines in expected.items()
    }
    assert {key: one.rows for key, one in found.items()} == {
        key: tuple(lines[:20]) for key, lines in expected.items()
    }


def test_one_mistake_in_four_thousand_rows_is_one_finding_with_its_count() -> None:
    stain = np.array(["Pap"] * 9000, dtype=object)
    stain[1000:5000] = "HE"

    (one,) = check(many(9000, stain=stain), CONTRACT).findings

    assert (one.count, one.row, one.rows) == (4000, 1002, tuple(range(1002, 1022)))


def test_values_too_many_to_be_listed_are_counted_in_one_finding_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checking, "MOST_FINDINGS", 2)
    monkeypatch.setattr(checking, "FEWEST_VALUES", 2)
    radius = np.array(["14", "50", "51", "52", "50", "53", "52"], dtype=object)

    *listed, rest = sorted(
        check(many(7, radius=radius), CONTRACT).findings, key=lambda one: one.found is None
    )

    assert [(one.found, one.rows) for one in listed] == [("50", (3, 6)), ("51", (4,))]
    assert (rest.mistake, rest.found, rest.rows, rest.count) == ("bounds", None, (5, 7, 8), 3)
    assert rest.sentence.startswith("2 more values of “radius”, in 3 rows, fail in the same way")


def test_numbers_that_a_file_holds_as_numbers_are_found_as_their_texts_would_be() -> None:
    radius = [14.1, -0.0, None, float("nan"), float("inf"), 41.5, 2.0, 1e-7]
    cells = {name: arrow_text(texts) for name, texts in many(8).cells.items()}
    held = Table({**cells, "radius": pa.array(radius, pa.float64())}, first_line=2, how="")

    report = check(held, CONTRACT)

    assert report == check(Table(held.cells, first_line=2, how=""), CONTRACT)
    assert {(one.mistake, one.found, one.row) for one in report.findings} == {
        ("bounds", "0", 3),
        ("missing", None, 4),
        ("kind", "nan", 5),
        ("kind", "inf", 6),
        ("bounds", "41.5", 7),
        ("bounds", "1e-07", 9),
    }


@pytest.mark.parametrize("column", ["radius", "cells", "frozen", "sample"])
def test_good_numbers_that_a_file_holds_as_numbers_give_the_cases_that_their_texts_give(
    column: str,
) -> None:
    numbers = pa.array([14.0, 9.5, 39.25, 1.0] if column == "radius" else [1.0, 0.0], pa.float64())
    good = many(len(numbers), sample=np.array([f"{row}" for row in range(len(numbers))]))
    held = Table({**good.columns, column: numbers}, first_line=2, how="")

    report, of_text = check(held, CONTRACT), check(Table(held.cells, 2, ""), CONTRACT)

    assert report.accepted
    assert report.inputs is not None
    pd.testing.assert_frame_equal(report.inputs, of_text.inputs)


def test_ids_are_those_that_stand_in_ledgers_already() -> None:
    of_all_kinds = check(
        table(frozen=["yes", "", "no"], taken_on=["", "2026-02-01", "2026-02-02"]), CONTRACT
    )
    radius = pd.DataFrame(
        {"radius": ["2", "2.0", "3", "2e0", "14.1"], "diagnosis": ["benign"] * 5}, dtype="str"
    )
    of_one_number = check(
        Table(radius, first_line=2, how=""),
        Contract(columns=CONTRACT.columns[1:2], answer=CONTRACT.answer),
    )

    assert of_all_kinds.inputs is not None
    assert of_one_number.inputs is not None
    assert of_all_kinds.inputs["case_id"].tolist() == PINNED
    assert of_one_number.inputs["case_id"].tolist() == PINNED_REPEATED


@pytest.mark.parametrize("blank", [False, True])
def test_an_id_is_the_same_in_a_small_table_and_in_a_large_one(blank: bool) -> None:
    names = pd.Series([f"S-{number}" for number in range(3000)], dtype="str")
    stain = pd.Series(["Pap", "H&E", "Pap"] * 1000, dtype="str")
    large = pd.DataFrame({"sample": names, "stain": stain.mask(stain == "H&E") if blank else stain})

    ids = case_ids(large)

    few = large.iloc[:3].reset_index(drop=True)
    assert ids[:3].tolist() == case_ids(few).tolist()
    assert ids[2000:2003].tolist() == case_ids(large[2000:2003].reset_index(drop=True)).tolist()
    assert ids.is_unique
