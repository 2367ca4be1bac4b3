"""Rows unlike the training are marked, at no more than the rate that is said; rows used in it are known."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from capsule_flows.training_findings import beside_training
from capsule_flows.training_likeness import MOST_SAID, compared, training_range
from capsule_kit.answers import ClassAnswer
from capsule_kit.columns import Column
from capsule_kit.contract import Contract
from capsule_kit.errors import CannotProfile
from capsule_kit.training_profile import TrainingProfile, profile_of, write_profile
from capsule_kit.training_rows import MOST_KEPT, row_hashes, rows_of

ANSWER = ClassAnswer(column="truth", classes=("a", "b"), meaning="m")
CONTRACT = Contract(
    columns=(
        Column(name="case", kind="text", identifier=True, meaning="m", example="S-1"),
        Column(name="radius", kind="number", unit="mm", meaning="m", example="9"),
        Column(name="area", kind="number", unit="mm²", meaning="m", example="250"),
        Column(name="site", kind="choice", choices=("left", "right"), meaning="m", example="left"),
        Column(name="frozen", kind="yes/no", required=False, meaning="m", example="no"),
        Column(name="taken", kind="date", required=False, meaning="m", example="2026-01-31"),
    ),
    answer=ANSWER,
)


def rows(n: int, seed: int) -> pd.DataFrame:
    """Return rows in which the area follows the radius, and neither is bell-shaped."""
    rng = np.random.default_rng(seed)
    radius = 7 + rng.gamma(2, 2, n)
    return pd.DataFrame(
        {
            "case": [f"{seed}-{place}" for place in range(n)],
            "row": np.arange(2, n + 2),
            "radius": radius,
            "area": np.pi * radius**2 * rng.lognormal(0, 0.05, n),
            "site": rng.choice(["left", "right"], n),
            "frozen": rng.random(n) < 0.3,
            "taken": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 365, n), "D"),
        }
    )


PROFILE = profile_of(rows(1_000, 1), CONTRACT)


def asked(**changed: object) -> pd.DataFrame:
    return rows(1, 2).assign(radius=9.0, area=254.0, frozen=True).assign(**changed)


def why(**changed: object) -> str | None:
    told = compared(asked(**changed), CONTRACT, PROFILE)["unlike"]
    return None if told.isna()[0] else str(told[0])


def test_a_row_like_the_training_is_not_marked() -> None:
    assert why() is None


def test_a_number_outside_the_trainings_range_is_said_with_the_range() -> None:
    seen = next(one for one in PROFILE.columns if one.name == "radius")

    assert why(radius=32.0, area=3217.0).startswith(  # type: ignore[union-attr]
        f"radius 32 mm; training had {training_range(seen)}"
    )


def test_a_word_a_day_and_a_blank_that_the_training_never_had_are_said() -> None:
    one_side = profile_of(rows(300, 1).assign(site="left"), CONTRACT)
    told = compared(asked(site="right"), CONTRACT, one_side)

    assert told["unlike"][0] == "site right; training had left"
    assert why(taken=pd.Timestamp("2030-05-01")) == (
        "taken 2030-05-01; training had 2026-01-01 to 2026-12-31"
    )
    assert why(frozen=pd.array([pd.NA], "boolean")) == "frozen blank; training had no blank there"


def test_two_numbers_that_each_occurred_but_not_together_are_said() -> None:
    assert why(radius=9.0, area=1_000.0) == (
        "area 1000 mm² with radius 9 mm; training had each of them, but not the two together"
    )


def test_no_more_rows_like_the_training_are_marked_than_is_said() -> None:
    """The mean over 8 trainings of the share marked among fresh rows of the same kind."""
    shares, said = [], []
    for seed in range(8):
        profile = profile_of(rows(400, 100 + seed), CONTRACT)
        told = compared(rows(1_000, 200 + seed), CONTRACT, profile)
        shares.append(told["unlike"].notna().mean())
        said.append(profile.false_alarms)

    error = np.std(shares) / np.sqrt(len(shares))
    assert np.mean(shares) <= np.mean(said) + 2 * error
    assert np.mean(shares) > 0.2 * np.mean(said)


def test_a_unit_turned_there_and_back_is_neither_outside_nor_another_row() -> None:
    trained = rows(1_000, 1)
    largest = trained.iloc[[trained["radius"].argmax()]]
    turned = largest.assign(radius=largest["radius"] / 25.4 * 25.4 * (1 + 1e-15), case="hers")

    told = compared(turned, CONTRACT, PROFILE)

    assert "radius" not in str(told["unlike"].iloc[0])
    assert told["trained_on"].tolist() == [True]


def test_training_rows_are_known_by_what_they_hold_and_no_others_are() -> None:
    again = rows(1_000, 1).head(50).assign(case="another name")
    others = rows(50, 3)

    told = compared(pd.concat([again, others], ignore_index=True), CONTRACT, PROFILE)

    assert told["trained_on"].tolist() == [True] * 50 + [False] * 50


def test_the_types_of_a_stored_case_make_no_other_row_of_it() -> None:
    typed = rows(1_000, 1).head(3)
    stored = typed.assign(
        frozen=typed["frozen"].astype("boolean"),
        site=typed["site"].astype("string"),
        taken=typed["taken"].astype("datetime64[us]"),
    )

    assert compared(stored, CONTRACT, PROFILE)["trained_on"].all()


def test_of_a_large_training_table_a_part_is_kept_and_that_is_said() -> None:
    numbers = Column(name="x", kind="number", unit="mm", meaning="m", example="1")
    typed = pd.DataFrame({"x": np.arange(20_000.0)})

    trained = rows_of(typed, [numbers])

    assert (trained.rows, trained.known) == (20_000, MOST_KEPT)
    assert trained.among(typed, [numbers]).sum() == MOST_KEPT
    assert len(trained.hashes) < 54_000


def test_the_profile_carries_no_row_and_comes_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "profile.json"

    profile = write_profile(rows(1_000, 1), CONTRACT, path)

    assert TrainingProfile.of_file(path) == profile == PROFILE
    assert "case" not in json.loads(path.read_text())["trained"]["columns"]
    assert profile.columns[-1].low == date(2026, 1, 1)


def test_too_few_rows_for_a_threshold_give_none() -> None:
    assert profile_of(rows(100, 1), CONTRACT).combination is None


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (rows(5, 1).assign(radius="wide"), "column 'radius' holds what is no number"),
        (pd.DataFrame({"other": [1]}), "holds no row under any column"),
    ],
)
def test_a_training_table_that_is_not_the_contracts_is_refused_in_one_sentence(
    table: pd.DataFrame, said: str
) -> None:
    with pytest.raises(CannotProfile, match=said):
        profile_of(table, CONTRACT)


def test_a_column_without_spread_or_without_values_harms_nothing() -> None:
    flat = rows(300, 1).assign(area=5.0, taken=pd.NaT)
    profile = profile_of(flat, CONTRACT)

    day = pd.Timestamp("2026-08-14")
    told = compared(asked(area=5.0, taken=day), CONTRACT, profile)["unlike"]

    assert profile.combination is None
    assert told[0] == "taken 2026-08-14; training had nothing"


def test_findings_say_which_rows_are_unlike_and_refuse_nothing() -> None:
    radii = [32.0, 9.0, 40.0]
    inputs = pd.concat([asked()] * 3, ignore_index=True).assign(radius=radii, row=[2, 3, 4])

    (one,) = beside_training(inputs, CONTRACT, PROFILE)

    assert (one.rows, one.count, one.severity, one.column) == ((2, 4), 2, "warn", "radius")
    assert one.sentence.startswith(
        "These 2 rows are unlike what the model was trained on: radius 32 mm, radius 40 mm;"
        " training had 7."
    )


def test_of_many_rows_the_first_are_told_with_their_value_and_none_is_left_out() -> None:
    many = rows(MOST_SAID + 50, 4).assign(radius=np.arange(MOST_SAID + 50) + 1_000.0)
    told = compared(many, CONTRACT, PROFILE)["unlike"]

    assert told.notna().all()
    assert told[0].startswith("radius 1000 mm; training had ")
    assert told[MOST_SAID].startswith("radius outside; training had ")
    finding = next(
        one for one in beside_training(many, CONTRACT, PROFILE) if one.column == "radius"
    )
    assert "radius 1000 mm, radius 1001 mm, radius 1002 mm and others;" in finding.sentence


def test_a_rows_hash_is_the_same_in_every_environment() -> None:
    """A training elsewhere wrote the profile that is read here."""
    assert row_hashes(asked(), CONTRACT.columns[1:4]).tolist() == [261090450979]
    assert row_hashes(asked(), CONTRACT.columns[1:3]).tolist() == [810709750351]
