"""How long a hundred thousand result rows take to show, to page through, to sort and to search, in a real browser."""

import time
from collections.abc import Callable
from statistics import median

import numpy as np
import pandas as pd
from playwright.sync_api import Locator, Page, sync_playwright

from benchmarks.figures import Figure
from benchmarks.redraw import FLAGS, WITHIN_MS, served

ROWS, TIMES = 100_000, 7


def measure_rows(browser: str, tell: Callable[[str], None]) -> dict[str, Figure]:
    """Measure the table of a trial's cases; `browser` is the path of Chromium."""
    shown: list[float] = []
    did: dict[str, list[float]] = {"the next page": [], "sorted": [], "searched": []}
    with served(_page) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        for _ in range(TIMES):
            page = chromium.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(WITHIN_MS)
            begun = time.perf_counter()
            page.goto(address)
            _row(page, "S-000000").wait_for()
            shown.append(time.perf_counter() - begun)
            did["the next page"].append(_timed(page, _next_page, "S-000015"))
            did["sorted"].append(_timed(page, _sorted, _lowest()))
            did["searched"].append(_timed(page, _searched, "S-099999"))
            page.close()
        chromium.close()
    first, each = median(shown), {what: median(seconds) for what, seconds in did.items()}
    told = ", ".join(f"{what} {seconds:.2f} s" for what, seconds in each.items())
    tell(f"first shown {first:.2f} s; {told}")
    about = f"{ROWS:,} cases in the table of a trial"
    return {
        "rows_100k_shown_s": Figure(
            round(first, 3),
            "s",
            f"{about}: a page opened until the first row is there, median of {TIMES}",
        ),
        "rows_100k_browsed_s": Figure(
            round(max(each.values()), 3),
            "s",
            f"{about}, the slowest of: {told}; medians of {TIMES}",
        ),
    }


def _cases() -> pd.DataFrame:
    scores = np.random.default_rng(7).permutation(ROWS) / ROWS
    called = np.where(scores >= 0.5, "malignant", "benign")
    return pd.DataFrame(
        {
            "case_id": [f"c{number}" for number in range(ROWS)],
            "case": [f"S-{number:06d}" for number in range(ROWS)],
            "answer": "benign",
            "prediction": called,
            "score": scores,
            "right": called == "benign",
        }
    )


def _lowest() -> str:
    cases = _cases()
    return str(cases["case"][cases["score"].idxmin()])


def _page() -> object:
    from capsule_panel.frame import shell
    from capsule_panel.tables import cases_frame, cases_table

    return shell("Cases", cases_table(cases_frame(_cases(), {})))


def _row(page: Page, case: str) -> Locator:
    return page.get_by_role("gridcell", name=case)


def _timed(page: Page, does: Callable[[Page], None], case: str) -> float:
    begun = time.perf_counter()
    does(page)
    _row(page, case).wait_for()
    return time.perf_counter() - begun


def _next_page(page: Page) -> None:
    page.get_by_role("button", name="Next Page").click()


def _sorted(page: Page) -> None:
    page.get_by_role("button", name="Its score").click()


def _searched(page: Page) -> None:
    page.get_by_label("Case: find").fill("S-099999")
    page.keyboard.press("Enter")
