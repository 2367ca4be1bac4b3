"""Judged trials for the tests of what is shown: classes with scores, many classes, numbers with molecules."""

import base64
from io import BytesIO
from typing import NamedTuple

import numpy as np
import pandas as pd
from PIL import Image

from capsule_flows.judgement import Judgement
from capsule_flows.judging import judge
from capsule_kit.answers import Answer, ClassAnswer, NumberAnswer
from capsule_kit.columns import Column
from capsule_kit.contract import Contract
from capsule_kit.criteria import Criterion, ErrorCost
from capsule_kit.manifest import Manifest, Page

SMILES = (
    "CCO",
    "c1ccccc1O",
    "CC(=O)Oc1ccccc1C(=O)O",
    "CN1C=NC2=C1C(=O)N(C(=O)N2C)C",
    "not a molecule",
)


class Judged(NamedTuple):
    """One trial, judged."""

    judgement: Judgement
    cases: pd.DataFrame
    inputs: pd.DataFrame
    manifest: Manifest


def two_classes(n: int = 120, groups: tuple[str, ...] = ()) -> Judged:
    """Return a trial of masses: a score, a site with few cases in one group, declared costs."""
    rng = np.random.default_rng(7)
    events = rng.random(n) < 0.35
    scores = 1 / (1 + np.exp(-rng.normal(0, 1.4, n) - np.where(events, 2.2, -2.6)))
    inputs = pd.DataFrame(
        {
            "specimen": [f"S-{place:03d}" for place in range(n)],
            "site": np.where(
                np.arange(n) % 20 == 0, "axilla", np.where(np.arange(n) % 2, "left", "right")
            ),
            "worst_area": rng.normal(800, 200, n),
        }
    )
    columns = (
        _column("specimen", identifier=True),
        _column("site", kind="choice", choices=("left", "right", "axilla"), example="left"),
        _column("worst_area", kind="number", unit="µm²", example="700"),
    )
    answer = ClassAnswer(
        column="diagnosis", classes=("benign", "malignant"), positive="malignant", meaning="seen"
    )
    costs = (
        ErrorCost(answer="malignant", prediction="benign", cost=20, meaning="missed"),
        ErrorCost(answer="benign", prediction="malignant", cost=1, meaning="needless"),
    )
    names = np.array(["benign", "malignant"])
    return _judged(
        inputs,
        columns,
        answer,
        names[events.astype(int)],
        names[(scores >= 0.5).astype(int)],
        scores,
        costs,
        groups,
    )


def many_classes(size: int = 9, n: int = 400) -> Judged:
    """Return a trial with so many classes and an image in each row."""
    rng = np.random.default_rng(3)
    classes = tuple(f"lesion of kind {place}" for place in range(size))
    true = rng.integers(0, size, n)
    said = np.where(rng.random(n) < 0.2, rng.integers(0, size, n), true)
    inputs = pd.DataFrame({"photo": [image(int(one), size) for one in true]})
    columns = (_column("photo", draws="image"),)
    answer = ClassAnswer(column="lesion", classes=classes, meaning="histology")
    names = np.array(classes)
    return _judged(inputs, columns, answer, names[true], names[said])


def numbers(n: int = 90) -> Judged:
    """Return a trial of solubilities of molecules, with a sequence and a date beside each."""
    rng = np.random.default_rng(5)
    true = rng.normal(2, 1.5, n).round(2)
    said = true + rng.normal(0.15, 0.35, n) + np.where(rng.random(n) < 0.05, 2.0, 0.0)
    inputs = pd.DataFrame(
        {
            "molecule": [SMILES[place % len(SMILES)] for place in range(n)],
            "target": ["MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEKAVQVKVKALPDAQFEVV"]
            * n,
            "measured_on": pd.date_range("2026-01-01", periods=n).date,
        }
    )
    columns = (
        _column("molecule", draws="molecule", example="CCO"),
        _column("target", draws="sequence"),
        _column("measured_on", kind="date", example="2026-01-01"),
    )
    answer = NumberAnswer(column="logS", unit="log mol/L", tolerance=0.7, meaning="x", example=1.0)
    return _judged(inputs, columns, answer, true, said)


def image(place: int, of: int) -> str:
    """Return a small picture as base64, its colour told by its place."""
    shade = int(255 * place / of)
    Image.new("RGB", (60, 40), (shade, 90, 255 - shade)).save(out := BytesIO(), "PNG")
    return base64.b64encode(out.getvalue()).decode()


def _column(name: str, **facts: object) -> Column:
    said = {"kind": "text", "example": "x", "meaning": "x", **facts}
    return Column.model_validate({"name": name, **said})


def _judged(
    inputs: pd.DataFrame,
    columns: tuple[Column, ...],
    answer: Answer,
    true: object,
    said: object,
    scores: object = None,
    costs: tuple[ErrorCost, ...] = (),
    groups: tuple[str, ...] = (),
) -> Judged:
    ids = [f"c{place}" for place in range(len(inputs))]
    inputs = inputs.assign(case_id=ids, row=range(2, len(ids) + 2))
    predictions = pd.DataFrame({"case_id": ids, "prediction": said})
    if scores is not None:
        predictions["score"] = scores
    manifest = Manifest(
        name="example",
        title="Example?",
        contract=Contract(columns=columns, answer=answer),
        criteria=(Criterion(metric="right", at_least=0.9),),
        costs=costs,
        groups=groups,
        page=Page(does="x", needs="x", limits="x"),
    )
    judgement, cases = judge(
        inputs, pd.DataFrame({"case_id": ids, "answer": true}), predictions, manifest
    )
    return Judged(judgement, cases, inputs, manifest)
