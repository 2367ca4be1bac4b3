"""Text can be read on its ground, light and dark; every colour that a style names is declared."""

import re
from pathlib import Path

import pytest

import capsule_panel
from capsule_panel.header import navigation
from capsule_panel.look import DARK, LIGHT, SIZES, THEME

GROUNDS = ("ground", "sheet", "inset", "hover", "note-ground", "problem-ground", "good-ground")
READABLE, VISIBLE = 4.5, 3.0
"""WCAG 2.2, 1.4.3 and 1.4.11: contrast of text and of a field's outline, at level AA."""


def luminance(colour: str) -> float:
    """WCAG's relative luminance of "#rrggbb"."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_on_every_ground(tokens: dict[str, str]) -> None:
    words = [(text, ground) for text in ("ink", "quiet", "accent") for ground in GROUNDS]
    words += [(word, f"{word}-ground") for word in ("problem", "good", "open")]
    words += [(word, "sheet") for word in ("problem", "good", "open")]
    words += [("on-accent", "accent"), ("ink", "marked"), ("ink", "open-ground")]
    seen = {pair: contrast(tokens[pair[0]], tokens[pair[1]]) for pair in words}
    assert {pair: ratio for pair, ratio in seen.items() if ratio < READABLE} == {}
    assert contrast(tokens["field-line"], tokens["sheet"]) >= VISIBLE


def test_light_and_dark_declare_the_same() -> None:
    assert set(LIGHT) == set(DARK)
    assert set(THEME) == {"light", "dark"}


def test_every_token_that_a_style_names_is_declared() -> None:
    sources = Path(capsule_panel.__file__).parent.rglob("*.py")
    named = {name for file in sources for name in re.findall(r"var\(--([a-z-]+)", file.read_text())}
    assert named <= {*LIGHT, *SIZES, "font"}


def test_the_navigation_marks_where_one_is_and_escapes_the_name() -> None:
    shown = navigation(here="/mine", who="<b>Ann</b>")
    assert 'href="/mine" aria-current=page' in shown
    assert shown.count("aria-current") == 1
    assert "&lt;b&gt;Ann" in shown
