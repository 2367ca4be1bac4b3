"""A capsule shared with a person or by a link, until a day, revocable, with cases and settings if wanted."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from capsule_blocks import Ledger
from capsule_blocks.people import Share, TakenUp
from capsule_blocks.tables import Release, now
from capsule_flows.passwords import kept_token, new_token
from capsule_flows.people import login_of

Lent = Mapping[str, frozenset[str]]
"""Capsules, each with the case sets that came with it."""


def share_with(
    ledger: Ledger,
    capsule: str,
    login: str,
    *,
    until: datetime,
    by: str,
    case_set: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Share:
    """Open a capsule to the person with this account."""
    return ledger.add_revision(
        Share(
            capsule=capsule,
            login=login_of(login),
            until=until,
            case_set=case_set,
            settings=dict(settings or {}),
            by=by,
        )
    )


def share_by_link(
    ledger: Ledger,
    capsule: str,
    *,
    until: datetime,
    by: str,
    note: str = "",
    case_set: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> tuple[Share, str]:
    """Open a capsule to whoever has a link; return the share and the link's token, which is not kept."""
    token, kept = new_token()
    share = Share(
        capsule=capsule,
        token_hash=kept,
        until=until,
        case_set=case_set,
        settings=dict(settings or {}),
        note=note,
        by=by,
    )
    return ledger.add_revision(share), token


def revoke(ledger: Ledger, share: Share, *, by: str) -> Share:
    """End a share now, for all who came by it."""
    kept = share.model_dump(exclude={"id", "at", "revision"})
    return ledger.add_revision(Share(**{**kept, "revoked": True, "by": by}))


def is_open(share: Share, at: datetime | None = None) -> bool:
    """Say whether the share opens its capsule at this moment."""
    return not share.revoked and (at or now()) < share.until


def end_of(day: date) -> datetime:
    """Return the moment at which a day is over, UTC."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def shares_of(ledger: Ledger, capsule: str) -> list[Share]:
    """Return a capsule's shares as they stand, newest first."""
    found = _standing(ledger, select(Share).where(Share.capsule == capsule))
    return sorted(found, key=lambda one: one.at, reverse=True)


def share_by_id(ledger: Ledger, share_id: UUID) -> Share | None:
    """Return a share as it stands."""
    return next(iter(_standing(ledger, select(Share).where(Share.share_id == share_id))), None)


def share_of_link(ledger: Ledger, token: str) -> Share | None:
    """Return the share that a link opens, or opened."""
    asked = select(Share).where(Share.token_hash == kept_token(token))
    return next(iter(_standing(ledger, asked)), None)


def take_up(ledger: Ledger, share: Share, login: str) -> None:
    """Write down that somebody with an account opened a link."""
    ledger.add_once(TakenUp(share_id=share.share_id, login=login))


def open_to(ledger: Ledger, login: str) -> list[Share]:
    """Return what is open to a person now, by her name or by a link that she took up, newest first."""
    taken = [one.share_id for one in ledger.rows(select(TakenUp).where(TakenUp.login == login))]
    asked = select(Share).where((col(Share.login) == login) | col(Share.share_id).in_(taken))
    found = [one for one in _standing(ledger, asked) if is_open(one)]
    return sorted(found, key=lambda one: one.at, reverse=True)


def lent_by(shares: list[Share]) -> Lent:
    """Return the capsules that these shares open, with the case sets that came with them."""
    return {
        one.capsule: frozenset(
            each.case_set for each in shares if each.capsule == one.capsule and each.case_set
        )
        for one in shares
    }


def latest_release(ledger: Ledger, capsule: str) -> Release | None:
    """Return the capsule as it was shared or tried last."""
    asked = select(Release).where(Release.capsule == capsule)
    return next(iter(ledger.rows(asked.order_by(col(Release.created_at).desc()).limit(1))), None)


def _standing(ledger: Ledger, asked: SelectOfScalar[Share]) -> list[Share]:
    found = ledger.rows(asked.order_by(col(Share.revision)))
    return list({one.share_id: one for one in found}.values())
