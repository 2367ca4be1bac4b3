"""A person at a real browser, and what she does in more than one test."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from machine import browser_path

CAPSULE = "/capsule?name=tumor_malignancy"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LATEST_MS = 60_000


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """Hold a browser that waits for what is expected, for a minute at most."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=LATEST_MS)
        browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        yield browser
        browser.close()


def bring(page: Page, file: Path, name: str) -> None:
    """Bring a file on the capsule's page; where people have accounts, nobody is asked who she is."""
    page.get_by_label("Table with your cases and answers").set_input_files(file)
    if (name_field := page.get_by_label("Your name")).count():  # once the page is there
        name_field.fill("A. Tester")
    page.get_by_label("What to call these cases (if you like)").fill(name)
    page.get_by_role("button", name="Check and keep").click()


def choose(page: Page, field: str, option: str) -> None:
    """Choose from a select, by its label."""
    page.get_by_role("combobox", name=field, exact=True).click()
    page.get_by_role("menuitem", name=option, exact=True).click()
