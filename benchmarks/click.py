"""From the click on Run to the judged result before the expert's eyes, in a real browser."""

import time
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from statistics import median
from uuid import UUID

import pandas as pd
from playwright.sync_api import Page, sync_playwright

from benchmarks.figures import Figure, bounded
from benchmarks.stand import Stand
from benchmarks.trials import EXAMPLE, NAME

TIMES = 7
CASES = 100
BOUND_S = 1.5
WITHIN_MS = 60_000
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


def measure_click(at: Stand, browser: str, tell: Callable[[str], None]) -> dict[str, Figure]:
    """Measure a trial of a hundred cases; `browser` is the path of Chromium."""
    from capsule_flows.home import resources
    from capsule_flows.receiving import receive_cases
    from capsule_flows.releases import find_published

    home, published = resources(), find_published(NAME)
    table = BytesIO(pd.read_csv(EXAMPLE, dtype=str).head(CASES).to_csv(index=False).encode())
    receive_cases(home, published.manifest, table, "h.csv", name="hundred", by="the bench")
    image = at.engine.images.get(str(published.image)).id
    seconds, stages = [], []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        page = chromium.new_page(viewport={"width": 1280, "height": 1600})
        page.set_default_timeout(WITHIN_MS)
        for turn in range(1, TIMES + 2):
            _open(page, home.app_url)
            at.wait_waiting(str(image))
            at.wait_quiet()
            clicked, seen = _click(page)
            link = page.get_by_role("link", name="This trial has a page of its own").first
            run = UUID(str(link.get_attribute("href")).rpartition("id=")[2])
            at.forget(run)
            if turn > 1:  # the first one imports what the app needs once
                seconds.append(seen - clicked)
                stages.append(_stages(at, run, clicked, seen))
                tell(f"click {turn - 1}: {seconds[-1]:.2f} s ({_told(stages[-1])})")
        chromium.close()
    middle = {name: median(one[name] for one in stages) for name in stages[0]}
    note = f"click on Run to the judged result in the browser, {CASES} cases: {_told(middle)}"
    return {"click_to_judged_s": bounded(median(seconds), "s", note, BOUND_S)}


def _open(page: Page, app: str) -> None:
    page.goto(f"{app}/capsule?name={NAME}")
    page.get_by_label("Your name").fill("The bench")
    # The newest case set is the one that is chosen.
    page.get_by_role("combobox", name="Cases").filter(has_text="hundred").wait_for()


def _click(page: Page) -> tuple[float, float]:
    button = page.get_by_role("button", name="Run")
    button.scroll_into_view_if_needed()
    clicked = time.time()
    button.click()
    told = page.locator("p.headline", has_text="It agreed with you on")
    told.first.wait_for(timeout=WITHIN_MS)
    return clicked, time.time()


def _stages(at: Stand, run: UUID, clicked: float, seen: float) -> dict[str, float]:
    from capsule_flows.home import resources

    states = {state.name: state.timestamp for state in at.client.read_flow_run_states(run)}
    outcome = resources().ledger.outcome(run)
    marks = [
        clicked,
        *(_seconds(states[name]) for name in ("Scheduled", "Pending", "Running", "Completed")),
        _seconds(outcome.settled_at) if outcome else seen,
        seen,
    ]
    names = ("submitting", "picking up", "handing over", "running", "judging", "showing")
    return {
        name: later - earlier for name, earlier, later in zip(names, marks, marks[1:], strict=False)
    }


def _seconds(moment: datetime) -> float:
    return moment.timestamp()


def _told(stages: dict[str, float]) -> str:
    return ", ".join(f"{name} {seconds:.2f}" for name, seconds in stages.items())
