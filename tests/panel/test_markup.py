"""What a person wrote is shown, never obeyed."""

import pytest

from capsule_panel.markup import author_text, bullets, link, paragraph, problem, table

ATTACK = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    "made",
    [
        author_text(ATTACK),
        bullets([ATTACK]),
        paragraph(ATTACK),
        problem(ATTACK),
        table([ATTACK], [[ATTACK]]),
        link(f"/{ATTACK}", ATTACK),
    ],
)
def test_a_tag_is_text(made: str) -> None:
    assert "<img" not in made
    assert "&lt;img" in made


def test_an_authors_picture_is_not_fetched() -> None:
    assert "<img" not in author_text("![x](http://elsewhere.example/p.png)")


def test_a_script_address_is_no_link() -> None:
    assert link("javascript:alert(1)", "here") == "here"
    assert "href" not in author_text("[here](javascript:alert(1))")
