"""Whatever is brought, the judgement is a number with its interval or a sentence: no exception, no NaN."""

import json
import math
from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capsule_flows.judgement import Judgement
from capsule_flows.judging import judge
from capsule_flows.said import Preferences, Said, Word
from capsule_kit.answers import Answer, ClassAnswer, NoAnswer, NumberAnswer, RankAnswer, TimeAnswer
from capsule_kit.criteria import METRICS, SHARES, Criterion, ErrorCost
from capsule_kit.predictions import WHY_NONE
from judgement.examples import Tables, manifest_of, tables

M, B = "malignant", "benign"
TWO = ClassAnswer(column="truth", classes=(B, M), positive=M, meaning="seen")
THREE = ClassAnswer(column="truth", classes=("a", "b", "c"), meaning="seen")
ABSOLUTE = NumberAnswer(column="truth", unit="mg/L", tolerance=0.5, meaning="measured", example=1)
RELATIVE = ABSOLUTE.model_copy(update={"tolerance_kind": "relative", "tolerance": 0.1})
FOLD = ABSOLUTE.model_copy(update={"tolerance_kind": "fold", "tolerance": 2.0})
TIMES = TimeAnswer(column="truth", unit="days", meaning="death", example=30)
PREDICTED_TIMES = TIMES.model_copy(update={"predicts": "time"})
RANKS = RankAnswer(column="truth", meaning="order")
TEXTS = NoAnswer(meaning="a summary that leaves nothing out")
ANSWERS: dict[str, Answer] = {
    "two": TWO,
    "three": THREE,
    "absolute": ABSOLUTE,
    "relative": RELATIVE,
    "fold": FOLD,
    "times": TIMES,
    "predicted times": PREDICTED_TIMES,
    "ranks": RANKS,
    "texts": TEXTS,
}
PRICES = (
    ErrorCost(answer=M, prediction=B, cost=20, meaning="missed"),
    ErrorCost(answer=B, prediction=M, cost=1, meaning="alarm"),
)
SAYS: dict[str, Said] = {
    "nothing": Said(),
    "much": Said(
        preferences=Preferences(
            false_alarms=9, cases={"c0": 1e6, "unheard of": 2}, left_out=("c1", "unheard of")
        ),
        words={"c0": "acceptable", "c2": "cannot judge", "c3": "wrong", "unheard of": "right"},
    ),
}


def every_criterion(answer: Answer) -> list[Criterion]:
    """Return each metric with a bound it may have, of all cases and of none; what is right also of some."""
    found = [Criterion(metric="right", at_least=0.7, where=("site", "lung"))]
    for metric, where in product(METRICS, (None, ("no such", "x"))):
        at_least = metric in SHARES or metric == "net benefit"
        bound = {"at_least": 0.7} if at_least else {"at_most": 0.7}
        found.append(Criterion(metric=metric, where=where, **bound))
        if metric in SHARES and where is None:
            found.append(Criterion(metric=metric, at_most=0.2, confidence=0.9))
    return found


def judged(answer: Answer, given_tables: Tables, said: Said) -> tuple[Judgement, pd.DataFrame]:
    """Judge with every criterion, and with prices where there are two classes."""
    prices = PRICES if answer is TWO else ()
    manifest = manifest_of(answer, every_criterion(answer), prices)
    manifest = manifest.model_copy(update={"groups": ("site",)})
    return judge(*given_tables, manifest, said)


def assert_honest(found: Judgement, table: pd.DataFrame, cases: int) -> None:
    """Assert that it survives JSON, prints no NaN, calls nothing certain and stays where numbers may be."""
    assert len(table) == cases
    text = found.model_dump_json()
    assert Judgement.model_validate_json(text) == found
    whole = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    for key, value in leaves(whole):
        if isinstance(value, float):
            assert math.isfinite(value), key
        if key == "sentence" or key in ("headline", "notes"):
            assert_a_sentence(value)
    for rate in ends(whole):
        assert rate["n"] >= 1
        assert 0 <= rate["low"] <= rate["share"] <= rate["high"] <= 1
        assert rate["low"] < rate["high"]
    for result in found.criteria:
        if result.criterion.metric in SHARES and result.outcome == "met":
            bound = result.low if result.criterion.at_least is not None else result.high
            assert bound is not None
            assert 0 < bound < 1


