"""From the model dashboard to a shared capsule, in a project where nothing but the product is: all by browser."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.browsing import LATEST_MS, bring, choose, opened_browser
from e2e.conftest import PROJECT, Started
from e2e.trained_on import samples
from private_mlflow import MlflowHere

pytestmark = [pytest.mark.browser, pytest.mark.docker]
BUILT_MS = 300_000
PASSWORD = "seven grey herons"
TEXTS = {
    "the unit, or dimensionless": "dimensionless",
    "what this is and how it is measured": "As the training's table has it.",
    "What one row is": "one patient",
    "The question it answers": "What became of this patient?",
    "What the answer is": "As the follow-up had it.",
    "What the model does": "Says what became of a patient, for whoever has the follow-up.",
    "What the expert must bring": "A table with one row for each patient.",
    "Where it is known not to work": "Nowhere else than where it was trained.",
}
GIT = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Eve Miller"), ("EMAIL", "eve@lab.example"))
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What git knows of this project, and what it does not know yet, as somebody's own, all committed."""
    folder = tmp_path_factory.mktemp("project")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (source := PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / name)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "As it came"]):
        subprocess.run(["git", *words], cwd=folder, env=GIT | {"PATH": "/usr/bin:/bin"}, check=True)
    return folder


@pytest.fixture(scope="module")
def lab(
    project: Path, mlflow: MlflowHere, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Started]:
    """A start in that project, with a registry and with accounts."""
    parts = ("capsules", "blocks", "flows", "ui_panel")
    extra = {
        **GIT,
        "PYTHONPATH": ":".join(str(project / part) for part in parts),
        "MLFLOW_TRACKING_URI": mlflow.url,
        "CAPSULES_ACCOUNTS": "passwords",
    }
    one = Started(tmp_path_factory.mktemp("lab"), extra=extra, project=project)
    try:
        one.start()
        yield one
    finally:
        one.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser."""
    with opened_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def eve(browser: Browser, lab: Started) -> Page:
    """The author's page, signed in."""
    page = browser.new_context(viewport={"width": 1280, "height": 1400}).new_page()
    page.set_default_timeout(LATEST_MS)
    page.goto(lab.capsules("people", "add", "eve", "--role", "author", "--name", "Eve").strip())
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Choose this password").click()
    expect(page.get_by_text("Try a model").first).to_be_visible()
    return page


@pytest.mark.parametrize("model", ["nodule", "wine", "progression"])
def test_a_registered_model_is_made_a_capsule_released_shared_and_run_by_an_expert(
    eve: Page,
    browser: Browser,
    lab: Started,
    project: Path,
    tmp_path: Path,
    model: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One by its own class with parameters, one whose signature nobody wrote, one that gives a number."""
    sample, answer = samples(tmp_path)[model]
    eve.goto(f"{lab.app}/author")
    row = eve.get_by_role("row", name=re.compile(rf"^{model}\b"))
    begun = time.monotonic()
    row.get_by_role("link", name="Create inference capsule").click()
    drafted(eve, sample, answer)
    said(eve)
    built(eve)
    link = released_and_shared(eve)
    with capsys.disabled():
        print(f"\n{model}: click to shared link in {time.monotonic() - begun:.0f} s", end=" ")
    tried_by_an_expert(browser, link, sample)
    clean = ["git", "status", "--porcelain"]
    left = subprocess.run(clean, cwd=project, capture_output=True, text=True, check=True)
    assert left.stdout == ""


def drafted(eve: Page, sample: Path, answer: str) -> None:
    """Have the capsule written from the signature and some rows."""
    if answer == "progression":  # the newest version has no signature; its first has one
        eve.goto(eve.url.replace("%2F2", "%2F1"))
    expect(eve.get_by_text("Its signature")).to_be_visible()
    eve.locator("input[type=file]").set_input_files(sample)
    choose(eve, "The column with the answer", answer)
    eve.get_by_role("button", name="Create the capsule").click()
    expect(eve.get_by_text("nothing of the model was opened")).to_be_visible()


def said(eve: Page) -> None:
    """Write every text that is asked, and see the expert's view take it up."""
    asked = eve.get_by_text("[[write: what the expert must bring]]", exact=True)
    expect(asked).to_be_visible()
    for label, text in TEXTS.items():
        for field in eve.get_by_label(re.compile(label, re.IGNORECASE)).all():
            field.fill(text)
    eve.get_by_role("button", name="Save these texts").click()
    expect(eve.get_by_text("Every text is written.")).to_be_visible()
    seen = eve.get_by_text("A table with one row for each patient.", exact=True)
    expect(seen).to_be_visible()
    expect(eve.locator("p, h3", has_text="[[write")).to_have_count(0)


def built(eve: Page) -> None:
    """Commit it, build it, and see its example judged."""
    eve.get_by_role("button", name="Commit this capsule's files").click()
    expect(eve.get_by_text("Committed. Build it now")).to_be_visible()
    eve.get_by_role("button", name="Build it and run its example").click()
    expect(eve.get_by_role("log")).to_contain_text("Step 1/")
    expect(eve.get_by_text("Built and deployed.")).to_be_visible(timeout=BUILT_MS)
    expect(eve.locator("p.headline").first).to_be_visible(timeout=BUILT_MS)


def released_and_shared(eve: Page) -> str:
    """Release it and share it by a link; return the link."""
    expect(eve.get_by_text("Nothing is in the way of a release.")).to_be_visible()
    eve.get_by_role("button", name="Release it").click()
    expect(eve.get_by_text("Released. Experts run it from now on.")).to_be_visible(timeout=BUILT_MS)
    eve.get_by_role("button", name="Make a link").click()
    expect(eve.get_by_text("Copy this link now")).to_be_visible()
    return (eve.locator("code", has_text="/s/").first.text_content() or "").strip()


def tried_by_an_expert(browser: Browser, link: str, sample: Path) -> None:
    """Come by the link, bring cases of one's own, run it, and read what came out."""
    context = browser.new_context(viewport={"width": 1280, "height": 1400})
    page = context.new_page()
    page.set_default_timeout(LATEST_MS)
    page.goto(link)
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_role("button", name="Open it").click()
    expect(page.get_by_role("heading", name="What became of this patient?")).to_be_visible()
    bring(page, sample, "ward 3")
    expect(page.get_by_text("cases are kept as 'ward 3'").first).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("p.headline").first).to_be_visible(timeout=120_000)
    context.close()
