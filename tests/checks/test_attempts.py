"""Files that did not become cases are there for the author, as their last check left them."""

import pytest

from capsule_flows.attempts import Attempt, attempts
from capsule_flows.drafting import decide
from capsule_flows.fitting import Fitting
from capsule_flows.home import Resources
from capsule_flows.permission import LOCAL_AUTHOR, Visitor
from capsule_flows.receiving import keep, write_down
from capsule_panel.attempts_view import attempts_html

from .test_drafting import CHOICE, MANIFEST, brought, here, taken_up

__all__ = ["here"]

# Great Expectations still imports the deprecated sre_constants.
pytestmark = [
    pytest.mark.filterwarnings("ignore:module 'sre_:DeprecationWarning"),
    pytest.mark.usefixtures("read_here"),
]


def listed(here: Resources) -> list[Attempt]:
    return attempts(here.ledger, MANIFEST)


def test_a_refused_file_is_listed_with_its_findings_until_it_is_kept(here: Resources) -> None:
    received = brought(here, "sugar,diabetes\n92,no\n0,yes\n")

    (one,) = listed(here)
    assert (one.upload.id, one.changes, one.standing) == (received.upload_id, 0, "1 thing to mend.")
    assert [each.mistake for each in one.findings if each.severity == "refuse"] == ["no column"]

    told = CHOICE.model_copy(update={"left_out": (3,)})
    keep(here, MANIFEST, decide(taken_up(here, received), told, MANIFEST), name="mine", by="Ada")
    assert listed(here) == []


def test_a_draft_that_nobody_went_on_with_keeps_every_decision(here: Resources) -> None:
    received = brought(here, "sugar,diabetes\n92,no\nabc,yes\n")
    draft = decide(taken_up(here, received), CHOICE, MANIFEST)
    write_down(here, MANIFEST, draft)
    write_down(
        here, MANIFEST, decide(draft, CHOICE.model_copy(update={"left_out": (3,)}), MANIFEST)
    )

    (one,) = listed(here)

    assert (one.changes, one.standing) == (2, "It fits now, and was not kept.")
    assert taken_up(here, received).fitting.left_out == (3,)


def test_an_unreadable_file_is_listed_with_its_one_sentence(here: Resources) -> None:
    received = brought(here, "\x00\x01\x02")

    assert [one.standing for one in listed(here)] == [received.sentence]


def test_what_was_decided_of_a_refused_file_serves_the_mended_one(here: Resources) -> None:
    first = taken_up(here, brought(here, "sugar,diabetes\n92,no\nabc,yes\n"))
    write_down(here, MANIFEST, decide(first, CHOICE, MANIFEST))

    assert brought(here, "sugar,diabetes\n92,no\n95,yes\n").accepted
    assert not brought(here, "sugar,diabetes\n92,no\n95,yes\n", by="Grace").accepted


def test_the_author_sees_every_attempt_and_an_expert_her_own(here: Resources) -> None:
    brought(here, "<i>sugar</i>,diabetes\n92,no\n")
    hers = brought(here, "sugar,diabetes\n92,no\n", owner="ada")
    expert = Visitor(role="expert", owner="ada", lent={MANIFEST.name: frozenset()})

    for_author = attempts_html(here.ledger, MANIFEST, LOCAL_AUTHOR)
    for_her = attempts_html(here.ledger, MANIFEST, expert)

    assert "is told on this page that its author sees it" in for_author
    assert "You can go on with each" in for_her
    assert (for_author.count("mine.csv, Ada"), for_her.count("mine.csv, Ada")) == (2, 1)
    assert f"upload={hers.upload_id}" in for_her
    assert "<i>sugar" not in for_author
    assert attempts_html(here.ledger, MANIFEST, Visitor(role="expert", owner="eve")) == ""


def test_beginning_again_is_written_down_too(here: Resources) -> None:
    received = brought(here, "sugar,diabetes\n92,no\n")
    draft = decide(taken_up(here, received), CHOICE, MANIFEST)
    write_down(here, MANIFEST, draft)
    write_down(here, MANIFEST, decide(draft, Fitting(), MANIFEST))

    assert taken_up(here, received).fitting == Fitting()
