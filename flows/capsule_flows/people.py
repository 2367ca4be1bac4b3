"""Who has an account: added, invited to choose a password, recognised, closed. Each change is a revision."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from capsule_blocks import Ledger
from capsule_blocks.people import Invitation, Person
from capsule_blocks.tables import now
from capsule_flows.errors import FlowsError
from capsule_flows.passwords import is_password, kept_password, kept_token, new_token
from capsule_flows.permission import Role

INVITED_FOR = timedelta(days=7)
LOGIN = re.compile(r"[a-z0-9][a-z0-9._%+@-]{1,99}")
NAME_LENGTH = 100


class PersonRefused(FlowsError):
    """An account cannot be made or changed like this."""

    exit_code = 64


def login_of(typed: str) -> str:
    """Return what was typed as a login is kept: in small letters, without blanks around it."""
    return typed.strip().lower()


def person(ledger: Ledger, login: str) -> Person | None:
    """Return the account as it stands now."""
    found = revisions(ledger, login)
    return found[-1] if found else None


def known_person(ledger: Ledger, login: str) -> Person:
    """Return the account as it stands now.

    Raises:
        PersonRefused: there is none.
    """
    stands = person(ledger, login)
    if stands is None:
        raise PersonRefused(
            f"{login_of(login)} has no account. Make one with `capsules people add {login_of(login)}`."
        )
    return stands


def revisions(ledger: Ledger, login: str) -> list[Person]:
    """Return the account as it stood, oldest first."""
    asked = select(Person).where(Person.login == login_of(login))
    return ledger.rows(asked.order_by(col(Person.revision)))


def people(ledger: Ledger) -> list[Person]:
    """Return every account as it stands now, by login."""
    found = ledger.rows(select(Person).order_by(col(Person.revision)))
    return sorted({one.login: one for one in found}.values(), key=lambda one: one.login)


def add_person(ledger: Ledger, typed: str, *, name: str, role: Role, by: str) -> Person:
    """Make an account, without a password yet.

    Raises:
        PersonRefused: the login cannot be one, or is taken.
    """
    login = login_of(typed)
    if not LOGIN.fullmatch(login):
        raise PersonRefused(
            f"{typed!r} cannot be a login. Take an e-mail address, or letters and digits without blanks."
        )
    if person(ledger, login):
        raise PersonRefused(f"{login} has an account already.")
    first = Person(login=login, name=name.strip()[:NAME_LENGTH] or login, role=role, by=by)
    return ledger.add_revision(first)


def change_account(ledger: Ledger, stands: Person, *, by: str, **changed: Any) -> Person:
    """Add the account's next revision with what has changed."""
    kept: Mapping[str, Any] = stands.model_dump(exclude={"id", "at", "revision"})
    return ledger.add_revision(Person(**{**kept, **changed, "by": by}))


def invite(ledger: Ledger, invited: Person, *, by: str) -> str:
    """Return the token of a link by which she chooses her password within a week, once."""
    token, kept = new_token()
    ledger.add(
        Invitation(
            token_hash=kept,
            login=invited.login,
            person_revision=invited.revision,
            until=now() + INVITED_FOR,
            by=by,
        )
    )
    return token


def invited_by(ledger: Ledger, token: str) -> Person | None:
    """Return whom an invitation is for, while it can be used."""
    asked = select(Invitation).where(Invitation.token_hash == kept_token(token))
    for one in ledger.rows(asked):
        stands = person(ledger, one.login)
        if stands and one.until > now() and stands.revision == one.person_revision:
            return None if stands.closed else stands
    return None


def choose_password(ledger: Ledger, token: str, password: str) -> Person | None:
    """Set the password by an invitation, which is used up by it; None where it cannot be used."""
    stands = invited_by(ledger, token)
    if stands is None:
        return None
    return change_account(ledger, stands, by=stands.login, password=kept_password(password))


def by_password(ledger: Ledger, login: str, password: str) -> Person | None:
    """Return whose login and password these are; it takes as long whichever of them is wrong."""
    stands = person(ledger, login)
    right = is_password(password, stands.password if stands else None)
    return stands if stands and right and not stands.closed else None


def by_subject(ledger: Ledger, subject: str, email: str | None) -> Person | None:
    """Return who this is to the OpenID Connect provider; an account is bound to the first who proves its address.

    Args:
        ledger: Where accounts are.
        subject: The provider and its name for her; never given to another.
        email: Her address, where the provider has verified it.
    """
    asked = select(Person).where(Person.subject == subject).limit(1)
    known = [one.login for one in ledger.rows(asked)]
    stands = person(ledger, known[0] if known else email or "")
    if stands is None or stands.closed:
        return None
    if stands.subject is None:
        return change_account(ledger, stands, by=stands.login, subject=subject)
    return stands if stands.subject == subject else None
