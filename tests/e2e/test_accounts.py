"""A start with accounts in real browsers: a link shared, opened, worked with, found again, and taken back."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.browsing import CAPSULE, LATEST_MS, bring, opened_browser
from e2e.conftest import EXAMPLE, Started

pytestmark = pytest.mark.browser
PASSWORD = "seven grey herons"
AUTHOR, EXPERT, OTHER = "eve@lab.example", "ada@clinic.example", "ben@clinic.example"


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """A start to which people come with passwords."""
    one = Started(tmp_path_factory.mktemp("closed"), extra={"CAPSULES_ACCOUNTS": "passwords"})
    try:
        one.start()
        one.give_out("tumor_malignancy", EXAMPLE)
        yield one
    finally:
        one.stop()


class People:
    """Whoever sits at a browser: each machine is a context of its own."""

    def __init__(self, browser: Browser, closed: Started) -> None:
        self._browser, self._closed = browser, closed

    def machine(self) -> Page:
        """Return a browser that nobody has used yet."""
        page = self._browser.new_context(viewport={"width": 1280, "height": 1400}).new_page()
        page.set_default_timeout(LATEST_MS)
        return page

    def invited(self, login: str, name: str, role: str) -> Page:
        """Make an account and have its person choose her password; return her page, signed in."""
        words = ("people", "add", login, "--role", role, "--name", name)
        page = self.machine()
        page.goto(self._closed.capsules(*words).strip())
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Choose this password").click()
        expect(page.get_by_text("Try a model").first).to_be_visible()
        return page

    def sign_in(self, page: Page, login: str) -> None:
        """Sign in on the login's page."""
        page.get_by_label("E-mail address or login").fill(login)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()


def test_a_capsule_shared_by_a_link_is_worked_with_found_again_and_taken_back(
    closed: Started, tmp_path: Path
) -> None:
    with opened_browser() as browser:
        people = People(browser, closed)
        eve = people.invited(AUTHOR, "Eve Miller", "author")
        people.invited(EXPERT, "Ada Lovelace", "expert").context.close()
        ben = people.invited(OTHER, "Ben Okoro", "expert")
        expect(ben.get_by_text("Is this breast mass malignant?")).to_have_count(0)

        link = shared_by(eve, closed)
        ada = people.machine()
        ada.goto(link)
        expect(ada.get_by_text("Eve Miller asks you to try a model")).to_be_visible()
        ada.get_by_role("link", name="Sign in first").click()
        people.sign_in(ada, EXPERT)
        ada.get_by_role("button", name="Open it as Ada Lovelace").click()
        expect(ada.get_by_label("Threshold")).to_have_value("0.37")
        expect(ada.get_by_role("combobox", name="Cases")).to_contain_text("example")
        released = deployed_anew(closed)
        trial = tried_by(ada, closed, tmp_path)
        hers = closed.json("show", trial.rpartition("=")[2])
        assert hers["release"] == released
        pinned = closed.get(f"/flow_runs/{hers['trial']}")["job_variables"]
        assert pinned.get("image") == hers["provenance"]["image_id"]
        assert closed.json("try", "tumor_malignancy", str(EXAMPLE))["release"] != released

        elsewhere = people.machine()
        elsewhere.goto(f"{closed.app}/mine")
        people.sign_in(elsewhere, EXPERT)
        elsewhere.get_by_role("heading", name="Your trials").wait_for()
        expect(elsewhere.get_by_text("ward 3").first).to_be_visible()
        elsewhere.locator(f"a[href='{trial}']").first.click()
        expect(elsewhere.locator("p.headline", has_text="It agreed").first).to_be_visible()

        for path in ("/", "/mine"):
            ben.goto(closed.app + path)
            expect(ben.get_by_role("main")).to_be_visible()
            expect(ben.get_by_text("One moment …")).to_have_count(0)
            for hers in ("ward 3", "Ada Lovelace", "Is this breast mass malignant?"):
                expect(ben.get_by_text(hers)).to_have_count(0)
        for path in (trial, CAPSULE):
            ben.goto(closed.app + path)
            expect(ben.get_by_text("This is not open to you")).to_be_visible()

        eve.goto(closed.app + CAPSULE)
        expect(eve.get_by_role("link", name=re.compile("Ada Lovelace")).first).to_be_visible()
        eve.get_by_role("button", name="Take back").click()
        expect(eve.get_by_text("Taken back. It opens nothing any more.")).to_be_visible()
        late = people.machine()
        late.goto(link)
        expect(late.get_by_role("heading", name="This link has ended")).to_be_visible()
        ada.goto(closed.app + CAPSULE)
        expect(ada.get_by_text("This is not open to you")).to_be_visible()
        ada.goto(closed.app + trial)
        expect(ada.locator("p.headline", has_text="It agreed").first).to_be_visible()


def deployed_anew(closed: Started) -> str:
    """Have the author deploy another commit's code; return the release that experts have."""
    wanted = {"flows": {"name": {"any_": ["tumor_malignancy"]}}}
    ids = {one["name"]: one["id"] for one in closed.post("/deployments/filter", wanted)}
    assert set(ids) == {"trial", "released"}
    body = {"version": "another commit"}
    closed.ask("PATCH", f"/deployments/{ids['trial']}", body).raise_for_status()
    tried = closed.json("trials")
    (release,) = {closed.json("show", one["trial"])["release"] for one in tried}
    return str(release)


def shared_by(eve: Page, closed: Started) -> str:
    """Share the capsule by a link for two weeks, with the example and a threshold; return the link."""
    eve.goto(closed.app + CAPSULE)
    eve.get_by_label("Threshold").fill("0.37")
    eve.keyboard.press("Tab")
    eve.get_by_label("Her login, or for a link").fill("the pathologists in Leeds")
    ends = datetime.now(UTC).date() + timedelta(days=14)
    day = eve.get_by_role("group", name="Open until the end of")
    day.get_by_role("spinbutton").first.click()
    eve.keyboard.type(f"{ends:%Y%m%d}")
    eve.get_by_role("combobox", name="Cases that come with it").click()
    eve.get_by_role("menuitem", name="example", exact=True).click()
    eve.get_by_label("With the settings as they stand").check()
    eve.get_by_role("button", name="Make a link").click()
    expect(eve.get_by_text("Copy this link now")).to_be_visible()
    told = eve.get_by_text("the pathologists in Leeds").last
    expect(told).to_contain_text("with the cases “example”, settings filled in")
    expect(told).to_contain_text(f"until the end of {ends:%-d %b %Y}")
    return (eve.locator("code", has_text="/s/").first.text_content() or "").strip()


def tried_by(ada: Page, closed: Started, tmp_path: Path) -> str:
    """Bring a file of her own and run it; return the path of her trial's page."""
    file = tmp_path / "hers.csv"
    pd.read_csv(EXAMPLE).head(30).to_csv(file, index=False)
    bring(ada, file, "ward 3")
    expect(ada.get_by_text("30 cases are kept as 'ward 3'").first).to_be_visible()
    ada.get_by_role("button", name="Run").click()
    expect(ada.locator("p.headline", has_text="It agreed").first).to_be_visible(timeout=120_000)
    own_page = ada.get_by_role("link", name="This trial has a page of its own")
    return own_page.get_attribute("href") or ""
