"""The long tables say in words what was found."""

import pandas as pd
import pytest
from bokeh.models.widgets.tables import ScientificFormatter

from capsule_panel.tables import cases_frame, cases_table

JUDGED = pd.DataFrame(
    {
        "case_id": ["a", "b", "c"],
        "row": [2, 3, 4],
        "case": ["S-1", "S-2", "row 4"],
        "answer": ["malignant", "benign", None],
        "prediction": ["benign", None, "benign"],
        "score": [0.25, float("nan"), 0.5],
        "right": pd.array([False, False, None], dtype="boolean"),
    }
)


def test_a_blank_is_blank_and_a_case_without_an_answer_says_so() -> None:
    shown = cases_frame(JUDGED, {"a": "wrong (Ada)"})
    assert shown.drop(columns="score").to_numpy().tolist() == [
        ["S-1", "malignant", "benign", "no", "wrong (Ada)"],
        ["S-2", "benign", "", "no", ""],
        ["row 4", "", "benign", "no answer", ""],
    ]


def test_a_case_unlike_the_training_or_used_in_it_says_so_and_others_say_nothing() -> None:
    beside = JUDGED.assign(
        unlike=pd.array(["area 9 mm; training had 1 to 5 mm", None, None], "string"),
        trained_on=[False, True, False],
    )

    assert cases_frame(beside, {})["training"].tolist() == [
        "unlike it: area 9 mm; training had 1 to 5 mm",
        "it was trained on this case",
        "",
    ]
    assert "training" not in cases_frame(beside.iloc[[2]], {})


@pytest.mark.filterwarnings("ignore:The inplace keyword:pandas.errors.Pandas4Warning")
def test_numbers_sort_as_numbers_and_every_column_is_searched() -> None:
    table = cases_table(cases_frame(JUDGED, {}))
    assert table.value["score"].tolist()[::2] == [0.25, 0.5]
    assert isinstance(table.formatters["score"], ScientificFormatter)
    assert {name: one["type"] for name, one in table.header_filters.items()} == {
        "case": "input",
        "answer": "input",
        "prediction": "input",
        "score": "number",
        "right": "input",
        "word": "input",
    }


# Bokeh 3.9 still calls pandas the old way.
@pytest.mark.filterwarnings("ignore:The inplace keyword:pandas.errors.Pandas4Warning")
def test_a_session_gets_a_copy() -> None:
    frame = cases_frame(JUDGED, {})
    assert cases_table(frame).value is not frame
