"""Texts that only an author can say are asked for where they stand, and said without harm to the rest."""

import ast
from collections.abc import Sequence

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capsule_blocks.model_card import Card
from capsule_flows.new_declaration import declaration
from capsule_flows.new_draft import draft_of
from capsule_flows.new_texts import (
    Text,
    inferred_in,
    texts_in,
    with_bounds_confirmed,
    with_texts,
)
from capsule_kit.blanks import blank, blanks_in

SAMPLE = pd.DataFrame(
    {"größe": [3.0, 30.0] * 20, "site": ["left", "right"] * 20, "dx": ["b", "m"] * 20}
)
DRAFTED = declaration(
    "nodule", draft_of(Card(), SAMPLE, answer="dx"), 'OtherPython("python", "nodule.model")'
)


def said(source: str) -> list[str]:
    """Return the texts of a program."""
    return [
        one.value
        for one in ast.walk(ast.parse(source))
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]


def test_a_drafts_texts_are_asked_in_their_order_with_the_column_they_are_of() -> None:
    asked = texts_in(DRAFTED)
    assert [one.what for one in asked] == blanks_in(DRAFTED)
    assert [one.of for one in asked[:4]] == ["", "gr_e", "gr_e", "site"]
    assert asked[1] == Text("gr_e", "the unit, or dimensionless")
    assert [one.of for one in asked if "the answer" in one.what] == ["answer"]


def test_what_is_left_empty_stays_marked() -> None:
    count = len(texts_in(DRAFTED))
    assert with_texts(DRAFTED, [""] * count) == DRAFTED
    some = with_texts(DRAFTED, ["a nodule", *[" "] * (count - 1)])
    assert '"""One case: a nodule."""' in some
    assert len(texts_in(some)) == count - 1


def test_a_long_text_is_written_over_lines_as_the_formatter_has_it() -> None:
    long = "It says whether a nodule on a CT of the lung is malignant. " * 5
    source = with_texts(DRAFTED, [long] * len(texts_in(DRAFTED)))
    in_calls = [line for line in source.splitlines() if "One case" not in line]
    assert max(map(len, in_calls)) <= 100
    assert long.strip() in said(source)


@given(st.text(alphabet="aä\"'\\\n{}[]中 ", min_size=1, max_size=300))
def test_any_text_is_kept_as_it_was_said(text: str) -> None:
    words = " ".join(text.split())
    if words:
        source = with_texts(DRAFTED, [text] * len(texts_in(DRAFTED)))
        assert said(source).count(words) >= 6


@pytest.mark.parametrize("quote", ["'", '"'])
def test_an_authors_own_quotation_marks_are_minded(quote: str) -> None:
    source = f"x: str = f({quote}{blank('a')} and {blank('b')}{quote})  # {blank('no text')}\n"
    assert texts_in(source) == [Text("x", "a"), Text("x", "b")]
    assert said(with_texts(source, ["it's", 'a "b"'])) == ['it\'s and a "b"']


@pytest.mark.parametrize("texts", [(), ("one", "two", "three")])
def test_more_or_fewer_texts_are_an_error(texts: Sequence[str]) -> None:
    with pytest.raises(ValueError, match="zip"):
        with_texts(f'x = "{blank("a")} {blank("b")}"\n', texts)


def test_bounds_that_an_author_stands_for_are_inferred_no_more() -> None:
    assert inferred_in(DRAFTED) == 1
    confirmed = with_bounds_confirmed(DRAFTED)
    assert inferred_in(confirmed) == 0
    assert confirmed == DRAFTED.replace("        inferred=True,\n", "")
    in_a_line = 'a = column(at_least=1, inferred=True, meaning="inferred=True, b")\n'
    assert (
        with_bounds_confirmed(in_a_line) == 'a = column(at_least=1, meaning="inferred=True, b")\n'
    )
