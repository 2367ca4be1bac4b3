"""Each picture says in its words what it shows, and is drawn of whatever a trial comes to."""

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from capsule_flows.benefit import decision_curve
from capsule_flows.class_judging import rate_of
from capsule_flows.class_pictures import (
    confusion_picture,
    decision_picture,
    mix_ups,
    scores_picture,
)
from capsule_flows.judgement import Bin, Calibration, Confusion, Group, Measure
from capsule_flows.number_pictures import (
    MOST_DOTS,
    Compared,
    compared,
    difference_picture,
    predicted_picture,
)
from capsule_flows.rate_pictures import calibration_picture, groups_picture
from capsule_flows.thresholds import Scored
from capsule_kit.answers import NumberAnswer

MASSES = Confusion(labels=("benign", "malignant"), counts=((7, 1), (2, 4)))
LOGS = NumberAnswer(column="logS", unit="mg/L", tolerance=0.5, meaning="x", example=1.0)


def words_of(drawn: str) -> list[str]:
    return [
        one.text or "" for one in ElementTree.fromstring(drawn).iter() if one.tag.endswith("text")
    ]


def label_of(drawn: str) -> str:
    return ElementTree.fromstring(drawn).attrib["aria-label"]


def numbers(true: list[float], said: list[float]) -> Compared:
    right = np.abs(np.array(said) - np.array(true)) <= LOGS.tolerance
    names = tuple(f"c{place}" for place in range(len(true)))
    return Compared(names, np.array(true, float), np.array(said, float), right)


def test_the_confusion_has_a_count_in_each_cell_and_says_what_agrees() -> None:
    drawn = confusion_picture(MASSES)
    assert [word for word in words_of(drawn) if word.isdigit()] == ["7", "1", "2", "4"]
    assert "11 of 14 lie on the diagonal" in label_of(drawn)


def test_mix_ups_are_said_most_frequent_first() -> None:
    assert mix_ups(MASSES) == [
        "It said benign on 2 of 6 cases that you call malignant.",
        "It said malignant on 1 of 8 cases that you call benign.",
    ]


def test_many_classes_stay_within_the_page_with_a_word_on_each_mix_up() -> None:
    size = 50
    counts = np.eye(size, dtype=int) * 5
    counts[3, 4] = 2
    labels = tuple(f"class {place}" for place in range(size))
    drawn = confusion_picture(Confusion(labels=labels, counts=tuple(map(tuple, counts.tolist()))))
    width = float(ElementTree.fromstring(drawn).attrib["viewBox"].split()[2])
    assert width < 900
    assert "2 with your answer class 3, where it said class 4" in drawn


def test_the_scores_say_what_the_threshold_misses_and_alarms() -> None:
    found = Scored(
        "malignant",
        np.array([True, True, False, False, False]),
        np.array([0.2, 0.9, 0.1, 0.7, 0.0]),
        np.array([False, True, False, True, False]),
    )
    drawn = scores_picture(found, 0.5)
    assert {"◂ 1 missed", "1 found ▸", "◂ 2 cleared", "1 false alarms ▸"} <= set(words_of(drawn))
    assert "it finds 1 and misses 1 malignant" in label_of(drawn)
    assert (
        sum(one.endswith("rect") for one in (e.tag for e in ElementTree.fromstring(drawn).iter()))
        == 5
    )


def test_the_decision_curve_names_its_axes_and_her_preference() -> None:
    events, scores = np.array([True, False, True, False]), np.array([0.9, 0.2, 0.7, 0.4])
    drawn = decision_picture(decision_curve(events, scores), 0.5)
    assert "Benefit" in words_of(drawn)
    assert any(word.startswith("Preference") for word in words_of(drawn))
    assert "worth 50 true cases in a hundred" in label_of(drawn)


@pytest.mark.parametrize("events", [[], [True], [False], [True, True]])
def test_scores_of_any_classes_can_be_drawn(events: list[bool]) -> None:
    known = np.array(events, dtype=bool)
    scores = np.linspace(0, 1, len(events)) if len(events) else np.array([])
    found = Scored("x", known, scores, scores > 0.5)
    for drawn in (scores_picture(found, 0.0), scores_picture(found, 1.0, 0.5)):
        ElementTree.fromstring(drawn)
    assert "nan" not in decision_picture(decision_curve(known, scores), 0.5)


