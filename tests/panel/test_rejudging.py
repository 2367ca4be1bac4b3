"""What she says of errors and criteria is kept as revisions and judged at once."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from looking import two_classes

from capsule_blocks.tables import Trial
from capsule_flows.claim_words import asked
from capsule_flows.evidence import Evidence
from capsule_flows.home import Resources
from capsule_panel import result
from capsule_panel.asking import Asking
from capsule_panel.experts_view import ExpertsView
from capsule_panel.number_field import NumberField
from capsule_panel.person import Person
from capsule_panel.prices import Prices, costs
from capsule_panel.rejudging import Rejudging
from rows import release, trial


@pytest.fixture
def tried(resources: Resources) -> Trial:
    """A trial in the ledger."""
    one = trial(capsule="example")
    resources.ledger.add(release(capsule="example"), one)
    return one


def evidence(n: int = 120) -> tuple[Evidence, pd.DataFrame]:
    """Return a judged trial of two classes with declared costs, and its cases."""
    judged = two_classes(n)
    cases = judged.cases
    answers = cases[["case_id", "answer"]]
    predictions = cases[["case_id", "prediction", "score"]]
    began = datetime.now(UTC) - timedelta(hours=1)
    return Evidence(judged.inputs, answers, predictions, judged.manifest, began), cases


async def desk(
    resources: Resources, tried: Trial, name: str = "Ada"
) -> tuple[Rejudging, Prices, Asking]:
    """Return the parts of the page, with what was said before in them."""
    person = Person()
    person.field.value = name
    found, cases = evidence()
    again = Rejudging(resources, tried, found, person)
    parts = Prices(again, cases), Asking(again)
    await again.load()
    return again, *parts


async def typed(field: NumberField, text: str) -> None:
    """Have a person type this into a field, and leave it."""
    field.widget.value = text
    await settled()


async def settled() -> None:
    """Wait for what a field has set going."""
    await asyncio.sleep(0)  # it begins
    while going := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(going)


async def test_her_answer_is_kept_and_comes_back_on_her_next_visit(
    resources: Resources, tried: Trial
) -> None:
    again, prices, _ = await desk(resources, tried)
    assert prices.alarms.value == 20  # as declared
    told = prices._told
    assert await again.say(again.said.preferences.model_copy(update={"false_alarms": 7.0}), told)
    assert await again.say(again.said.preferences.model_copy(update={"false_alarms": 9.0}), told)
    kept = resources.ledger.preferences(tried.capsule, "Ada")
    assert [(one.revision, one.said["false_alarms"]) for one in kept] == [(1, 7), (2, 9)]
    _, fresh, _ = await desk(resources, tried)
    assert fresh.alarms.value == 9
    _, other, _ = await desk(resources, tried, "Eve")
    assert other.alarms.value == 20


async def test_without_a_name_nothing_is_kept_and_it_says_so(
    resources: Resources, tried: Trial
) -> None:
    again, prices, _ = await desk(resources, tried, "")
    said = again.said.preferences.model_copy(update={"false_alarms": 7.0})
    assert not await again.say(said, prices._told)
    assert "Write your name" in prices._told.object
    assert resources.ledger.preferences(tried.capsule, "") == []


async def test_what_she_said_before_comes_back_once_she_gives_her_name(
    resources: Resources, tried: Trial
) -> None:
    _, prices, _ = await desk(resources, tried)
    await typed(prices._harms["critical"], "500")
    again, fresh, _ = await desk(resources, tried, "")
    assert fresh._harms["critical"].value is None
    again._person.field.value = "Ada"
    await settled()
    assert fresh._harms["critical"].value == 500
    await typed(fresh._harms["minor"], "2")
    assert again.said.preferences.harms == {"critical": 500, "minor": 2}


async def test_a_criterion_asked_for_now_is_shown_apart_and_can_be_taken_back(
    resources: Resources, tried: Trial
) -> None:
    again, _, asking = await desk(resources, tried)
    asking._metric.value = "ppv"
    asking._bound.fill(0.5)
    await asking._on_add(None)
    shown = asking._outcomes.object
    assert "What was added after the result was seen" in shown
    assert len(asking._hers) == 1
    for unusable in ("1.5", "", "much"):
        asking._bound.widget.value = unusable
        asking._told.object = ""
        await asking._on_add(None)
        assert "between 0 and 1" in asking._told.object
    await again.say(again.said.preferences.model_copy(update={"criteria": ()}), asking._told)
    assert len(asking._hers) == 0
    assert "after the result was seen" not in asking._outcomes.object


async def test_a_declared_criterion_is_changed_on_the_page_and_stands_apart_until_it_is_taken_back(
    resources: Resources, tried: Trial
) -> None:
    again, _, asking = await desk(resources, tried)
    declared = again.evidence.manifest.criteria[0]
    asking._instead.value = declared
    assert (asking._metric.value, asking._bound.value) == (declared.metric, declared.bound)
    await asking._on_add(None)
    assert "asked already" in asking._told.object
    asking._bound.fill(0.5)
    await asking._on_add(None)
    shown = asking._outcomes.object
    assert "What was changed after the result was seen" in shown
    assert f"As declared: {asked(declared)}." in shown.replace("\xa0", " ")
    asking._bound.fill(0.6)
    await asking._on_add(None)
    assert [one.wanted.bound for one in again.said.preferences.changes] == [0.6]
    assert len(asking._hers) == 1
    await again.say(again.said.preferences.model_copy(update={"changes": ()}), asking._told)
    assert "changed after" not in asking._outcomes.object


async def test_a_word_for_harm_on_the_case_desk_costs_what_she_says_it_costs(
    resources: Resources, tried: Trial
) -> None:
    again, prices, _ = await desk(resources, tried)
    _, table = again.evidence.judge()
    wrong = table[table["right"].eq(other=False)].iloc[0]
    resources.ledger.add_assessment(
        flow_run_id=tried.flow_run_id,
        case_id=wrong["case_id"],
        word="wrong",
        reason="",
        severity="critical",
        by="Ada",
    )
    await again.load()
    assert "500" not in prices._found.object
    await typed(prices._harms["critical"], "500")
    assert "called critical, case by case" in prices._found.object
    assert f"An error on {wrong['case']} costs 500: you called it critical." in prices._said.object


async def test_a_price_that_nobody_said_is_an_empty_field_that_says_what_is_used_instead(
    resources: Resources, tried: Trial
) -> None:
    again, prices, _ = await desk(resources, tried)
    minor = prices._harms["minor"]
    assert (minor.widget.value, minor.value) == ("", None)
    assert minor.widget.helper_text == "not said: priced by its kind"
    await typed(minor, "0")
    assert (minor.value, minor.widget.helper_text) == (0, "as you said")
    assert again.said.preferences.harms == {"minor": 0}
    await typed(minor, "")
    assert again.said.preferences.harms == {}
    assert minor.widget.helper_text == "not said: priced by its kind"
    assert prices.alarms.widget.helper_text == "as the prices below imply"
    missed, needless = prices._kinds.values()
    assert (missed.value, missed.widget.helper_text) == (1, "as the author declared")
    await typed(needless, "7")
    assert (needless.value, needless.widget.helper_text) == (7, "as you said")
    assert [one.cost for one in again.said.preferences.prices] == [7]
    await typed(prices.alarms, "9")
    assert [one.widget.helper_text for one in (missed, needless)] == ["by your answer above"] * 2
    await typed(prices.alarms, "")
    assert (prices.alarms.value, needless.value) == (20, 20)


async def test_a_price_that_cannot_be_read_is_said_beside_it_and_changes_nothing(
    resources: Resources, tried: Trial
) -> None:
    again, prices, _ = await desk(resources, tried)
    for wrong in ("-3", "much", "1,000"):
        await typed(prices._harms["critical"], wrong)
        assert prices._harms["critical"].widget.error_state
        assert "rite" in prices._harms["critical"].widget.helper_text
        await typed(prices._own, wrong)
        await prices._on_own(None)
        assert "Write what an error on it costs" in prices._told.object
    assert resources.ledger.preferences(tried.capsule, "Ada") == []
    await typed(prices._own, "2.5e-9")
    await prices._on_own(None)
    assert list(again.said.preferences.cases.values()) == [2.5e-9]


async def test_two_experts_are_compared_on_the_page_as_soon_as_both_have_spoken(
    resources: Resources, tried: Trial
) -> None:
    _, cases = evidence(20)
    view = ExpertsView(resources.ledger, tried, cases)
    one, other = cases["case_id"].iloc[:2]
    for by, case_id, word in [("Ada", one, "wrong"), ("Ada", other, "right")]:
        resources.ledger.add_assessment(
            flow_run_id=tried.flow_run_id, case_id=case_id, word=word, reason="", by=by
        )
    await view.load()
    assert not view.view().visible
    for case_id in (one, other):
        resources.ledger.add_assessment(
            flow_run_id=tried.flow_run_id, case_id=case_id, word="right", reason="", by="<b>Eve"
        )
    await view.load()
    assert view.view().visible
    said = view._said.object
    assert "&lt;b&gt;Eve and Ada said the same of 1 of 2 cases" in said
    assert f"<td>{cases['case'].iloc[0]}</td><td>Ada: wrong; &lt;b&gt;Eve: right</td>" in said


def test_a_thousand_cases_are_judged_and_drawn_again_within_200_ms() -> None:
    found, _ = evidence(1000)
    found.judge()
    began = time.process_time()
    judgement, _ = found.judge()
    _ = result.rates(judgement) + result.criteria(judgement) + costs(judgement)
    assert time.process_time() - began < 0.2
