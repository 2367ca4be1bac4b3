"""The sealed shelf: which trials and case sets hold cases of it, and who looked at them."""

from collections.abc import Sequence

from sqlmodel import col, select

from capsule_blocks import Ledger
from capsule_blocks.behaviours import Behaviour
from capsule_blocks.replays import Look, Replay
from capsule_blocks.tables import CaseSet, Check, Kept, Trial, Upload
from capsule_flows.errors import FlowsError

About = str | Trial | CaseSet | Upload | None
"""A capsule by its name, or a row of the ledger; None where there is no such thing."""


class SealedAway(FlowsError):
    """The command was asked for cases of the sealed shelf."""

    exit_code = 64

    def __init__(self) -> None:
        super().__init__(
            "It holds cases of the sealed shelf, which the command shows to nobody: cases that are"
            " looked at stop being a test. Whose they are sees them in the app, and each look counts."
        )


def is_sealed(ledger: Ledger, about: About) -> bool:
    """Say whether a trial, a case set or an upload holds a case of the sealed shelf."""
    return any(_holds_sealed(ledger, one) for one in _case_sets(ledger, about))


def insist_open(ledger: Ledger, trial: Trial | None) -> None:
    """Go on where the trial holds no sealed case. Raises: SealedAway."""
    if is_sealed(ledger, trial):
        raise SealedAway


def looked(ledger: Ledger, about: About, *, door: str, by: str, owner: str | None) -> None:
    """Write down a look, where there is one at the sealed shelf."""
    for one in _case_sets(ledger, about):
        if _holds_sealed(ledger, one):
            ledger.add(
                Look(
                    capsule=one.capsule,
                    case_set_id=one.id,
                    flow_run_id=about.flow_run_id if isinstance(about, Trial) else None,
                    door=door,
                    by=by,
                    owner=owner,
                )
            )


def looks(ledger: Ledger, capsule: str) -> list[Look]:
    """Return every look at the capsule's sealed shelf, newest first."""
    return ledger.rows(select(Look).where(Look.capsule == capsule).order_by(col(Look.at).desc()))


def anything_sealed(rows: Sequence[Kept]) -> bool:
    """Say whether the newest words leave a case on the sealed shelf; `rows` oldest first.

    A case that was taken back stays on the shelf that was said last.
    """
    whole = "open"
    each: dict[str, str] = {}
    for row in rows:
        if row.case_ids is None:
            whole, each = row.shelf, {}
        else:
            each.update(dict.fromkeys(row.case_ids, row.shelf))
    return "sealed" in (whole, *each.values())


def _holds_sealed(ledger: Ledger, cases: CaseSet) -> bool:
    if anything_sealed(ledger.kept_of(cases.id)):
        return True
    composed = select(Replay).where(Replay.case_set_id == cases.id, col(Replay.sealed) > 0).limit(1)
    if ledger.rows(composed):
        return True
    asked = select(Behaviour.case_set_id).where(Behaviour.derived_id == cases.id)
    return any(anything_sealed(ledger.kept_of(one)) for one in ledger.rows(asked))


def _case_sets(ledger: Ledger, about: About) -> list[CaseSet]:
    match about:
        case CaseSet():
            return [about]
        case Trial(case_set_id=case_set_id) if case_set_id is not None:
            found = ledger.case_set_by_id(case_set_id)
            return [found] if found else []
        case Upload():
            made = select(CaseSet).join(Check).where(Check.upload_id == about.id)
            return ledger.rows(made)
        case _:
            return []