def test_numbers_say_how_many_lie_in_the_band_and_where_the_limits_are() -> None:
    found = numbers([1, 2, 3, 4], [1.1, 2.2, 2.9, 5])
    assert "3 of 4 cases lie in the band, within 0.5 mg/L of your answer" in label_of(
        predicted_picture(found, LOGS)
    )
    drawn = difference_picture(found, LOGS)
    assert "bias 0.3" in words_of(drawn)
    assert "off by 0.3 mg/L" in label_of(drawn)


def test_too_many_cases_for_dots_are_counted_in_squares() -> None:
    rng = np.random.default_rng(1)
    true = rng.normal(0, 1, MOST_DOTS + 1)
    drawn = predicted_picture(numbers(true.tolist(), (true + 0.1).tolist()), LOGS)
    _, *tips = [one for one in ElementTree.fromstring(drawn).iter() if one.tag.endswith("title")]
    assert sum(int((one.text or "").split()[0]) for one in tips) == MOST_DOTS + 1


@pytest.mark.parametrize(
    ("true", "said"),
    [([], []), ([1.0], [1.0]), ([5, 5, 5], [5, 5, 5]), ([1e308, -1e308, 0], [0, 0, 1e308])],
)
def test_any_numbers_can_be_drawn(true: list[float], said: list[float]) -> None:
    found = numbers(true, said)
    for drawn in (predicted_picture(found, LOGS), difference_picture(found, LOGS)):
        ElementTree.fromstring(drawn)
        assert "nan" not in drawn
        assert "inf" not in drawn


def test_only_cases_with_both_numbers_are_compared() -> None:
    cases = pd.DataFrame(
        {
            "case": ["a", "b", "c"],
            "answer": pd.array([1.0, None, 2.0], "Float64"),
            "prediction": pd.array([1.2, 1.0, None], "Float64"),
            "right": pd.array([True, None, False], "boolean"),
        }
    )
    assert compared(cases).names == ("a",)


@pytest.mark.parametrize("kind", ["relative", "fold"])
def test_a_tolerance_that_grows_with_the_answer_has_a_band_that_does(kind: str) -> None:
    answer = LOGS.model_copy(update={"tolerance": 2.0, "tolerance_kind": kind})
    drawn = predicted_picture(numbers([1, 10, 100], [1.5, 18, 120]), answer)
    band = next(one for one in ElementTree.fromstring(drawn).iter() if one.tag.endswith("polygon"))
    ys = [float(pair.split(",")[1]) for pair in band.attrib["points"].split()]
    assert abs(ys[60] - ys[61]) > abs(ys[10] - ys[111])


def test_a_tenth_and_a_group_under_ten_cases_are_counted_not_rated() -> None:
    few = Bin(low=0.2, high=0.3, n=4, events=1, mean_score=0.25, rate=None)
    many = Bin(low=0.8, high=0.9, n=20, events=16, mean_score=0.85, rate=rate_of(16, 20))
    none = Measure(name="brier", estimate=None, sentence="x")
    found = Calibration(
        bins=(few, many),
        expected=18,
        events=17,
        n=24,
        brier=none,
        slope=none,
        intercept=none,
        sentence="It said 18; 17 came.",
    )
    drawn = calibration_picture(found, "malignant")
    assert "1 of 4" in words_of(drawn)
    assert "16 of 20" not in words_of(drawn)
    assert label_of(drawn).endswith("It said 18; 17 came.")
    groups = [
        Group(
            column="site",
            value="lung",
            found=False,
            right=18,
            n=20,
            rate=rate_of(18, 20),
            p=None,
            sentence="x",
        ),
        Group(
            column="site", value="skin", found=False, right=3, n=4, rate=None, p=None, sentence="y"
        ),
    ]
    words = words_of(groups_picture(groups, rate_of(21, 24)))
    assert {"18 of 20 right", "3 of 4 right", "too few for a rate", "all 24: 88 %"} <= set(words)