def assert_a_sentence(said: str) -> None:
    assert said.endswith("."), said
    assert not {"nan", "inf", "-inf", "none", "<na>"} & set(
        said.lower().replace("(", " ").replace(".", " ").replace(",", " ").split()
    ) - {"none"}, said


def leaves(value: object, key: str = "") -> Iterator[tuple[str, object]]:
    """Yield each value of a JSON document with the name it stands under."""
    if isinstance(value, dict):
        for name, inside in value.items():
            yield from leaves(inside, name)
    elif isinstance(value, list):
        for inside in value:
            yield from leaves(inside, key)
    elif value is not None:
        yield key, value


def ends(value: object) -> Iterator[dict[str, float]]:
    """Yield every rate of a JSON document."""
    if isinstance(value, dict):
        if {"k", "n", "share", "low", "high"} == set(value):
            yield value
        for inside in value.values():
            yield from ends(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from ends(inside)


COLUMNS: dict[str, tuple[Sequence[object], Sequence[object]]] = {
    "no case": ([], []),
    "one right": ([1.0], [1.0]),
    "one wrong": ([1.0], [9.0]),
    "no answer": ([None, None], [1.0, 2.0]),
    "no prediction": ([1.0, 2.0], [None, None]),
    "nothing at all": ([None, None, None], [None, None, None]),
    "all right": ([1.0, 2.0, 3.0, 4.0] * 15, [1.0, 2.0, 3.0, 4.0] * 15),
    "all wrong": ([1.0, 2.0] * 30, [7.0, 9.0] * 30),
    "constant": ([1.0] * 40, [1.0] * 40),
    "all answers tied": ([1.0] * 20, list(range(20))),
    "all predictions tied": (list(range(20)), [1.0] * 20),
    "infinite": ([math.inf, 1.0, 2.0, 3.0], [1.0, -math.inf, math.nan, 3.0]),
    "huge": ([1e308, -1e308, 1.0, 2.0], [-1e308, 1e308, 1.0, 2.0]),
    "tiny": ([5e-324, 1e-300, 0.0, -0.0], [0.0, 5e-324, -0.0, 1e-300]),
    "zero and negative": ([0.0, -1.0, 1.0, -2.0], [0.0, 1.0, -1.0, -2.0]),
    "unequal": (list(range(1, 61)), [x + (x % 7) / 10 for x in range(1, 61)]),
}
SCORES: dict[str, Sequence[object]] = {
    "none": [],
    "constant": [0.5],
    "zero": [0.0],
    "one": [1.0],
    "missing": [None],
    "out of bounds": [-0.1, 1.1, 7.0],
    "odd": [math.nan, math.inf, -math.inf, 0.3],
    "ties": [0.2, 0.2, 0.8],
    "fine": [0.1, 0.35, 0.6, 0.9],
}
LABELS: dict[str, tuple[Sequence[object], Sequence[object]]] = {
    "no case": ([], []),
    "one right": ([M], [M]),
    "one wrong": ([M], [B]),
    "one class": ([B] * 30, [B] * 30),
    "other class": ([M] * 30, [B, M] * 15),
    "all right": ([B, M] * 60, [B, M] * 60),
    "all wrong": ([B, M] * 60, [M, B] * 60),
    "undeclared answers": (["odd", "nan", M], [M, B, M]),
    "undeclared predictions": ([M, B, M], ["odd", "", " "]),
    "no answer": ([None, None], [M, B]),
    "no prediction": ([M, B], [None, None]),
    "mixed": ([B, M, None, M, B, B, M, B] * 20, [B, M, M, B, None, M, M, B] * 20),
}


def given_scores(name: str, n: int) -> list[object] | None:
    values = SCORES[name]
    return [values[place % len(values)] for place in range(n)] if values else None


@pytest.mark.parametrize("said", SAYS)
@pytest.mark.parametrize("scores", SCORES)
@pytest.mark.parametrize("labels", LABELS)
def test_two_classes(labels: str, scores: str, said: str) -> None:
    answers, predictions = LABELS[labels]
    brought = tables(answers, predictions, given_scores(scores, len(answers)))
    brought[0]["age"] = np.linspace(20, 90, len(answers)) if answers else []
    assert_honest(*judged(TWO, brought, SAYS[said]), len(answers))


@pytest.mark.parametrize("said", SAYS)
@pytest.mark.parametrize("labels", LABELS)
def test_three_classes(labels: str, said: str) -> None:
    names = {M: "a", B: "b"}
    answers, predictions = ([names.get(one, one) for one in side] for side in LABELS[labels])
    assert_honest(*judged(THREE, tables(answers, predictions), SAYS[said]), len(answers))


@pytest.mark.parametrize("said", SAYS)
@pytest.mark.parametrize("values", COLUMNS)
@pytest.mark.parametrize(
    "kind", ["absolute", "relative", "fold", "times", "predicted times", "ranks", "texts"]
)
def test_numbers_times_ranks_and_outputs(kind: str, values: str, said: str) -> None:
    answers, predictions = COLUMNS[values]
    brought = tables(answers, predictions)
    if kind in ("times", "predicted times"):
        brought[1]["event"] = pd.array(
            [place % 3 != 0 for place in range(len(answers))], dtype="boolean"
        )
    if kind == "texts":
        brought = (brought[0], brought[1].iloc[:0], brought[2].astype({"prediction": "string"}))
    assert_honest(*judged(ANSWERS[kind], brought, SAYS[said]), len(answers))


@pytest.mark.parametrize("why", [*WHY_NONE, None, "unheard of"])
@pytest.mark.parametrize("kind", ANSWERS)
def test_a_case_without_a_prediction_is_counted_by_its_reason_and_never_a_pass(
    kind: str, why: str | None
) -> None:
    classes = {"two": (M, B), "three": ("a", "b"), "texts": ("fine", "good")}
    value, other = classes.get(kind, (1.0, 2.0))
    brought = tables([value, other], [None, other])
    brought[1]["event"] = True
    brought[2]["no_prediction"] = pd.array([why, None], dtype="string")
    said = Said(words={"c0": "wrong", "c1": "right"})
    found, table = judged(ANSWERS[kind], brought, said)
    assert_honest(found, table, 2)
    expected = why if why in WHY_NONE else "no prediction"
    assert [(one.why, one.cases) for one in found.set_apart] == [(expected, 1)]
    assert found.right <= 1


words: st.SearchStrategy[Word] = st.sampled_from(["right", "acceptable", "wrong", "cannot judge"])
numbers = st.one_of(st.none(), st.floats(), st.sampled_from([0.0, 1.0, 1.0, 2.0, 1e308]))
named = st.one_of(st.none(), st.sampled_from([M, B, B, "odd", "nan", " "]), st.text(max_size=2))


@st.composite
def anything_said(draw: st.DrawFn) -> Said:
    ids = [f"c{place}" for place in range(6)]
    return Said(
        preferences=Preferences(
            false_alarms=draw(st.one_of(st.none(), st.floats(1e-6, 1e4))),
            prices=draw(st.lists(st.sampled_from(PRICES), max_size=2)),
            cases=draw(st.dictionaries(st.sampled_from(ids), st.floats(0, 1e9), max_size=3)),
            left_out=draw(st.lists(st.sampled_from(ids), max_size=3)),
        ),
        words=draw(st.dictionaries(st.sampled_from(ids), words)),
    )


@given(st.lists(st.tuples(named, named, numbers, numbers), max_size=14), anything_said())
@settings(max_examples=25, deadline=None)
def test_any_classes_scores_and_words(
    rows: list[tuple[str | None, str | None, float | None, float | None]], said: Said
) -> None:
    brought = tables([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])
    brought[0]["age"] = pd.array([row[3] for row in rows], dtype="Float64")
    assert_honest(*judged(TWO, brought, said), len(rows))


@given(
    st.sampled_from(["absolute", "relative", "fold", "times", "predicted times", "ranks"]),
    st.lists(st.tuples(numbers, numbers, st.one_of(st.none(), st.booleans())), max_size=14),
    anything_said(),
)
@settings(max_examples=25, deadline=None)
def test_any_numbers_and_words(
    kind: str, rows: list[tuple[float | None, float | None, bool | None]], said: Said
) -> None:
    brought = tables([row[0] for row in rows], [row[1] for row in rows])
    if kind in ("times", "predicted times"):
        brought[1]["event"] = pd.array([row[2] for row in rows], dtype="boolean")
    assert_honest(*judged(ANSWERS[kind], brought, said), len(rows))
