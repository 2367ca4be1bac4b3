"""What is shared, with whom, for how long; and who is still let in by it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from capsule_blocks import Ledger
from capsule_blocks.people import Person
from capsule_blocks.tables import now
from capsule_flows import sign_ins
from capsule_flows.people import add_person, change_account, choose_password, invite
from capsule_flows.permission import Visitor
from capsule_flows.sharing import (
    end_of,
    is_open,
    open_to,
    revoke,
    share_by_link,
    share_of_link,
    share_with,
    shares_of,
    take_up,
)
from capsule_flows.sign_ins import sign_in, sign_in_by_link, sign_in_of, sign_out, visitor_of
from capsule_panel.sharing_view import described
from capsule_panel.words import until

SOON, PAST = now() + timedelta(days=1), now() - timedelta(seconds=1)


@pytest.fixture
def ada(ledger: Ledger) -> Person:
    """Ada has an account."""
    return add_person(ledger, "ada", name="Ada", role="expert", by="Eve")


def back(ledger: Ledger, token: str) -> Visitor | None:
    """Return who comes back with this cookie."""
    found = sign_in_of(ledger, token)
    return visitor_of(ledger, found) if found else None


def test_a_share_with_a_person_opens_the_capsule_and_its_cases_to_her(
    ledger: Ledger, ada: Person
) -> None:
    share_with(ledger, "tumor", "Ada", until=SOON, by="Eve", case_set="ward 3", settings={"t": 0.4})
    share_with(ledger, "other", "ben", until=SOON, by="Eve")
    _, token = sign_in(ledger, ada)
    visitor = back(ledger, token)
    assert visitor is not None
    assert replace(visitor, shares=()) == Visitor(
        role="expert", owner="ada", name="Ada", lent={"tumor": frozenset({"ward 3"})}
    )
    assert [one.settings for one in visitor.shares] == [{"t": 0.4}]


def test_a_share_that_ended_or_was_revoked_opens_nothing(ledger: Ledger, ada: Person) -> None:
    share_with(ledger, "tumor", "ada", until=PAST, by="Eve")
    ended = share_with(ledger, "tumor", "ada", until=SOON, by="Eve")
    revoke(ledger, ended, by="Eve")
    assert open_to(ledger, "ada") == []
    assert [one.revoked for one in shares_of(ledger, "tumor")] == [True, False]


def test_a_link_lets_somebody_in_under_the_name_she_gives_until_it_is_revoked(
    ledger: Ledger,
) -> None:
    share, token = share_by_link(ledger, "tumor", until=SOON, by="Eve", case_set="ward 3")
    assert share_of_link(ledger, token) == share
    assert share_of_link(ledger, "guessed") is None
    browser, cookie = sign_in_by_link(ledger, share, "Ada")
    visitor = back(ledger, cookie)
    assert visitor is not None
    assert (visitor.name, visitor.owner) == ("Ada (by link)", f"link:{browser.id}")
    assert visitor.lent == {"tumor": frozenset({"ward 3"})}
    revoke(ledger, share, by="Eve")
    assert back(ledger, cookie) is None
    assert share_of_link(ledger, token) is not None


def test_a_link_ends_on_its_day(ledger: Ledger) -> None:
    share, _ = share_by_link(ledger, "tumor", until=PAST, by="Eve")
    assert back(ledger, sign_in_by_link(ledger, share, "Ada")[1]) is None


def test_two_who_came_by_one_link_under_one_name_are_two(ledger: Ledger) -> None:
    share, _ = share_by_link(ledger, "tumor", until=SOON, by="Eve")
    both = [back(ledger, sign_in_by_link(ledger, share, "Ada")[1]) for _ in range(2)]
    assert len({one.owner for one in both if one}) == 2


def test_a_link_taken_up_by_an_account_is_shared_with_it_as_long_as_the_link_is(
    ledger: Ledger, ada: Person
) -> None:
    share, _ = share_by_link(ledger, "tumor", until=SOON, by="Eve")
    take_up(ledger, share, "ada")
    take_up(ledger, share, "ada")
    assert [one.capsule for one in open_to(ledger, "ada")] == ["tumor"]
    revoke(ledger, share, by="Eve")
    assert open_to(ledger, "ada") == []


def test_who_signed_out_is_out(ledger: Ledger, ada: Person) -> None:
    browser, token = sign_in(ledger, ada)
    other = sign_in(ledger, ada)[1]
    sign_out(ledger, browser.id)
    sign_out(ledger, browser.id)
    assert back(ledger, token) is None
    assert back(ledger, other) is not None


def test_a_new_password_ends_what_came_in_with_the_old_one(ledger: Ledger, ada: Person) -> None:
    token = sign_in(ledger, ada)[1]
    stands = choose_password(ledger, invite(ledger, ada, by="Eve"), "seven grey herons")
    assert stands is not None
    assert back(ledger, token) is None
    fresh = sign_in(ledger, stands)[1]
    change_account(ledger, stands, by="Eve", name="Ada L.")
    assert back(ledger, fresh) is not None


def test_a_closed_account_is_out_at_once(ledger: Ledger, ada: Person) -> None:
    token = sign_in(ledger, ada)[1]
    change_account(ledger, ada, by="Eve", closed=True)
    assert back(ledger, token) is None


def test_a_day_at_work_is_all_that_a_sign_in_lasts(
    ledger: Ledger, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_ins, "A_DAY_AT_WORK", timedelta(seconds=-1))
    assert back(ledger, sign_in(ledger, ada)[1]) is None


def test_a_cookie_that_nobody_was_given_is_nobody(ledger: Ledger) -> None:
    assert back(ledger, "guessed") is None


def test_what_is_open_until_the_end_of_a_day_is_said_by_that_day(ledger: Ledger) -> None:
    last = date(2026, 12, 10)
    share, _ = share_by_link(ledger, "tumor", until=end_of(last), by="Eve")
    assert is_open(share, datetime(2026, 12, 10, 23, 59, tzinfo=UTC))
    assert not is_open(share, datetime(2026, 12, 11, tzinfo=UTC))
    assert until(share.until) == "until the end of 10 Dec 2026, UTC"
    assert until(datetime(2026, 12, 10, 11, 50, tzinfo=UTC)) == "until 10 Dec 2026, 11:50 UTC"
    assert "until the end of 10 Dec 2026, UTC" in described(share)
