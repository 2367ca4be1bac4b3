"""A person in a real browser: brings her table, is told what is wrong with it, runs, reads, signs, keeps."""

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from capsule_blocks import Ledger
from e2e.browsing import CAPSULE, bring
from e2e.conftest import EXAMPLE, Started, until

pytestmark = pytest.mark.browser


def test_her_table_becomes_a_judged_trial_a_verdict_and_a_kept_case_set(
    started: Started, page: Page, tmp_path: Path
) -> None:
    outside: list[str] = []
    page.on(
        "request",
        lambda request: (
            outside.append(request.url)
            if not re.match(r"(https?|ws)://127\.0\.0\.1|data:|blob:", request.url)
            else None
        ),
    )
    file = tmp_path / "mine.csv"
    pd.read_csv(EXAMPLE).head(40).to_csv(file, index=False)
    page.goto(started.app + CAPSULE)
    expect(page.get_by_role("heading", name="Is this breast mass malignant?")).to_be_visible()
    bring(page, file, "mine")
    expect(page.get_by_text("40 cases are kept as 'mine'").first).to_be_visible()
    expect(page.get_by_role("combobox", name="Cases")).to_contain_text("mine")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("It agreed with you on").first).to_be_visible(timeout=120_000)
    page.get_by_role("radio", name="need more cases").check()
    page.get_by_label("What you sign").fill("Too few malignant ones.")
    page.get_by_role("button", name="Sign").click()
    page.get_by_label("Why it matters").last.fill("typical of our ward")
    page.get_by_role("button", name="Keep all these cases").click()
    ledger = Ledger(url=SecretStr(f"sqlite:///{started.home / 'ledger.db'}"))
    case_set = ledger.case_set("tumor_malignancy", "mine")
    assert case_set is not None
    trial = ledger.trials_of_case_set(case_set.id)[0]
    expect(page.get_by_text("Too few malignant ones.").first).to_be_visible()
    verdict = until(
        lambda: next(iter(ledger.verdicts(flow_run_id=trial.flow_run_id)), None), 20, "the verdict"
    )
    assert (verdict.word, verdict.statement) == ("need more cases", "Too few malignant ones.")
    until(
        lambda: any(kept.case_set_id == case_set.id for kept in ledger.kept()) or None,
        20,
        "the kept case set",
    )
    assert outside == []


def test_another_value_is_tried_beneath_the_same_form(started: Started, page: Page) -> None:
    """She changes the threshold and runs again without leaving the page; the new result replaces the old."""
    page.goto(started.app + CAPSULE)
    page.get_by_label("Your name").fill("A. Tester")
    told = []
    for threshold in ("0.5", "0.99"):
        page.get_by_label("Threshold").fill(threshold)
        page.get_by_role("button", name="Run").click()
        expect(page.get_by_text(f"threshold {threshold}").first).to_be_visible()
        expect(page.locator("p.headline", has_text="It agreed").first).to_be_visible()
        told.append(page.locator("p.headline", has_text="It agreed").first.text_content())
    assert told[0] != told[1]
    assert CAPSULE in page.url


def test_a_wrong_cell_is_told_by_row_and_column_in_the_authors_words(
    started: Started, page: Page, tmp_path: Path
) -> None:
    table = pd.read_csv(EXAMPLE, dtype=str).head(10)
    table.loc[3, "worst_smoothness"] = "13.1"
    file = tmp_path / "percent.csv"
    table.to_csv(file, index=False)
    page.goto(started.app + CAPSULE)
    bring(page, file, "percent")
    expect(page.get_by_text("is this one in per cent?").first).to_be_visible()
    ledger = Ledger(url=SecretStr(f"sqlite:///{started.home / 'ledger.db'}"))
    assert any(upload.filename == "percent.csv" for upload in ledger.uploads())
    assert ledger.case_set("tumor_malignancy", "percent") is None


def test_a_file_that_does_not_fit_is_made_to_fit_on_the_page(
    started: Started, page: Page, tmp_path: Path
) -> None:
    """Other headers, another unit, other words and a bad cell: chosen, mended, kept, without leaving the page."""
    table = pd.read_csv(EXAMPLE, dtype=str).head(12)
    percent = [f"{100 * float(value):.3f}" for value in table["worst_smoothness"]]
    other = {"mean_texture": "texture_mean", "worst_area": "area of worst"}
    table = table.assign(worst_smoothness=percent, diagnosis=table["diagnosis"].str[:3])
    table.loc[[2, 5], "mean_texture"] = "n/a"
    table = table.rename(columns={**other, "worst_smoothness": "smoothness (%)"})
    file = tmp_path / "hers.csv"
    table.to_csv(file, index=False)
    page.goto(started.app + CAPSULE)
    bring(page, file, "hers")
    for proposed in ("area of worst", "smoothness (%)"):
        take = page.get_by_role("button", name=f"Take “{proposed}”")
        take.click()
        expect(take).to_be_hidden()
    for word in sorted(set(table["diagnosis"])):
        page.get_by_role("combobox", name=f"“{word}” in “diagnosis” means").click()
        meant = {"ben": "benign", "mal": "malignant"}[word]
        page.get_by_role("menuitem", name=meant, exact=True).click()
        told = page.get_by_role("cell").filter(has_text=re.compile(rf"\b{word}\b"))
        expect(told).to_have_count(0)
    keep = page.get_by_role("button", name="Keep these cases")
    expect(keep).to_be_disabled()
    expect(page.get_by_role("heading", name="2 rows to mend")).to_be_visible()
    page.get_by_label("texture_mean, line 4").fill("20.1")
    page.keyboard.press("Enter")
    expect(page.get_by_label("texture_mean, line 7")).to_be_focused()
    expect(page.get_by_role("heading", name="1 row to mend")).to_be_visible()
    page.get_by_role("button", name="Leave all 1 row out").click()
    expect(page.get_by_text("All 11 rows can be used now. You left 1 row out.")).to_be_visible()
    keep.click()
    expect(page.get_by_text("11 cases are kept as 'hers'").first).to_be_visible()
    ledger = Ledger(url=SecretStr(f"sqlite:///{started.home / 'ledger.db'}"))
    case_set = ledger.case_set("tumor_malignancy", "hers")
    assert case_set is not None
    assert case_set.cases == 11


