"""Accounts: who is recognised, and who is not any more."""

from datetime import timedelta
from pathlib import Path

import pytest

from capsule_blocks import Ledger
from capsule_blocks.people import Person
from capsule_blocks.tables import now
from capsule_flows import passwords, people
from capsule_flows.people import PersonRefused, add_person, by_password, by_subject, change_account

PASSWORD = "seven grey herons"


@pytest.fixture
def ada(ledger: Ledger) -> Person:
    """Ada has an account and has chosen her password."""
    made = add_person(ledger, "Ada@Clinic.example ", name="Ada", role="expert", by="Eve")
    token = people.invite(ledger, made, by="Eve")
    chosen = people.choose_password(ledger, token, PASSWORD)
    assert chosen is not None
    return chosen


def test_she_is_known_by_her_login_in_any_case_and_her_password(
    ledger: Ledger, ada: Person
) -> None:
    found = by_password(ledger, "ADA@clinic.example", PASSWORD)
    assert found is not None
    assert found.login == "ada@clinic.example"


@pytest.mark.parametrize(
    ("login", "password"),
    [("ada@clinic.example", "wrong"), ("ada@clinic.example", ""), ("nobody", PASSWORD)],
)
def test_nobody_else_is(ledger: Ledger, ada: Person, login: str, password: str) -> None:
    assert by_password(ledger, login, password) is None


def test_a_person_without_a_password_cannot_be_guessed(ledger: Ledger) -> None:
    add_person(ledger, "ben", name="Ben", role="expert", by="Eve")
    assert by_password(ledger, "ben", "") is None


def test_the_same_letters_typed_as_other_code_points_are_the_same_password() -> None:
    assert passwords.is_password(
        "ångström ﬁve", passwords.kept_password("a\u030angstro\u0308m five")
    )


def test_nothing_kept_holds_a_password_or_a_token(
    ledger: Ledger, ada: Person, tmp_path: Path
) -> None:
    token = people.invite(ledger, ada, by="Eve")
    ledger.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert passwords.kept_token(token).encode() in kept
    assert token.encode() not in kept
    assert PASSWORD.encode() not in kept


def test_an_invitation_serves_once(ledger: Ledger, ada: Person) -> None:
    token = people.invite(ledger, ada, by="Eve")
    assert people.choose_password(ledger, token, PASSWORD + "!") is not None
    assert people.choose_password(ledger, token, "another sentence") is None
    assert by_password(ledger, ada.login, PASSWORD + "!") is not None


def test_an_invitation_ends_after_a_week(
    ledger: Ledger, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "INVITED_FOR", timedelta(seconds=-1))
    assert people.invited_by(ledger, people.invite(ledger, ada, by="Eve")) is None


def test_a_closed_account_opens_to_nothing(ledger: Ledger, ada: Person) -> None:
    token = people.invite(ledger, ada, by="Eve")
    closed = change_account(ledger, ada, by="Eve", closed=True)
    assert closed.revision == ada.revision + 1
    assert by_password(ledger, ada.login, PASSWORD) is None
    assert people.invited_by(ledger, token) is None


@pytest.mark.parametrize("login", ["", "a", "with blank", "ada@clinic.example", "<b>"])
def test_a_login_that_is_taken_or_none_is_refused(ledger: Ledger, ada: Person, login: str) -> None:
    with pytest.raises(PersonRefused):
        add_person(ledger, login, name="x", role="expert", by="Eve")


def test_the_provider_binds_an_account_to_the_first_who_proves_its_address(ledger: Ledger) -> None:
    add_person(ledger, "ada@clinic.example", name="Ada", role="author", by="Eve")
    assert by_subject(ledger, "https://id 1", None) is None
    assert by_subject(ledger, "https://id 1", "eve@lab.example") is None
    first = by_subject(ledger, "https://id 1", "Ada@clinic.example")
    assert first is not None
    # Another person who was given the same address later is somebody else.
    assert by_subject(ledger, "https://id 2", "ada@clinic.example") is None
    # She is known without her address from now on.
    again = by_subject(ledger, "https://id 1", None)
    assert again is not None
    assert again.role == "author"


def test_who_stood_before_stays_in_the_ledger(ledger: Ledger, ada: Person) -> None:
    change_account(ledger, ada, by="Eve", role="author")
    assert [one.role for one in people.revisions(ledger, ada.login)] == [
        "expert",
        "expert",
        "author",
    ]
    assert [one.role for one in people.people(ledger)] == ["author"]
    assert ada.at < now()
