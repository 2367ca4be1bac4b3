"""Every page in a real browser, light and dark: nothing from elsewhere, nothing that axe calls serious, nothing obeyed."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from urllib.parse import quote, urlsplit

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr

from capsule_blocks import Ledger
from capsule_blocks.tables import Kept, Verdict
from e2e.browsing import CAPSULE, bring, opened_browser
from e2e.conftest import EXAMPLE, Started
from e2e.seeing import HEADINGS, filled, serious, serious_by_day_and_night
from hostile import one_of_each
from machine import free_port, until

pytestmark = pytest.mark.browser
NAME = "<img src=x onerror=alert('obeyed')>"
TABLET = {"width": 820, "height": 1180}


@dataclass
class Seen:
    """What happened while pages were open."""

    origin: str
    elsewhere: list[str] = field(default_factory=list)
    obeyed: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Write down each request to another origin, each dialog, each error."""
        page.on("request", lambda request: self._request(request.url))
        page.on("websocket", lambda socket: self._request(socket.url))
        page.on("dialog", lambda dialog: (self.obeyed.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: self.broken.append(str(error)))

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != self.origin:
            self.elsewhere.append(url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all that is looked at."""
    with opened_browser() as one:
        yield one


@pytest.fixture(scope="module")
def odd_trial(started: Started, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A judged trial of odd cases in a set with an odd name, by a person with an odd name, who said odd things."""
    texts = one_of_each()
    cases = pd.read_csv(EXAMPLE).head(len(texts)).assign(specimen=texts)
    file = tmp_path_factory.mktemp("odd") / "odd.csv"
    cases.to_csv(file, index=False, quoting=csv.QUOTE_ALL)
    told = started.json("cases", "add", "tumor_malignancy", str(file), "--name", NAME)
    tried = started.json("try", "tumor_malignancy", str(file))
    ledger = Ledger(url=SecretStr(f"sqlite:///{started.home / 'ledger.db'}"))
    trial = next(one for one in ledger.trials() if str(one.flow_run_id) == tried["trial"])
    case_set = ledger.case_set("tumor_malignancy", NAME)
    assert case_set is not None, told
    for text in texts:
        ledger.add_revision(
            Verdict(
                flow_run_id=trial.flow_run_id,
                release_id=trial.release_id,
                word="not ready",
                statement=text,
                by=text,
            )
        )
    assert trial.case_set_id is not None
    ledger.add(Kept(case_set_id=trial.case_set_id, critical=True, reason=NAME, by=NAME))
    return f"/trial?id={trial.flow_run_id}"


@pytest.fixture(scope="module")
def odd_capsule(started: Started) -> str:
    """A capsule whose author wrote odd text wherever an author writes."""
    known = started.post("/deployments/filter", {})
    own = next(one for one in known if "x-contract" in json.dumps(one["parameter_openapi_schema"]))
    schema = _with_text(own["parameter_openapi_schema"])
    flow = started.post("/flows/", {"name": "odd"})
    asked = {"name": "odd", "flow_id": flow["id"], "parameter_openapi_schema": schema}
    started.post("/deployments/", {**asked, "entrypoint": own["entrypoint"]})
    return "/capsule?name=odd"


def _with_text(value: object, key: str = "") -> object:
    """Return a schema with every text that an author writes for people made odd."""
    if isinstance(value, dict):
        return {name: _with_text(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_text(one) for one in value]
    if key == "name" and value == "tumor_malignancy":
        return "odd"
    if key in {"title", "does", "needs", "limits", "meaning", "description"}:
        return f"{value} {' '.join(one_of_each()[:-1])}"[:3_000]
    return value


def open_page(browser: Browser, app: str, path: str) -> tuple[Page, Seen]:
    """Open a page, light, and wait until it has filled itself."""
    context = browser.new_context(viewport=TABLET, color_scheme="light")
    context.add_cookies([{"name": "capsules_name", "value": quote(NAME), "url": app}])
    page, seen = context.new_page(), Seen(urlsplit(app).netloc)
    page.set_default_timeout(60_000)
    seen.watch(page)
    # What fades from one colour into the next is measured at its end.
    hurried = context.new_cdp_session(page)
    hurried.send("Animation.enable")
    hurried.send("Animation.setPlaybackRate", {"playbackRate": 1_000})
    page.goto(app + path)
    filled(page)
    return page, seen


PLACES = (
    "list",
    "capsule",
    "odd capsule",
    "no capsule",
    "odd trial",
    "no trial",
    "author",
    "draft",
    "make",
    "no make",
    "mine",
    "compare",
)


@pytest.mark.parametrize("place", PLACES)
def test_a_page_asks_nobody_else_obeys_nothing_and_can_be_used_by_everybody(
    browser: Browser, started: Started, odd_trial: str, odd_capsule: str, place: str
) -> None:
    trial = odd_trial.partition("=")[2]
    path = {
        "list": "/",
        "capsule": CAPSULE,
        "odd capsule": odd_capsule,
        "no capsule": f"/capsule?name={quote(NAME)}",
        "odd trial": odd_trial,
        "no trial": f"/trial?id={quote(NAME)}",
        "author": "/author",
        "draft": "/make?from=capsules/tumor_malignancy/model.py",
        "make": "/make?name=tumor_malignancy",
        "no make": f"/make?name={quote(NAME)}",
        "mine": "/mine",
        "compare": f"/compare?before={trial}&after={trial}",
    }[place]
    page, seen = open_page(browser, started.app, path)
    width = "document.documentElement.scrollWidth"
    assert page.evaluate(width) <= TABLET["width"], "a tablet shows the whole width"
    found = serious_by_day_and_night(page)
    if place == "odd capsule":  # its author's text may hold headings of any level
        found = [one for one in found if one.partition(":")[0] not in HEADINGS]
    page.context.close()
    assert (seen.elsewhere, seen.obeyed, seen.broken, found) == ([], [], [], [])


@pytest.fixture(scope="module")
def closed(started: Started) -> Iterator[str]:
    """The app over the same cases once more, for people who sign in; gives its address."""
    port = free_port()
    started.give_out("tumor_malignancy", EXAMPLE)
    with subprocess.Popen(
        [sys.executable, "-m", "capsule_panel", "--port", str(port)],
        env={**started.environment, "CAPSULES_ACCOUNTS": "passwords"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert any("serves" in line for line in process.stdout)
        yield f"http://127.0.0.1:{port}"
        process.terminate()
    started.take_back("tumor_malignancy")


def test_whoever_is_invited_and_whoever_has_a_link_can_use_the_pages_on_the_way_in(
    browser: Browser, started: Started, closed: str
) -> None:
    """The author signs in, comes by her invitation and shares; somebody comes by what she shared."""
    found: list[str] = []
    page, seen = open_page(browser, closed, "/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    found += serious_by_day_and_night(page)
    invited = started.capsules("people", "add", "ada@clinic.example", "--role", "author")
    page.goto(closed + urlsplit(invited.strip()).path)
    found += serious_by_day_and_night(page)
    page.get_by_label("password").fill("a sentence that is easy to remember")
    page.get_by_role("button", name="Choose this password").click()
    filled(page)
    page.goto(closed + CAPSULE)
    filled(page)
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("code", has_text="/s/").text_content() or ""
    found += serious_by_day_and_night(page)
    page.context.close()
    guest, also_seen = open_page(browser, closed, urlsplit(link).path)
    found += serious_by_day_and_night(guest)
    guest.get_by_label("Your name").fill("Ben")
    guest.get_by_role("button", name="Open it").click()
    expect(guest.get_by_role("button", name="Run", exact=True)).to_be_visible()
    guest.context.close()
    told = [*seen.elsewhere, *seen.broken, *also_seen.elsewhere, *also_seen.broken]
    assert (told, found) == ([], [])


def test_a_file_of_odd_text_is_told_as_text(
    browser: Browser, started: Started, tmp_path: Path
) -> None:
    """Headers, cells, the file's name and the case set's name: shown, not obeyed, and nothing sent elsewhere."""
    texts = [text for text in one_of_each() if "\n" not in text]
    table = pd.read_csv(EXAMPLE, dtype=str).head(len(texts)).assign(mean_texture=texts)
    table = table.rename(columns={"worst_area": texts[0]})
    for number, text in enumerate(texts):
        table[f"{number} {text}"[:200]] = text
    file = tmp_path / "<img src=x onerror=alert(1)>.csv"
    table.to_csv(file, index=False, quoting=csv.QUOTE_ALL)
    page, seen = open_page(browser, started.app, CAPSULE)
    bring(page, file, NAME)
    expect(page.get_by_label("mean_texture, line 2", exact=True)).to_have_value(texts[0])
    page.wait_for_load_state("networkidle")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download an empty table").click()
    assert download.value.suggested_filename == "tumor_malignancy.xlsx"
    found = serious(page)
    page.context.close()
    assert (seen.elsewhere, seen.obeyed, seen.broken, found) == ([], [], [], [])


def test_the_look_that_was_chosen_is_remembered(browser: Browser, started: Started) -> None:
    page, _ = open_page(browser, started.app, "/")
    page.get_by_role("button", name="Toggle theme").click()
    dark = "document.documentElement.dataset.look === 'dark'"
    page.wait_for_function(dark)
    page.goto(started.app + CAPSULE)
    expect(page.get_by_role("button", name="Toggle theme")).to_be_visible()
    page.wait_for_function(dark)
    page.context.close()


def test_a_page_that_lost_its_connection_goes_on_where_it_was(
    browser: Browser, started: Started
) -> None:
    """The socket breaks, as it does when a laptop sleeps; the same session takes the next click."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(
        "const Plain = WebSocket; window.sockets = [];"
        "window.WebSocket = class extends Plain {"
        " constructor(...all) { super(...all); window.sockets.push(this) } }"
    )
    page.goto(started.app + CAPSULE)
    page.get_by_label("Threshold").fill("7")
    page.keyboard.press("Tab")
    expect(page.locator(".field-problem", has_text="0.99")).to_be_visible()
    page.evaluate("window.sockets.at(-1).close(4000)")
    page.wait_for_function("window.sockets.length > 1 && window.sockets.at(-1).readyState === 1")
    problem, values = page.locator(".field-problem", has_text="0.99"), cycle(("0.4", "0.3"))

    def taken() -> bool | None:
        # What is typed while the page fetches its state again is overwritten by it, so she types again.
        page.get_by_label("Threshold").fill(next(values))
        page.keyboard.press("Tab")
        with suppress(AssertionError):
            expect(problem).to_have_count(0, timeout=5_000)
        return problem.count() == 0 or None

    until(taken, 60, "the session to take a change")
    context.close()
