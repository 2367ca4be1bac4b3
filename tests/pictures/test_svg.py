"""Pictures are well-formed, escaped and bounded, whatever they are given."""

import math
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capsule_flows import svg


def test_what_a_person_wrote_is_text_in_a_picture() -> None:
    drawn = svg.picture("<b>", '"><script>', 10, 10, [svg.text(1, 1, "<img src=x onerror=y>")])
    tree = ElementTree.fromstring(drawn)
    assert [one.tag.rpartition("}")[2] for one in tree] == ["title", "desc", "text"]
    assert tree.attrib["aria-label"] == '<b>. "><script>'


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e12))
def test_ticks_lie_inside_and_are_told_apart(low: float, width: float) -> None:
    high = low + width
    if high <= low or width < 1e-9 * max(abs(low), abs(high)):
        return
    found = svg.ticks(low, high)
    assert all(low - 1e-6 * width <= one <= high + 1e-6 * width for one in found)
    assert 1 < len(found) <= 14


@pytest.mark.parametrize("ends", [(0, 0), (1, 0), (math.nan, 1), (0, math.inf)])
def test_an_axis_without_length_has_no_ticks(ends: tuple[float, float]) -> None:
    assert svg.ticks(*ends) == []


def test_labels_have_the_digits_that_tell_them_apart() -> None:
    assert svg.tick_labels([0.0, 0.2, 0.4]) == ["0.0", "0.2", "0.4"]
    assert svg.tick_labels([-50.0, 0.0, 50.0]) == ["-50", "0", "50"]
