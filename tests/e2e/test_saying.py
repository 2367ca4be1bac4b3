"""By keyboard alone she goes through her cases, signs, and finds it all on her own page."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from capsule_blocks import Ledger
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
