"""Stop ends a trial within three seconds, whatever the model is doing, and what it had written is kept."""

import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.proving import Proving, seen

pytestmark = pytest.mark.docker

WITHIN_S = 3.0


@pytest.mark.parametrize(
    "deed",
    ["none", "sleep in C", "sleep in C holding the lock", "block signals", "spin in C"],
)
def test_stop_is_confirmed_within_three_seconds(proving: Proving, deed: str) -> None:
    """Its model sleeps, or hangs where no signal reaches Python code."""
    proving.wait_warm()
    settings: dict[str, Any] = {"predicting": 60} if deed == "none" else {}
    trial = proving.trial(deed, **settings)
    seen(lambda: trial.says("now predicting"), 60, "the predicting model")
    asked = trial.cancel()
    trial.wait_state("CANCELLED", seconds=20)
    assert time.monotonic() - asked < WITHIN_S
    assert trial.outcome().kind == "cancelled"
    trial.wait_gone()


@pytest.mark.browser
def test_what_the_model_had_written_is_kept_and_taken_from_the_trials_page(
    proving: Proving, page: Page
) -> None:
    proving.wait_warm()
    trial = proving.trial(writing=60)
    page.goto(f"{proving.started.app}/trial?id={trial.id}")
    seen(lambda: trial.says("now writing"), 60, "the writing model")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
    assert trial.outcome().kind == "cancelled"
    with page.expect_download() as taken:
        page.get_by_role("link", name="notes.txt").click()
    assert taken.value.path().read_text().startswith("begun\n")
    trial.wait_gone()


def test_a_trial_that_has_no_container_yet_is_stopped_as_well(proving: Proving) -> None:
    trial = proving.trial(cold=True, predicting=60)
    trial.cancel()
    assert trial.outcome().kind == "cancelled"
    trial.wait_gone()
