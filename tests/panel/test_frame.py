"""A page leaves nothing behind, and says in one sentence what went wrong."""

import gc
import weakref

from capsule_flows.errors import UnknownCapsule
from capsule_panel.frame import errors_in, html, shell


def test_a_closed_page_is_forgotten() -> None:
    made = weakref.ref(shell("Capsules", html("<p>here</p>")))
    gc.collect()
    assert made() is None


def test_an_error_is_one_sentence_with_what_came_from_a_person_escaped() -> None:
    place = html()
    with errors_in(place):
        raise UnknownCapsule("<img>", [])
    assert "There is no capsule &#x27;&lt;img&gt;&#x27;." in place.object


def test_what_nobody_foresaw_shows_no_traceback() -> None:
    place = html()
    with errors_in(place):
        raise ZeroDivisionError
    assert "division" not in place.object
    assert "its log" in place.object
