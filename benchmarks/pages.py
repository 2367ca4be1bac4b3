"""How long a page takes until a person can use it, beside an empty page of the same framework."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import httpx
from playwright.sync_api import Page, sync_playwright

from benchmarks.empty_page import WORD
from benchmarks.figures import Figure, bounded
from benchmarks.start import PROJECT, free_port

NAME = "tumor_malignancy"
TIMES = 9
BOUND = 1.5
WITHIN_MS = 60_000.0
STARTS_WITHIN_S = 60.0
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


def measure_pages(app: str, browser: str, tell: Callable[[str], None]) -> dict[str, Figure]:
    """Open each page in turn, several times; `app` is the app's address, `browser` Chromium's path."""
    seconds: dict[str, list[float]] = {"empty": [], "first": [], "capsule": []}
    with _empty_page() as empty, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        for turn in range(TIMES + 1):
            page = chromium.new_page(viewport={"width": 1366, "height": 768})
            page.set_default_timeout(WITHIN_MS)
            now = {
                "empty": _opened(page, empty, _empty_usable),
                "first": _opened(page, app, _first_usable),
                "capsule": _opened(page, f"{app}/capsule?name={NAME}", _capsule_usable),
            }
            page.close()
            if turn:  # the first one fills the browser's cache and imports what the app needs once
                for name, one in now.items():
                    seconds[name].append(one)
                tell(", ".join(f"{name} {one:.2f} s" for name, one in now.items()))
        chromium.close()
    middle = {name: median(several) for name, several in seconds.items()}
    worst = max(middle["first"], middle["capsule"]) / middle["empty"]
    told = ", ".join(f"{name} {one:.2f} s" for name, one in middle.items())
    note = f"until it can be used, the slower of first and capsule page over an empty one: {told}"
    return {"page_interactive_vs_empty": bounded(worst, "times", note, BOUND)}


def _opened(page: Page, address: str, usable: Callable[[Page], None]) -> float:
    page.goto("about:blank")
    begun = time.monotonic()
    page.goto(address, wait_until="commit")
    usable(page)
    return time.monotonic() - begun


def _empty_usable(page: Page) -> None:
    page.get_by_text(WORD).wait_for()
    page.get_by_role("button", name="Press").wait_for()


def _first_usable(page: Page) -> None:
    page.get_by_role("link", name="Is this breast mass malignant?").wait_for()


def _capsule_usable(page: Page) -> None:
    page.get_by_role("button", name="Check and keep").wait_for()
    page.get_by_role("combobox", name="Cases").filter(has_text="example").wait_for()
    page.get_by_role("button", name="Run", exact=True).wait_for()


@contextmanager
def _empty_page() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.empty_page", str(port)]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_answering(address)
        yield address
    finally:
        process.terminate()
        process.wait()


def _wait_answering(address: str) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        try:
            httpx.get(address, timeout=STARTS_WITHIN_S)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    message = "The empty page was not served in time."
    raise SystemExit(message)
