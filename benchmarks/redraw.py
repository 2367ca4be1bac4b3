"""How long a page takes to redraw when the threshold or the price of an error is changed, in a real browser."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import numpy as np
import pandas as pd
from playwright.sync_api import Page, sync_playwright

from benchmarks.figures import Figure, bounded

CASES, TIMES, BOUND_S = 1_000, 15, 0.2
WITHIN_MS = 60_000
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


def measure_redraw(browser: str, tell: Callable[[str], None]) -> dict[str, Figure]:
    """Measure with a thousand cases; `browser` is the path of Chromium."""
    with served(_page) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        page = chromium.new_page(viewport={"width": 1280, "height": 1600})
        page.set_default_timeout(WITHIN_MS)
        page.goto(address)
        page.get_by_text("From a score of").wait_for()
        thresholds = [_threshold(page) for _ in range(TIMES)]
        prices = [_price(page, turn) for turn in range(1, TIMES + 1)]
        chromium.close()
    moved, priced = median(thresholds), median(prices)
    tell(f"threshold moved: {moved:.3f} s; price changed: {priced:.3f} s")
    note = (
        f"from the key that moves the threshold ({moved:.3f} s), or that changes the price of an error"
        f" ({priced:.3f} s), to what follows from it on the page; {CASES:,} cases, the larger of two"
        f" medians of {TIMES}"
    )
    return {"redraw_1000_s": bounded(max(moved, priced), "s", note, BOUND_S)}


@contextmanager
def served(view: Callable[[], object]) -> Iterator[str]:
    """Serve one page; yield its address."""
    import panel as pn

    pn.extension(notifications=False)
    server = pn.io.server.get_server(view, port=0, show=False)
    server.start()
    serving = threading.Thread(target=server.io_loop.start, daemon=True)
    serving.start()
    yield f"http://localhost:{server.port}"
    server.io_loop.add_callback(server.io_loop.stop)
    serving.join()


def _page() -> object:
    from capsule_flows.thresholds import scored
    from capsule_panel.frame import shell
    from capsule_panel.threshold import ThresholdView

    return shell("Threshold", ThresholdView(scored(_cases(), "ill"), 10).view())


def _cases() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    events = rng.random(CASES) < 0.3
    scores = 1 / (1 + np.exp(-rng.normal(0, 1.5, CASES) - np.where(events, 1.5, -1.5)))
    names = np.array(["well", "ill"])
    return pd.DataFrame(
        {
            "answer": names[events.astype(int)],
            "prediction": names[(scores >= 0.5).astype(int)],
            "score": scores,
        }
    )


def _threshold(page: Page) -> float:
    slider = page.get_by_role("slider")
    slider.focus()
    after = float(slider.get_attribute("aria-valuenow") or 0) + 0.01
    start = time.perf_counter()
    page.keyboard.press("ArrowRight")
    page.get_by_text(f"From a score of {after:.3g} on").wait_for()
    return time.perf_counter() - start


def _price(page: Page, turn: int) -> float:
    field = page.get_by_label("How many false alarms")
    field.focus()
    start = time.perf_counter()
    page.keyboard.press("ArrowUp")
    page.get_by_text(f"At {1 / (11 + turn):.3g}, which your answer implies").wait_for()
    return time.perf_counter() - start
