"""What the judgement says, in its words and in the order of its cases."""

import pandas as pd
import pytest

from capsule_flows import claim_words, wording
from capsule_flows.intervals import Interval
from capsule_flows.judging import judge
from capsule_kit.criteria import Criterion, ErrorCost
from judgement.examples import class_manifest, from_counts, number_manifest, tables

M, B = "malignant", "benign"


def test_the_headline_says_agreement_with_its_interval_then_misses_and_false_alarms() -> None:
    found, _ = judge(*from_counts({(M, M): 18, (M, B): 2, (B, B): 29, (B, M): 1}), class_manifest())
    assert found.headline == (
        "It agreed with you on 47 of 50 cases (94 %, plausibly 84 to 98 %)."
        " It missed 2 of 20 malignant. It raised 1 false alarm in 30 others."
    )


def test_all_right_is_never_told_as_certain() -> None:
    found, _ = judge(*from_counts({("a", "a"): 30}), class_manifest(("a", "b"), None))
    assert found.headline == "It agreed with you on 30 of 30 cases (plausibly 89 % or more)."


def test_all_wrong_is_never_told_as_certain() -> None:
    found, _ = judge(*from_counts({("a", "b"): 30}), class_manifest(("a", "b"), None))
    assert found.headline == "It agreed with you on 0 of 30 cases (plausibly 11 % or less)."


@pytest.mark.parametrize(
    ("answers", "headline"),
    [
        ([], "There are no cases, so nothing can be said of the model."),
        (
            [None],
            "The only case has no answer, so nothing can be said of how often the model is right.",
        ),
        (
            [None, None],
            (
                "None of the 2 cases has an answer,"
                " so nothing can be said of how often the model is right."
            ),
        ),
    ],
)
def test_without_answers_it_says_why_there_is_no_rate(answers: list[None], headline: str) -> None:
    found, table = judge(*tables(answers, [M] * len(answers)), class_manifest())
    assert found.rate is None
    assert found.headline == headline
    assert table["right"].isna().all()


def test_an_unanswered_case_is_left_out_and_an_unpredicted_one_counts_as_not_right() -> None:
    found, _ = judge(*tables([B, B, None], [B, None, B]), class_manifest(positive=None))
    assert (found.cases, found.judged, found.right) == (3, 2, 1)
    assert found.headline.endswith(
        "1 case has no answer, left out."
        " 1 case has no usable prediction, counted as not right; without: 1 of 1 right."
    )
    assert found.confusion is not None
    assert found.confusion.labels == (B, M, "(no prediction)")
    assert found.confusion.counts == ((1, 0, 1), (0, 0, 0), (0, 0, 0))


def test_a_class_that_nobody_declared_is_wrong_clears_nobody_and_is_said() -> None:
    found, _ = judge(*tables([B], ["odd"]), class_manifest())
    assert found.right == 0
    assert found.rates[1].rate is not None
    assert found.rates[1].rate.k == 0
    assert found.notes == ("1 case carries a class that nobody declared.",)


def test_disagreements_come_first_by_cost_then_by_how_boldly_wrong_they_were() -> None:
    answers = [B, M, B, B, None]
    predictions = [B, B, M, M, M]
    scores = [0.1, 0.4, 0.6, 0.9, 0.5]
    prices = [
        ErrorCost(answer=M, prediction=B, cost=10, meaning="missed"),
        ErrorCost(answer=B, prediction=M, cost=1, meaning="alarm"),
    ]
    found, table = judge(*tables(answers, predictions, scores), class_manifest(costs=prices))
    assert list(table["row"]) == [3, 5, 4, 2, 6]
    assert list(table.columns) == [
        *("case_id", "row", "case", "answer", "prediction", "score", "right", "cost")
    ]
    assert list(table["case"][:2]) == ["row 3", "row 5"]
    assert found.cost is not None
    assert (found.cost.total, found.cost.per_case, found.cost.costed) == (12, 3, 4)
    assert found.cost.sentence == (
        "The errors cost 12 in all, 3 a case over 4 cases; in truth a case may cost up to 8.99."
    )


def test_an_error_without_a_declared_cost_is_left_out_of_the_cost_and_said() -> None:
    prices = [ErrorCost(answer=M, prediction=B, cost=10, meaning="missed")]
    found, table = judge(*tables([B, B], [M, B]), class_manifest(costs=prices))
    assert found.cost is not None
    assert (found.cost.total, found.cost.costed) == (0, 1)
    assert table["cost"].isna()[0]
    assert found.notes == ("1 error has no declared cost and is left out of the cost.",)


def test_a_case_is_called_by_its_identifier_where_it_has_one() -> None:
    inputs, answers, predictions = tables([B, M], [B, M])
    inputs["patient"] = ["P-1", None]
    _, table = judge(inputs, answers, predictions, class_manifest())
    assert list(table["case"]) == ["P-1", "row 3"]


