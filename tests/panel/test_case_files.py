"""A trial can be taken away as a table whose cells a spreadsheet shows and never obeys."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
from looking import two_classes
from python_calamine import load_workbook

from capsule_flows.case_files import as_csv, as_xlsx, cases_as_table, compared_as_table, tamed
from capsule_flows.weighing import weigh

HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_that_a_spreadsheet_would_obey_is_quoted(text: str) -> None:
    assert tamed(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "+1.5e-3", "-0,5", "benign", "a=b", ""])
def test_numbers_and_plain_words_stay_as_they_are(text: str) -> None:
    assert tamed(text) == text


def test_the_csv_holds_numbers_as_numbers_and_no_formula() -> None:
    table = pd.DataFrame({"=name": HOSTILE, "score": np.linspace(-1, 1, len(HOSTILE))})
    rows = list(csv.reader(io.StringIO(as_csv(table).decode("utf-8-sig"))))
    assert rows[0] == ["'=name", "score"]
    assert [row[0] for row in rows[1:]] == [f"'{text}" for text in HOSTILE]
    assert [float(row[1]) for row in rows[1:]] == pytest.approx(table["score"].tolist())


def test_the_excel_file_holds_the_texts_themselves_and_no_formula() -> None:
    table = pd.DataFrame({"name": [*HOSTILE[:4], "https://x"], "score": [0.5, -1, np.nan, 3, 4]})
    content = as_xlsx(table)
    rows = load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[1:3] == [["=1+1", 0.5], ["+cmd|' /C calc'!A0", -1.0]]
    assert rows[3] == ["-2+3", ""]
    assert rows[5] == ["https://x", 4.0]


def test_the_file_has_every_case_worst_first_with_what_the_model_was_given() -> None:
    one = two_classes()
    first = one.cases.iloc[0]
    table = cases_as_table(
        one.cases, one.inputs, one.manifest.contract, {first["case_id"]: "wrong (Ada)"}
    )
    assert table["case"].tolist() == one.cases["case"].tolist()
    given = one.inputs.set_index("case_id").loc[first["case_id"]]
    top = table.iloc[0]
    assert (top["agrees"], top["your word on it"]) == ("no", "wrong (Ada)")
    assert (top["site"], top["worst_area"]) == (given["site"], given["worst_area"])


def test_two_trials_side_by_side_are_a_file_with_what_broke_first_and_no_formula() -> None:
    one = two_classes()
    before = one.cases.assign(case="=1+1")
    after = before.assign(right=~before["right"], prediction="@SUM(A1)")
    _, compared = weigh(before, after, critical=[str(before["case_id"].iloc[-1])])
    table = compared_as_table(compared)
    assert table.iloc[0].tolist()[:3] == ["broken", "yes", "=1+1"]
    assert len(table) == len(before)
    first = list(csv.reader(io.StringIO(as_csv(table).decode("utf-8-sig"))))[1]
    assert (first[2], first[5]) == ("'=1+1", "'@SUM(A1)")
