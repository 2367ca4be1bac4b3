"""Making a file fit by keyboard alone, in a real browser: nobody loses her place, and no change hits another row."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from capsule_blocks import Ledger
from capsule_flows.fitting import Fitting
from e2e.browsing import opened_browser
from machine import free_port, until

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """The page of a file that does not fit, alone."""
    port = free_port()
    command = [sys.executable, str(HERE / "mending_page.py"), str(port), str(tmp_path)]
    with (
        subprocess.Popen(command, cwd=HERE.parent) as process,
        opened_browser() as browser,
    ):
        until(lambda: _answers(port), 60, "the page")
        one = browser.new_page(viewport={"width": 1280, "height": 1400})
        one.goto(f"http://127.0.0.1:{port}")
        yield one
        process.terminate()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}", timeout=30).is_success
    except httpx.TransportError:
        return False


def test_whoever_mends_by_keyboard_keeps_her_place_and_each_change_its_row(
    page: Page, tmp_path: Path
) -> None:
    """A header, two words, a way to read, three cells typed faster than they are checked."""
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

    ledger = Ledger(url=SecretStr(f"sqlite:///{tmp_path / 'ledger.db'}"))
    (upload,) = ledger.uploads()
    decided = Fitting.model_validate(ledger.checks(upload.id)[-1].fitting)
    assert decided.cells == {
        line: {"radius": text} for line, text in ((3, "13"), (6, "14"), (11, "15"))
    }
