"""What she says on the result's page: by keyboard alone, of prices, of criteria, of what it should have said."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from capsule_blocks import Ledger
from capsule_flows.said import Preferences
from e2e.browsing import choose
from e2e.conftest import EXAMPLE, Started

pytestmark = pytest.mark.browser
WHO = "K. Keys"


def test_cases_by_keyboard_a_verdict_and_her_own_page(started: Started, page: Page) -> None:
    trial = UUID(started.json("try", "tumor_malignancy", str(EXAMPLE))["trial"])
    page.goto(f"{started.app}/trial?id={trial}")
    expect(page.get_by_role("heading", name="Case by case")).to_be_visible()
    page.get_by_label("Your name").fill(WHO)
    page.get_by_label("Your name").press("Tab")
    expect(page.get_by_text("You have spoken on 0 of 114 cases").first).to_be_visible()
    page.get_by_role("heading", name="Case by case").click()
    page.keyboard.press("3")
    why = page.get_by_label("Why", exact=True)
    expect(why).to_be_focused()
    # Digits and letters in a field are text, and no word on a case.
    page.keyboard.type("4 nuclei, just 1 mitosis")
    page.keyboard.press("Enter")
    for place in (2, 3, 4):
        expect(page.get_by_text(f"Case {place} of 114").first).to_be_visible()
        page.keyboard.press("1")
    expect(page.get_by_text("Case 5 of 114").first).to_be_visible()
    page.keyboard.press("k")
    expect(page.get_by_text("Case 4 of 114").first).to_be_visible()
    page.keyboard.press("2")
    expect(page.get_by_text(re.compile("acceptable, your 2. word on it")).first).to_be_visible()
    page.get_by_role("radio", name="ready within limits").check()
    page.get_by_label("What you sign").fill("Good enough for that.")
    page.get_by_role("button", name="Sign").click()
    expect(page.get_by_text("still needs the limits").first).to_be_visible()
    page.get_by_label("Within which limits?").fill("palpable masses")
    page.get_by_role("button", name="Sign").click()
    expect(page.get_by_text(f"Signed by {WHO}").first).to_be_visible()

    ledger = Ledger(url=SecretStr(f"sqlite:///{started.home / 'ledger.db'}"))
    said = ledger.assessments(trial)
    assert sorted(one.word for one in said) == ["acceptable", "right", "right", "wrong"]
    assert [one.reason for one in said if one.reason] == ["4 nuclei, just 1 mitosis"]
    (verdict,) = ledger.verdicts(by=WHO)
    assert (verdict.word, verdict.limits) == ("ready within limits", "palpable masses")

    page.goto(f"{started.app}/mine")
    expect(page.get_by_text("4 nuclei, just 1 mitosis").first).to_be_visible()
    expect(page.get_by_text("within: palpable masses").first).to_be_visible()


def test_prices_another_criterion_and_what_it_should_have_said(
    started: Started, page: Page
) -> None:
    trial = UUID(started.json("try", "tumor_malignancy", str(EXAMPLE))["trial"])
    page.goto(f"{started.app}/trial?id={trial}")
    expect(page.get_by_role("heading", name="Case by case")).to_be_visible()
    page.get_by_label("Your name").fill("P. Rices")
    page.get_by_label("Your name").press("Tab")

    # What nobody said is empty, and not 0; what stands is the author's.
    critical = page.get_by_label("Called critical")
    unsaid = page.get_by_text("not said: priced by its kind")
    expect(critical).to_have_value("")
    expect(unsaid).to_have_count(4)
    expect(page.get_by_label("It says benign, it is malignant")).to_have_value("20")
    expect(page.get_by_text("as the author declared").first).to_be_visible()

    choose(page, "It should have said", "benign")
    choose(page, "How bad would it be?", "critical")
    page.get_by_role("button", name="3 Wrong").click()
    expect(page.get_by_text("You have spoken on 1 of 114 cases").first).to_be_visible()
    critical.fill("500")
    critical.press("Enter")
    expect(page.get_by_text("costs 500: you called it critical").first).to_be_visible()
    expect(unsaid).to_have_count(3)

    choose(page, "Instead of", "right at least 90 %")
    expect(page.get_by_label("At least", exact=True)).to_have_value("0.9")
    page.get_by_label("At least", exact=True).fill("0.5")
    page.get_by_role("button", name="Ask for it").click()
    expect(page.get_by_text("What was changed after the result was seen").first).to_be_visible()

    ledger = Ledger(url=SecretStr(f"sqlite:///{started.home / 'ledger.db'}"))
    (word,) = ledger.assessments(trial)
    assert (word.word, word.corrected, word.severity) == ("wrong", "benign", "critical")
    said = Preferences.model_validate(ledger.preferences("tumor_malignancy", "P. Rices")[-1].said)
    assert (said.harms, said.prices, said.false_alarms) == ({"critical": 500}, (), None)
    (change,) = said.changes
    assert (change.declared.bound, change.wanted.bound) == (0.9, 0.5)

    critical.fill("")
    critical.press("Tab")
    expect(unsaid).to_have_count(4)
    page.reload()
    expect(page.get_by_label("Your name")).to_have_value("P. Rices")
    expect(page.get_by_label("Called critical")).to_have_value("")
    expect(page.get_by_text("What was changed after the result was seen").first).to_be_visible()