def test_scores_outside_0_to_1_or_nan_are_not_shown_and_said() -> None:
    found, table = judge(*tables([B] * 3, [B] * 3, [1.5, float("nan"), 0.2]), class_manifest())
    assert table["score"].notna().sum() == 1
    assert found.notes == ("2 scores are missing or not in 0 to 1 and are not shown.",)


def test_numbers_are_judged_by_the_tolerance_with_bias_and_limits_of_agreement() -> None:
    found, table = judge(*tables([1.0, 2.0, 3.0], [1.1, 2.1, 4.0]), number_manifest(0.1))
    assert found.right == 2  # 1.1 - 1.0 is 0.10000000000000009 in binary fractions
    assert found.errors is not None
    assert found.errors.mean_error == pytest.approx(0.4)
    assert found.errors.agreement_low == pytest.approx(0.4 - 1.96 * 0.27**0.5)
    assert found.errors.agreement_high == pytest.approx(0.4 + 1.96 * 0.27**0.5)
    assert table["row"].iloc[0] == 4
    assert found.headline == (
        "It was within 0.1 mg/L of your answer on 2 of 3 cases (67 %, plausibly 13 to 98 %)."
        " On average it was 0.4 mg/L too high, and 0.4 mg/L away from your answer."
    )


@pytest.mark.parametrize(
    ("right", "wrong", "outcome", "sentence"),
    [
        (
            60,
            0,
            "met",
            "Met: 60 of 60 right lets you say at least 95.1 % (95 % confidence); 90 % was asked.",
        ),
        (
            30,
            20,
            "not met",
            (
                "Not met: with 30 of 50 right the true rate is at most 71.7 % (95 % confidence);"
                " 90 % was asked."
            ),
        ),
        (
            17,
            0,
            "too few to tell",
            (
                "Too few to tell: 17 of 17 right lets you say at least 83.8 %, not 90 %"
                " (95 % confidence). Add 12 such cases that it gets right, without another error,"
                " or say at least 83.8 %."
            ),
        ),
        (
            0,
            0,
            "too few to tell",
            (
                "Too few to tell: there is no such case. Add 29 such cases that it gets right"
                " to say at least 90 % (95 % confidence)."
            ),
        ),
    ],
)
def test_a_criterion_is_met_not_met_or_undecided_and_says_what_would_settle_it(
    right: int, wrong: int, outcome: str, sentence: str
) -> None:
    manifest = class_manifest(criteria=[Criterion(metric="right", at_least=0.9)])
    found, _ = judge(*from_counts({(B, B): right, (B, M): wrong}), manifest)
    assert found.criteria[0].outcome == outcome
    assert found.criteria[0].sentence == sentence


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (["lung", "skin", "lung"], "lung"),
        ([1, 0, 1], "1"),
        ([0.5, 2.5, 0.5], "0.5"),
        ([True, False, True], "yes"),
    ],
)
def test_a_criterion_looks_at_the_cases_it_names_alone(values: list[object], wanted: str) -> None:
    criterion = Criterion(metric="right", at_least=0.9, where=("site", wanted))
    inputs, answers, predictions = tables([B, B, B], [B, B, M])
    inputs["site"] = pd.Series(values)
    found, _ = judge(inputs, answers, predictions, class_manifest(criteria=[criterion]))
    assert (found.criteria[0].k, found.criteria[0].n) == (1, 2)


def test_cases_predictions_and_answers_may_come_in_any_order() -> None:
    inputs, answers, predictions = tables([B, M, B], [B, M, M])
    shuffled = (answers.iloc[::-1], predictions.sample(frac=1, random_state=1))
    inputs.index = pd.Index([7, 7, 7])
    assert judge(inputs, *shuffled, class_manifest())[0].right == 2


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.94, "94 %"), (0.996, "99.6 %"), (0.99999, "over 99.9 %"), (0.0001, "under 0.1 %")],
)
def test_a_share_is_not_rounded_to_certainty(share: float, text: str) -> None:
    assert wording.percent(share) == text


def test_a_number_and_its_unit_stay_on_one_line() -> None:
    said = "97 %, plausibly 92 to 99 %; 700 µm² and 5 mg/L in 12 cases"
    assert wording.unbroken(said) == (
        "97\N{NO-BREAK SPACE}%, plausibly 92 to 99\N{NO-BREAK SPACE}%; 700\N{NO-BREAK SPACE}µm²"
        " and 5\N{NO-BREAK SPACE}mg/L in 12 cases"
    )


def test_a_number_that_is_none_is_called_unknown() -> None:
    assert wording.number(float("nan")) == "unknown"
    assert wording.plausibly(0, 0, Interval(0, 1)) == "unknown"


def test_a_bound_under_the_floor_never_reads_as_the_floor() -> None:
    told = claim_words.Told(Criterion(metric="right", at_least=0.9), None, "", 9, 9, 1.0)
    said = claim_words.sentence(told, "not met", 0.5, 0.89996, None, "")
    assert "at most 89.996 %" in said or "at most 89.997 %" in said
