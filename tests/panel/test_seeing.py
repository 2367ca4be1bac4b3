"""The result is seen: the worst disagreements first, columns as what they are, a threshold that moves."""

import base64
import struct
import zlib

import pandas as pd
import pytest
from looking import image, many_classes, numbers, two_classes

from capsule_flows.thresholds import scored
from capsule_kit.columns import Column
from capsule_panel.disagreements import disagreements, worst
from capsule_panel.drawn import drawn
from capsule_panel.threshold import ThresholdView


def of(draws: str) -> Column:
    return Column.model_validate(
        {"name": "x", "kind": "text", "meaning": "x", "example": "x", "draws": draws}
    )


def test_the_costliest_disagreement_comes_first_with_what_the_model_was_given() -> None:
    one = two_classes()
    shown = disagreements(one.cases, one.inputs, one.manifest)
    first = worst(one.cases).iloc[0]
    assert first["cost"] == 20
    assert f"<h3>{first['case']}</h3>" in shown
    assert shown.index("Cost 20") < shown.index("Cost 1.")
    assert "µm²" in shown


def test_a_trial_without_answers_or_without_disagreement_says_so() -> None:
    one = two_classes()
    blank = one.cases.assign(right=pd.array([None] * len(one.cases), "boolean"))
    assert "No answer is known" in disagreements(blank, one.inputs, one.manifest)
    right = one.cases.assign(right=pd.array([True] * len(one.cases), "boolean"))
    assert "Nowhere: it agreed on each of 120 cases." in disagreements(
        right, one.inputs, one.manifest
    )


def test_molecules_sequences_dates_and_images_are_drawn() -> None:
    shown = disagreements(*_of(numbers()))
    assert "<svg" in shown
    assert "<code>CC(=O)Oc1ccccc1C(=O)O</code>" in shown
    assert "MKTAYIAKQR QISFVKSHFS" in shown
    assert " 2026" in shown
    assert 'src="data:image/png;base64,' in disagreements(*_of(many_classes()))


@pytest.mark.parametrize("text", ["", "not one", "C1CC", "C" * 2_000, "<script>", "C" * 151])
def test_what_is_no_molecule_stays_text(text: str) -> None:
    shown = drawn(of("molecule"), text)
    assert "cannot be drawn as a molecule" in shown
    assert "<script>" not in shown


def test_labels_behind_a_smiles_are_not_drawn() -> None:
    shown = drawn(of("molecule"), "*C |$<script>alert(1)</script>;$|")
    assert "<script" not in shown


def png(width: int, height: int) -> str:
    """Return the start of a picture that claims to be so large."""
    facts = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + facts
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(facts)) + chunk
    return base64.b64encode(start + struct.pack(">I", zlib.crc32(chunk))).decode()


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "hello",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:text/html,<script>",
        png(60_000, 60_000),
        png(0, 0),
    ],
)
def test_what_is_no_picture_stays_text(cell: str) -> None:
    shown = drawn(of("image"), cell)
    assert "cannot be shown as an image" in shown
    assert "<script>" not in shown


def test_a_picture_becomes_a_small_png_whatever_its_address_says() -> None:
    assert drawn(of("image"), "data:image/jpeg;base64," + image(1, 2)).startswith(
        '<img src="data:image/png;base64,'
    )


def test_moving_the_threshold_or_the_price_moves_what_follows() -> None:
    one = two_classes()
    view = ThresholdView(scored(one.cases, "malignant"), 20)
    before = view._says.object, view._scores.object, view._decision.object
    assert "in use" in before[0]
    view._slider.value = 0.9
    assert view._scores.object != before[1]
    assert "From a score of 0.9 on" in view._says.object
    view._alarms.fill(1)
    assert "At 0.5, which your answer implies" in view._says.object
    assert view._decision.object != before[2]
    view._alarms.fill(None)
    assert "Answer the question" in view._says.object


def _of(one: object) -> tuple:
    return one.cases, one.inputs, one.manifest
