"""`python -m docs.pictures`: the newest judged trial's page of a running start, as the README shows it."""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from capsule_flows.home import running_state, set_environment

PICTURE = Path(__file__).with_name("result.png")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTH, HEIGHT = 1200, 1000
LOADED_WITHIN_MS = 60_000


def main() -> None:
    """Open the page, wait until it tells the result, take the picture."""
    set_environment()
    from capsule_flows.home import resources

    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if "app_url" not in running_state() or browser_path is None:
        raise SystemExit("Start everything with `capsules demo`, and have Chromium installed.")
    where = resources()
    trials = where.ledger.trials(None)
    outcomes = where.ledger.outcomes([one.flow_run_id for one in trials])
    known = [outcomes[one.flow_run_id] for one in trials if one.flow_run_id in outcomes]
    newest = next((one for one in known if one.kind == "judged"), None)
    if newest is None:
        raise SystemExit("No trial has been judged yet; `capsules demo` takes one through.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(where.trial_url(newest.flow_run_id))
        page.get_by_text(newest.sentence).first.wait_for(timeout=LOADED_WITHIN_MS)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
