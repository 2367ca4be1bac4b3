"""A table that can be long, a trial case by case: a copy, in pages, as plain text."""

from collections.abc import Mapping
from html import escape

import numpy as np
import pandas as pd
from bokeh.models.widgets.tables import ScientificFormatter

import panel as pn
from capsule_flows.wording import number
from capsule_panel.look import TABLE
from capsule_panel.spoken_table import PlainTable, find

Cell = str | float | bool | None

PAGE = 15
NUMBER = ScientificFormatter(precision=3, nan_format="")
AGREES, NO_ANSWER = {True: "yes", False: "no"}, "no answer"
CASE_HEADERS = {
    "case": "Case",
    "answer": "Your answer",
    "prediction": "It said",
    "score": "Its score",
    "right": "Agrees",
    "word": "Your word on it",
}
TRAINING_HEADER = {"training": "Beside what it was trained on"}


COMPARED_HEADERS = {
    "change": "What became of it",
    "case": "Case",
    "answer": "Your answer",
    "before": "It said before",
    "after": "It says after",
}


def cases_frame(judged: pd.DataFrame, words: Mapping[str, str]) -> pd.DataFrame:
    """Return a judged table as it is shown, in its order; `words` is what was said of a case so far.

    Numbers stay numbers, so that they sort as such; everything else is text.
    """
    shown = {name: _shown(judged[name]) for name in ("case", "answer", "prediction", "score")}
    agrees = judged["right"].map(AGREES).fillna(NO_ANSWER).to_numpy(object)
    said = [words.get(case_id, "") for case_id in judged["case_id"].tolist()]
    frame = pd.DataFrame({**shown, "right": agrees, "word": np.array(said, dtype=object)})
    if "unlike" in judged and (judged["unlike"].notna() | judged["trained_on"]).any():
        seen = judged["trained_on"].map({True: "it was trained on this case", False: ""})
        frame["training"] = ("unlike it: " + judged["unlike"]).fillna(seen).to_numpy("object")
    return frame


def cases_table(frame: pd.DataFrame) -> pn.widgets.Tabulator:
    """Return a trial case by case; a row can be chosen, and each column sorts and is searched."""
    headers = CASE_HEADERS | (TRAINING_HEADER if "training" in frame else {})
    table = _table(frame, headers, {"score": 130, "right": 120, "word": 170}, selectable=1)
    numbers = [name for name in headers if frame[name].dtype.kind == "f"]
    table.formatters = {**table.formatters, **dict.fromkeys(numbers, NUMBER)}
    table.header_filters = {
        name: find(title, number=name in numbers) for name, title in headers.items()
    }
    return table


def compared_frame(compared: pd.DataFrame) -> pd.DataFrame:
    """Return two trials' cases in words, in their order."""
    return pd.DataFrame(
        {
            "change": [
                f"{change}, critical" if critical else str(change)
                for change, critical in zip(compared["change"], compared["critical"], strict=True)
            ],
            **{
                name: [_plain(value) for value in compared[name]]
                for name in ("case", "answer", "before", "after")
            },
        },
        dtype="object",
    )


def compared_table(compared: pd.DataFrame) -> pn.widgets.Tabulator:
    """Return two trials case by case."""
    return _table(compared_frame(compared), COMPARED_HEADERS, {"change": 210})


def _table(
    frame: pd.DataFrame,
    headers: Mapping[str, str],
    widths: Mapping[str, int],
    *,
    selectable: bool | int = False,
) -> pn.widgets.Tabulator:
    # A copy, because sessions would share what one of them edits; headers are drawn as HTML.
    return PlainTable(
        frame.copy(deep=True),
        titles={name: escape(title) for name, title in headers.items()},
        formatters={name: {"type": "textarea"} for name in headers},
        widths=dict(widths),
        layout="fit_columns",
        pagination="remote",
        page_size=PAGE,
        show_index=False,
        disabled=True,
        selectable=selectable,
        theme="simple",
        stylesheets=[TABLE],
        sizing_mode="stretch_width",
        header_filters=False,
    )


def _shown(values: pd.Series) -> np.ndarray:
    """Return a column as numbers, where it holds nothing else, or as text."""
    if pd.api.types.is_float_dtype(values.dtype):
        return values.to_numpy(float, na_value=np.nan)
    return values.astype("string").fillna("").to_numpy(object)


def _plain(value: Cell) -> str:
    if pd.isna(value):
        return ""
    return number(value) if isinstance(value, float) else str(value)
