"""The ledger's tables of who may come in: people, invitations, shares, and who signed in."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from capsule_blocks.tables import JsonObject, Row, UtcDateTime, now


class Person(Row, table=True):
    """An account as it stood from then on."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("login", "revision"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    login: str
    """What she signs in with, an e-mail address or a short name in small letters; never changes."""
    revision: int = 1
    """Counts from 1 for each login."""
    name: str
    """What stands beside all she gives."""
    role: str
    """author or expert."""
    password: str | None = None
    """The password's scrypt hash with its salt and costs; None while she has none."""
    subject: str | None = Field(default=None, index=True)
    """Who she is to the OpenID Connect provider; None until she came through it."""
    closed: bool = False
    """Whether she may no longer come in."""
    by: str
    """Who made or changed the account."""
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Invitation(Row, table=True):
    """A link by which a person chooses her password, once."""

    __tablename__ = "invitations"

    token_hash: str = Field(primary_key=True)
    """SHA-256 of what the link holds."""
    login: str
    person_revision: int
    """The account's revision for which it was made; with the next one it has been used or withdrawn."""
    until: datetime = Field(sa_type=UtcDateTime)
    by: str
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Share(Row, table=True):
    """A capsule opened to a person or to whoever has a link, as it stood from then on."""

    __tablename__ = "shares"
    __table_args__ = (UniqueConstraint("share_id", "revision"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    share_id: UUID = Field(default_factory=uuid4)
    """The same for all revisions of one share."""
    revision: int = 1
    capsule: str = Field(index=True)
    login: str | None = Field(default=None, index=True)
    """With whom; None where it is a link."""
    token_hash: str | None = Field(default=None, index=True)
    """SHA-256 of what the link holds; None where it is with a person."""
    until: datetime = Field(sa_type=UtcDateTime)
    """The moment from which it no longer opens anything."""
    case_set: str | None = None
    """The case set that comes with it."""
    settings: JsonObject = Field(default_factory=dict, sa_type=JSON)
    """The settings that the form is filled with."""
    note: str = ""
    """For whom a link is meant, in the author's words."""
    revoked: bool = False
    by: str
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class TakenUp(Row, table=True):
    """A link that somebody opened who was in already: from then on it is shared with her too."""

    __tablename__ = "taken_up"

    share_id: UUID = Field(primary_key=True)
    login: str = Field(primary_key=True)
    """Her login; where she came by another link, under what the ledger keeps what is hers."""
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class SignIn(Row, table=True):
    """A browser that somebody came in with."""

    __tablename__ = "sign_ins"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    token_hash: str = Field(unique=True)
    """SHA-256 of what the browser's cookie holds."""
    login: str | None = None
    """Her account; None where she came by a link."""
    share_id: UUID | None = None
    """The link she came by; None where she has an account."""
    name: str
    """The name she gave, or her account's."""
    until: datetime = Field(sa_type=UtcDateTime)
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class SignOut(Row, table=True):
    """The end of a sign-in before its time."""

    __tablename__ = "sign_outs"

    sign_in_id: UUID = Field(primary_key=True, foreign_key="sign_ins.id")
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


REVISED_PEOPLE: dict[type[Row], tuple[str, ...]] = {
    Person: ("login",),
    Share: ("share_id",),
}
"""The columns within which a table counts its revisions."""
