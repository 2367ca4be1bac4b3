"""A browser that somebody came in with: from its cookie to who she is and what she may reach now."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import select

from capsule_blocks import Ledger
from capsule_blocks.people import Person, Share, SignIn, SignOut
from capsule_blocks.tables import now
from capsule_flows.passwords import kept_token, new_token
from capsule_flows.people import revisions
from capsule_flows.permission import Role, Visitor
from capsule_flows.sharing import is_open, lent_by, open_to, share_by_id

A_DAY_AT_WORK = timedelta(hours=12)
A_YEAR = timedelta(days=366)
GUEST = "link:"


def sign_in(ledger: Ledger, person: Person) -> tuple[SignIn, str]:
    """Let a person in for a day at work; return what is kept, and the token for her browser."""
    token, kept = new_token()
    made = SignIn(
        token_hash=kept, login=person.login, name=person.name, until=now() + A_DAY_AT_WORK
    )
    ledger.add(made)
    return made, token


def sign_in_by_link(ledger: Ledger, share: Share, name: str) -> tuple[SignIn, str]:
    """Let somebody without an account in, for as long as this link, or one she opens later, is open."""
    token, kept = new_token()
    until = now() + A_YEAR
    made = SignIn(token_hash=kept, share_id=share.share_id, name=name, until=until)
    ledger.add(made)
    return made, token


def sign_out(ledger: Ledger, sign_in_id: UUID) -> None:
    """End a sign-in, once."""
    ledger.add_once(SignOut(sign_in_id=sign_in_id))


def sign_in_of(ledger: Ledger, token: str) -> SignIn | None:
    """Return the sign-in that a browser's cookie names, ended or not."""
    asked = select(SignIn).where(SignIn.token_hash == kept_token(token))
    return next(iter(ledger.rows(asked)), None)


def sign_in_by_id(ledger: Ledger, sign_in_id: UUID) -> SignIn | None:
    """Return a sign-in, ended or not."""
    return next(iter(ledger.rows(select(SignIn).where(SignIn.id == sign_in_id))), None)


def visitor_of(ledger: Ledger, one: SignIn) -> Visitor | None:
    """Return who came in, as she stands now; None where she may no longer be here."""
    if one.until <= now() or ledger.rows(select(SignOut).where(SignOut.sign_in_id == one.id)):
        return None
    return _guest(ledger, one) if one.login is None else _person(ledger, one, one.login)


def _guest(ledger: Ledger, one: SignIn) -> Visitor | None:
    owner = f"{GUEST}{one.id}"
    first = share_by_id(ledger, one.share_id) if one.share_id else None
    shares = [each for each in (first, *open_to(ledger, owner)) if each and is_open(each)]
    if not shares:
        return None
    return Visitor(
        role="expert",
        owner=owner,
        name=f"{one.name} (by link)",
        lent=lent_by(shares),
        shares=tuple(shares),
    )


def _person(ledger: Ledger, one: SignIn, login: str) -> Visitor | None:
    stood = revisions(ledger, login)
    stands = stood[-1]
    since = next(each.at for each in stood if each.password == stands.password)
    # Whoever came in with the password before is out.
    if stands.closed or (stands.password is not None and since > one.at):
        return None
    shares = open_to(ledger, login)
    role: Role = "author" if stands.role == "author" else "expert"
    return Visitor(
        role=role, owner=login, name=stands.name, lent=lent_by(shares), shares=tuple(shares)
    )
