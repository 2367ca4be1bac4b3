"""Without code she says how a model must behave; it is run on her cases changed, and what came of it stays."""

import json
import re
from pathlib import Path
from uuid import UUID

import pandas as pd
import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from capsule_blocks import CaseStore, Ledger
from e2e.browsing import choose
from e2e.conftest import EXAMPLE, Started

pytestmark = pytest.mark.browser
CAPSULE = "tumor_malignancy"


def test_a_check_that_needs_no_answer(started: Started, page: Page, tmp_path: Path) -> None:
    file = tmp_path / "behaving.csv"
    pd.read_csv(EXAMPLE).head(12).to_csv(file, index=False)
    trial = UUID(started.json("try", CAPSULE, str(file))["trial"])
    page.goto(f"{started.app}/trial?id={trial}")
    expect(page.get_by_role("heading", name="Does it behave as it should?")).to_be_visible()
    page.get_by_label("Your name").fill("B. Have")
    page.get_by_label("Your name").press("Tab")
    choose(page, "When", "worst area")
    choose(page, "what happens", "is lowered by")
    choose(page, "then the score of malignant", "does not fall")
    page.get_by_role("button", name="Check it").click()
    told = re.compile(
        r"Lowering worst area by 10\s% lowered the score of malignant in 12 of 12 cases"
    )
    expect(page.get_by_text(told).first).to_be_visible()
    expect(page.get_by_text("Broken").first).to_be_visible()

    ledger = Ledger(url=SecretStr(f"sqlite:///{started.home / 'ledger.db'}"))
    tried = ledger.trial(trial)
    assert tried is not None
    (check,) = ledger.behaviours(case_set_id=tried.case_set_id)
    derived = ledger.case_set_by_id(check.derived_id)
    assert derived is not None
    assert derived.name == "behaving: Lowering worst area by 10 %"
    (run,) = ledger.trials_of_case_set(derived.id)
    assert (run.by, run.door, run.settings) == ("B. Have", "behaviour", tried.settings)
    store = CaseStore(root=started.home / "store")
    assert "diagnosis" not in store.inputs(derived.inputs_hash)
    locked = ledger.latest_answers(derived.id)
    assert locked is not None
    assert store.answers(derived.inputs_hash, locked.answers_hash).empty
    outcome = ledger.behaviour_outcome(check.id, run.flow_run_id)
    assert outcome is not None
    assert (outcome.before_id, outcome.found["control"]["k"]) == (trial, 0)

    # The earlier check is there for whoever opens the page, and in the report; derived cases are
    # none that anybody is offered.
    page.reload()
    expect(page.get_by_text(told).first).to_be_visible()
    report = tmp_path / "report.json"
    started.capsules("report", str(trial), "--out", str(report))
    (reported,) = json.loads(report.read_text())["behaviour"]
    assert reported["behaved"]["broken"] == 12
    page.goto(f"{started.app}/capsule?name={CAPSULE}")
    page.get_by_role("combobox", name="Cases").click()
    expect(page.get_by_role("menuitem").filter(has_text="behaving —")).to_have_count(1)
    expect(page.get_by_role("menuitem").filter(has_text="Lowering")).to_have_count(0)

    # The same check on what is published now.
    rows = started.json("behave", CAPSULE, code=1)
    assert [one["became"] for one in rows] == ["broken"]
    assert len(ledger.trials_of_case_set(derived.id)) == 2
    ledger.close()
