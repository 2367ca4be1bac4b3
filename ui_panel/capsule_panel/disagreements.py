"""Where a trial disagrees with the expert, worst first: each case with what the model was given."""

from collections.abc import Hashable
from html import escape
from typing import Any

import pandas as pd

from capsule_blocks.named_files import NamedFiles
from capsule_flows.wording import count, number, percent
from capsule_kit.answers import NoAnswer, NumberAnswer
from capsule_kit.columns import DIMENSIONLESS
from capsule_kit.manifest import Manifest
from capsule_panel import markup
from capsule_panel.drawn import given_of

PLACED = "placed"
"""The share of a case's pairs in the right order, where only an order can be right."""
WORST = 6


def worst(cases: pd.DataFrame, most: int = WORST) -> pd.DataFrame:
    """Return the first disagreements of a table case by case, which has them worst first."""
    if PLACED in cases:
        return cases[(cases[PLACED] < 1).fillna(value=False).to_numpy(bool)].head(most)
    return cases[(~cases["right"]).fillna(value=False).to_numpy(bool)].head(most)


def disagreements(
    cases: pd.DataFrame,
    inputs: pd.DataFrame,
    manifest: Manifest,
    files: NamedFiles | None = None,
) -> str:
    """Return the worst disagreements as cards; `inputs` holds what the model was given, `files` what that names."""
    placed = PLACED in cases
    wrong = len(worst(cases, len(cases)))
    judged = int(cases[PLACED if placed else "right"].notna().sum())
    if not judged:
        unknown = isinstance(manifest.contract.answer, NoAnswer)
        why = "Your word on each is the evidence." if unknown else "Nothing can disagree."
        return "<h2>Where it disagrees with you</h2>" + markup.paragraph(
            f"No answer is known beforehand. {why}"
        )
    if not wrong:
        return "<h2>Where it disagrees with you</h2>" + markup.paragraph(
            f"Nowhere: it agreed on each of {count(judged, 'case')}. That is not to say it always will."
        )
    shown = worst(cases)
    given = inputs[inputs["case_id"].isin(shown["case_id"])].set_index("case_id")
    cards = "".join(
        _card(case, given.loc[case["case_id"]], manifest, files)
        for case in shown.to_dict("records")
    )
    more = wrong - len(shown)
    rest = f"These are the worst {len(shown)}; {more} more follow in the table." if more else ""
    what = "Where its order is not yours" if placed else "Where it disagrees with you"
    return (
        f"<h2>{what}: {count(wrong, 'case')}</h2>"
        + markup.paragraph(f"{_order(cases, manifest)} {rest}", "quiet")
        + f'<div class="cases">{cards}</div>'
    )


def _order(cases: pd.DataFrame, manifest: Manifest) -> str:
    if PLACED in cases:
        return "Those that it puts most wrongly among the others come first."
    if isinstance(manifest.contract.answer, NumberAnswer):
        return "Those furthest from your answer come first."
    surest = "those it was surest of" if cases["score"].notna().any() else ""
    if manifest.costs:
        return f"The costliest come first{f', then {surest}' if surest else ''}."
    return (
        f"{surest.capitalize()} come first." if surest else "They come in the order of your file."
    )


def _card(
    case: dict[Hashable, Any], row: pd.Series, manifest: Manifest, files: NamedFiles | None
) -> str:
    answer = manifest.contract.answer
    unit = answer.unit if isinstance(answer, NumberAnswer) else DIMENSIONLESS
    said = [f"It said {_value(case['prediction'], unit) or 'nothing'}"]
    if not pd.isna(case["score"]):
        said.append(f"score {_value(case['score'])}")
    words = f"{', '.join(said)}. You say {_value(case['answer'], unit)}."
    if not pd.isna(case.get(PLACED)):
        words += f" {percent(float(case[PLACED]))} of its pairs with others are in the right order."
    if not pd.isna(case["cost"]) and case["cost"]:
        words += f" Cost {_value(case['cost'])}."
    shown = given_of(row, manifest.contract.columns, files=files)
    return (
        f'<article class="case"><h3>{escape(str(case["case"]))}</h3>'
        f'<p class="words">{markup.text(words)}</p>{shown}</article>'
    )


def _value(value: Any, unit: str = DIMENSIONLESS) -> str:
    if pd.isna(value):
        return ""
    return number(value, unit) if isinstance(value, float) else str(value)
