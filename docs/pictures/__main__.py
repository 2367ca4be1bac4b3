"""`python -m docs.pictures`: pages of a running start, as the README and the docs show them."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from capsule_flows.home import running_state, set_environment

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LAPTOP, TABLET = (1366, 900), (820, 1180)
LOADED_WITHIN_MS = 60_000


@dataclass(frozen=True)
class Picture:
    """One picture to take."""

    name: str
    """The file's name without its ending."""
    path: str
    """The page's path with its query."""
    shows: str
    """Text that stands there once the page has filled itself."""
    look: str = "light"
    """"light" or "dark"."""
    size: tuple[int, int] = LAPTOP
    """Width and height in CSS pixels."""


def main() -> None:
    """Take every picture."""
    set_environment()
    from capsule_flows.home import resources

    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if "app_url" not in running_state() or browser_path is None:
        raise SystemExit("Start everything with `capsules demo`, and have Chromium installed.")
    where = resources()
    trials = where.ledger.trials(None)
    outcomes = where.ledger.outcomes([one.flow_run_id for one in trials])
    judged = [
        (one, outcomes[one.flow_run_id].sentence)
        for one in trials
        if one.flow_run_id in outcomes and outcomes[one.flow_run_id].kind == "judged"
    ]
    if not judged:
        raise SystemExit("No trial has been judged yet; `capsules demo` takes one through.")
    newest, sentence = judged[0]
    trial = f"/trial?id={newest.flow_run_id}"
    pictures = [
        Picture("capsule", f"/capsule?name={newest.capsule}", "Earlier trials"),
        Picture("make", f"/make?name={newest.capsule}", "Every text is written."),
        Picture("result", trial, sentence),
        Picture("result-dark", trial, sentence, look="dark", size=TABLET),
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for one in pictures:
            take(browser, where.app_url, one)
        browser.close()


def take(browser: Browser, app: str, picture: Picture) -> None:
    """Open the page, wait until it shows what it should, take the picture."""
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=picture.look
    )
    page = context.new_page()
    page.goto(app + picture.path)
    page.get_by_text(picture.shows).first.wait_for(timeout=LOADED_WITHIN_MS)
    expect(page.get_by_text("One moment …")).to_have_count(0, timeout=LOADED_WITHIN_MS)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=HERE / f"{picture.name}.png")
    context.close()


if __name__ == "__main__":
    main()