def test_cells_pasted_from_a_spreadsheet_become_cases(started: Started, page: Page) -> None:
    cells = pd.read_csv(EXAMPLE, dtype=str).head(7).to_csv(sep="\t", index=False)
    page.goto(started.app + CAPSULE)
    page.get_by_label("Your name").fill("A. Tester")
    page.get_by_text("Or paste cells from a spreadsheet").click()
    page.get_by_label("The header and the rows").fill(cells)
    page.get_by_role("button", name="Check and keep").click()
    expect(page.get_by_text("7 cases are kept as 'pasted'").first).to_be_visible()
    expect(page.get_by_text("Your file was read as text, separated by tabs").first).to_be_visible()


def test_typed_rows_a_sheet_chosen_by_one_click_and_the_authors_example(
    started: Started, page: Page, tmp_path: Path
) -> None:
    """Three more ways to cases, one after the other on the same page."""
    table = pd.read_csv(EXAMPLE, dtype=str)
    page.goto(started.app + CAPSULE)
    page.get_by_label("Your name").fill("A. Tester")
    page.get_by_text("Or type a few rows").click()
    for row in (1, 2):
        for name, cell in table.iloc[row].items():
            field = page.get_by_label(f"{name}, row {row}", exact=True)
            if field.count():
                field.fill(cell)
    page.get_by_role("button", name="Check and keep").click()
    expect(page.get_by_text("2 cases are kept as 'typed'").first).to_be_visible()

    file = tmp_path / "book.xlsx"
    with pd.ExcelWriter(file, engine="xlsxwriter") as book:
        pd.DataFrame({"note": ["taken in March", "by two of us"]}).to_excel(
            book, sheet_name="notes"
        )
        table.head(9).to_excel(book, sheet_name="cases", index=False)
    page.get_by_text("Or type a few rows").click()
    bring(page, file, "book")
    expect(page.get_by_text("Choose the one with your cases").first).to_be_visible()
    page.get_by_role("button", name="Take “cases”").click()
    expect(page.get_by_text("sheet “cases”").first).to_be_visible()
    page.get_by_role("button", name="Keep these cases").click()
    expect(page.get_by_text("9 cases are kept as 'book'").first).to_be_visible()

    page.get_by_role("button", name="Take the author's example").click()
    expect(page.get_by_text("The author's example is chosen. Press Run below.")).to_be_visible()
    expect(page.get_by_role("combobox", name="Cases")).to_contain_text("example")


def test_a_name_that_is_code_is_shown_and_never_run(
    started: Started, page: Page, tmp_path: Path
) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    table = pd.read_csv(EXAMPLE, dtype=str).head(5)
    table[hostile] = hostile
    table.loc[0, "specimen"] = hostile
    file = tmp_path / "hostile.csv"
    table.to_csv(file, index=False)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(started.app + CAPSULE)
    bring(page, file, "hostile")
    expect(page.get_by_text("5 cases are kept as").first).to_be_visible()
    assert dialogs == []
    assert page.locator("img[onerror]").count() == 0


def test_the_threshold_of_a_judged_trial_is_moved_and_its_cases_are_taken_away(
    started: Started, page: Page
) -> None:
    """What she would miss follows the slider and her answer; the table comes as a file."""
    page.goto(started.app + CAPSULE)
    page.get_by_label("Your name").fill("A. Tester")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("Where to draw the line")).to_be_visible(timeout=120_000)
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("From a score of 0 on it misses 0 of")).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_text("From a score of 1 on it misses")).to_be_visible()
    alarms = page.get_by_label("How many false alarms would you accept").first
    alarms.fill("21")
    alarms.press("Enter")
    expect(page.get_by_text("At 0.0455, which your answer implies")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Excel", exact=True).click()
    table = pd.read_excel(taken.value.path(), engine="calamine")
    assert {"case", "your answer", "it said", "worst_area"} <= set(table.columns)
    told = page.locator("p.headline", has_text="It agreed").first.text_content() or ""
    judged = re.search(r"on \d+ of (\d+) case", told)
    assert judged
    assert table["agrees"].isin(["yes", "no"]).sum() == int(judged[1])
