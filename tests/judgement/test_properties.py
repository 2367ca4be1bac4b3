"""On any answers and predictions the judgement agrees with scikit-learn and stays honest."""

import json
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    mean_absolute_error,
    recall_score,
)

from capsule_flows.intervals import (
    cases_needed,
    clopper_pearson,
    lower_bound,
    upper_bound,
    wilson,
)
from capsule_flows.judgement import Judgement
from capsule_flows.judging import judge
from capsule_kit.criteria import Criterion, ErrorCost
from judgement.examples import class_manifest, number_manifest, tables

LABELS = ("benign", "malignant")
pairs_of_classes = st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1)
reals = st.floats(-1e6, 1e6)
anything = st.one_of(
    st.none(),
    st.sampled_from((*LABELS, "", " ", "unheard of", "100 %", "nan")),
    st.text(max_size=3),
)
any_number = st.one_of(st.none(), st.floats(), st.sampled_from([0.0, 1e308, -1e308]))


@given(pairs_of_classes)
@settings(max_examples=25, deadline=None)
def test_classes_agree_with_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    truth, said = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    found, _ = judge(*tables(truth, said), class_manifest())
    assert found.rate is not None
    assert found.rate.share == pytest.approx(accuracy_score(truth, said))
    assert found.confusion is not None
    expected = confusion_matrix(truth, said, labels=list(LABELS))
    assert np.array(found.confusion.counts).tolist() == expected.tolist()
    for named, label in zip(found.rates[:2], ("malignant", "benign"), strict=True):
        if named.rate is None:
            assert label not in truth
        else:
            recall = recall_score(truth, said, pos_label=label)
            assert named.rate.share == pytest.approx(recall)


@given(st.lists(st.tuples(reals, reals), min_size=1))
@settings(max_examples=25, deadline=None)
def test_numbers_agree_with_scikit_learn(pairs: list[tuple[float, float]]) -> None:
    truth, said = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    found, _ = judge(*tables(truth, said), number_manifest())
    assert found.errors is not None
    assert found.errors.mean_absolute_error == pytest.approx(mean_absolute_error(truth, said))


@given(st.lists(st.tuples(anything, anything, any_number), max_size=8), st.booleans())
@settings(max_examples=25, deadline=None)
def test_whatever_classes_and_scores_are_given_the_judgement_is_numbers_and_sentences(
    rows: list[tuple[str | None, str | None, float | None]], positive: bool
) -> None:
    criteria = [
        Criterion(metric=metric, at_least=0.9, where=where)
        for metric in ("right", "sensitivity", "specificity")
        for where in (None, ("site", "lung"), ("no such column", "x"))
    ]
    prices = [ErrorCost(answer="malignant", prediction="benign", cost=10, meaning="missed")]
    manifest = class_manifest(LABELS, "malignant" if positive else None, criteria, prices)
    given_tables = tables(
        [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
    )
    found, table = judge(*given_tables, manifest)
    assert len(table) == len(rows)
    assert_says_only_what_it_knows(found)


@given(st.lists(st.tuples(any_number, any_number), max_size=8))
@settings(max_examples=25, deadline=None)
def test_whatever_numbers_are_given_the_judgement_is_numbers_and_sentences(
    rows: list[tuple[float | None, float | None]],
) -> None:
    manifest = number_manifest(criteria=[Criterion(metric="right", at_least=0.9)])
    found, _ = judge(*tables([row[0] for row in rows], [row[1] for row in rows]), manifest)
    assert_says_only_what_it_knows(found)


def assert_says_only_what_it_knows(found: Judgement) -> None:
    """Assert that it survives JSON, that no sentence prints NaN, and that nothing is certain."""
    text = found.model_dump_json()
    assert Judgement.model_validate_json(text) == found
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    said = [found.headline, *found.notes, *(result.sentence for result in found.criteria)]
    said += [named.sentence for named in found.rates]
    said += [part.sentence for part in (found.errors, found.cost) if part]
    for sentence in said:
        assert sentence.endswith(".")
        assert not {"nan", "inf", "100"} & set(sentence.replace("(", " ").split())
        assert "100 %" not in sentence.split(" plausibly ")[0]


@given(st.integers(0, 200), st.integers(0, 200), st.floats(0.6, 0.999))
@settings(max_examples=25, deadline=None)
def test_every_interval_holds_the_share_and_stays_within_0_and_1(
    right: int, wrong: int, confidence: float
) -> None:
    n = right + wrong
    for low, high in (
        wilson(right, n, confidence),
        clopper_pearson(right, n, confidence),
        (lower_bound(right, n, confidence), upper_bound(right, n, confidence)),
    ):
        assert 0 <= low <= high <= 1
        assert n == 0 or low - 1e-12 <= right / n <= high + 1e-12


@given(st.integers(0, 40), st.integers(0, 5), st.floats(0.5, 0.97))
@settings(max_examples=25, deadline=None)
def test_the_cases_needed_are_enough_and_one_fewer_is_not(
    right: int, wrong: int, floor: float
) -> None:
    n = right + wrong
    needed = cases_needed(right, n, floor)
    assert needed is not None
    assert lower_bound(right + needed, n + needed) >= floor
    assert needed == 0 or lower_bound(right + needed - 1, n + needed - 1) < floor


def test_a_floor_that_nobody_can_reach_needs_no_number_of_cases() -> None:
    assert cases_needed(0, 0, 0.999999) is None


def test_29_right_of_29_let_90_percent_be_claimed_and_17_need_12_more() -> None:
    assert lower_bound(29, 29) >= 0.9 > lower_bound(28, 28)
    assert cases_needed(17, 17, 0.9) == 12
    assert math.floor(1000 * lower_bound(17, 17)) == 838


def test_twenty_thousand_cases_are_judged_in_under_a_second() -> None:
    rng = np.random.default_rng(7)
    given_tables = tables(
        list(rng.choice(LABELS, 20_000)), list(rng.choice(LABELS, 20_000)), list(rng.random(20_000))
    )
    manifest = class_manifest()
    began = time.perf_counter()
    judge(*given_tables, manifest)
    assert time.perf_counter() - began < 1
