"""Pages by themselves in a real browser: made to fit by keyboard alone, and used by everybody, light and dark."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr

from capsule_blocks import Ledger
from capsule_flows.fitting import Fitting
from e2e.browsing import opened_browser
from e2e.seeing import filled, serious_by_day_and_night
from machine import free_port, until

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pages keep their ledger."""
    return tmp_path_factory.mktemp("alone")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Where the pages are served."""
    port = free_port()
    command = [sys.executable, str(HERE / "pages_alone.py"), str(port), str(folder)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(HERE.parent)}) as process:
        until(lambda: _answers(f"http://127.0.0.1:{port}/flips") or None, 90, "the pages")
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def _answers(page: str) -> bool:
    try:
        return httpx.get(page, timeout=30).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all of them."""
    with opened_browser() as one:
        yield one


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    one = browser.new_page(viewport={"width": 1280, "height": 1400}, color_scheme="light")
    yield one
    one.context.close()


@pytest.mark.parametrize(
    ("name", "shows"),
    [
        ("mending", "12 rows to mend"),
        ("flips", "Cases of yours that changed"),
        ("pictures", "Is it as good for everybody?"),
        ("states", "Your cases were refused"),
        ("models", "Models in the registry"),
    ],
)
def test_everybody_can_use_a_page_by_day_and_by_night(
    page: Page, address: str, name: str, shows: str
) -> None:
    page.goto(f"{address}/{name}")
    filled(page)
    expect(page.get_by_role("heading", name=shows)).to_be_visible()
    assert serious_by_day_and_night(page) == []


@pytest.mark.parametrize("width", [700, 1280])
def test_nothing_beside_a_file_that_is_made_to_fit_is_cut_off(
    page: Page, address: str, width: int
) -> None:
    """The grid of her cells scrolls by itself; the page is as wide as the window."""
    page.set_viewport_size({"width": width, "height": 1400})
    page.goto(f"{address}/mending")
    expect(page.get_by_role("heading", name="12 rows to mend")).to_be_visible()
    content = page.locator(".main-content")
    assert content.evaluate("one => one.scrollWidth - one.clientWidth") == 0


def test_whoever_mends_by_keyboard_keeps_her_place_and_each_change_its_row(
    page: Page, address: str, folder: Path
) -> None:
    """A header, two words, a way to read, three cells typed faster than they are checked."""
    page.goto(f"{address}/mending")
    page.get_by_role("button", name="Take “cells counted”").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Your column for “cells”")).to_be_focused()

    for word, steps in (("P", 2), ("G", 3)):
        choice = page.get_by_role("combobox", name=f"“{word}” in “stain” means")
        choice.focus()
        page.keyboard.press("Enter")
        for _ in range(steps):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.get_by_role("cell").filter(has_text=f"“{word}”")).to_have_count(0)
        expect(choice).to_be_focused()

    page.get_by_role("button", name="Read it otherwise").focus()
    page.keyboard.press("Enter")
    decimal = page.get_by_role("combobox", name="Decimals stand behind")
    expect(page.get_by_role("combobox", name="Cells are separated by")).to_be_focused()
    decimal.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text("a decimal point").first).to_be_visible()
    expect(decimal).to_be_focused()

    expect(page.get_by_role("heading", name="3 rows to mend")).to_be_visible()
    page.get_by_label("radius, line 3").focus()
    for text in ("13", "14", "15"):
        page.keyboard.press("Control+a")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    expect(page.get_by_text("All 12 rows can be used now.")).to_be_visible()
    expect(page.get_by_role("button", name="Keep these cases")).to_be_focused()

    ledger = Ledger(url=SecretStr(f"sqlite:///{folder / 'ledger.db'}"))
    upload = next(one for one in ledger.uploads() if one.filename == "hers.csv")
    decided = Fitting.model_validate(ledger.checks(upload.id)[-1].fitting)
    mended = ((3, "13"), (6, "14"), (11, "15"))
    assert decided.cells == {line: {"radius": text} for line, text in mended}
