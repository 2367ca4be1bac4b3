"""Small declarations and tables for the tests of the judgement."""

from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd

from capsule_kit.answers import Answer, ClassAnswer, NumberAnswer
from capsule_kit.columns import Column
from capsule_kit.contract import Contract
from capsule_kit.criteria import Criterion, ErrorCost
from capsule_kit.manifest import Manifest, Page

Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def class_manifest(
    classes: Sequence[str] = ("benign", "malignant"),
    positive: str | None = "malignant",
    criteria: Sequence[Criterion] = (),
    costs: Sequence[ErrorCost] = (),
) -> Manifest:
    """Return a declaration whose answer is a class."""
    answer = ClassAnswer(column="truth", classes=tuple(classes), positive=positive, meaning="seen")
    return _manifest(answer, criteria, costs)


def number_manifest(
    tolerance: float = 0.5,
    unit: str = "mg/L",
    criteria: Sequence[Criterion] = (),
    tolerance_kind: Literal["absolute", "relative", "fold"] = "absolute",
) -> Manifest:
    """Return a declaration whose answer is a number."""
    answer = NumberAnswer(
        column="truth",
        unit=unit,
        tolerance=tolerance,
        tolerance_kind=tolerance_kind,
        meaning="measured",
        example=1.0,
    )
    return manifest_of(answer, criteria)


def manifest_of(
    answer: Answer, criteria: Sequence[Criterion] = (), costs: Sequence[ErrorCost] = ()
) -> Manifest:
    """Return a declaration of this answer."""
    return _manifest(answer, criteria, costs)


def _manifest(
    answer: Answer, criteria: Sequence[Criterion], costs: Sequence[ErrorCost]
) -> Manifest:
    columns = (
        Column(
            name="patient", kind="text", identifier=True, required=False, meaning="x", example="p"
        ),
        Column(name="site", kind="choice", choices=("lung", "skin"), meaning="x", example="lung"),
        Column(name="age", kind="number", unit="years", meaning="x", example="50"),
    )
    return Manifest(
        name="example",
        title="Example?",
        contract=Contract(columns=columns, answer=answer),
        criteria=tuple(criteria),
        costs=tuple(costs),
        page=Page(does="x", needs="x", limits="x"),
    )


def tables(
    answers: Sequence[object], predictions: Sequence[object], scores: Sequence[object] | None = None
) -> Tables:
    """Return inputs, answers and predictions of as many cases as there are answers."""
    ids = [f"c{place}" for place in range(len(answers))]
    rows = list(range(2, len(answers) + 2))
    inputs = pd.DataFrame({"case_id": ids, "row": rows, "site": ["lung"] * len(ids)})
    predicted = pd.DataFrame({"case_id": ids, "prediction": predictions})
    if scores is not None:
        predicted["score"] = pd.Series(list(scores))
    return inputs, pd.DataFrame({"case_id": ids, "answer": answers}), predicted


def from_counts(counts: Mapping[tuple[str, str], int]) -> Tables:
    """Return as many cases of each (answer, prediction) as `counts` says."""
    pairs = [pair for pair, n in counts.items() for _ in range(n)]
    return tables([answer for answer, _ in pairs], [prediction for _, prediction in pairs])
