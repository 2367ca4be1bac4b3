"""What the gate makes of signed verdicts: who counts, who objects, who does not count and why. Pure."""

from collections.abc import Sequence
from datetime import timedelta

from capsule_flows.gate_facts import Found, GateEvidence, Reason, Signed
from capsule_kit.policy import Verdicts

READY, WITHIN_LIMITS = "ready", "ready within limits"
NOT_READY, MORE_CASES = "not ready", "need more cases"
TAKEN_BACK = "taken back"


def signatures(asked: Verdicts, evidence: GateEvidence) -> Reason:
    """Return whether enough persons have signed that this very release is ready, and nobody objects."""
    here = [one for one in evidence.verdicts if one.release_id == evidence.release_id]
    counted = [one for one in here if _counts(one, asked, evidence)]
    objecting = [one for one in here if one.word in (NOT_READY, MORE_CASES)]
    found = _found(counted, objecting, asked)
    said = [_said(one) for one in (*counted, *objecting)]
    rest = [one for one in evidence.verdicts if one not in (*counted, *objecting)]
    not_counted = [_why_not(one, asked, evidence) for one in rest]
    sentence = f"{'; '.join(said)}." if said else "Nobody's word on this release counts."
    if not_counted:
        sentence += f" Not counted: {'; '.join(not_counted)}."
    more = "expert" if asked.at_least == 1 else "experts"
    return Reason(
        asks=f"{asked.at_least} {more} must sign that it is ready",
        tier=asked.tier,
        found=found,
        sentence=sentence,
        settle=_settle(found, asked.at_least - len(counted), objecting),
    )


def _counts(one: Signed, asked: Verdicts, evidence: GateEvidence) -> bool:
    ready = one.word == READY or (one.word == WITHIN_LIMITS and asked.within_limits)
    return ready and not _lapsed(one, asked, evidence)


def _lapsed(one: Signed, asked: Verdicts, evidence: GateEvidence) -> bool:
    return evidence.at - one.at > timedelta(days=asked.valid_days)


def _found(counted: Sequence[Signed], objecting: Sequence[Signed], asked: Verdicts) -> Found:
    if objecting and counted:
        return "disputed"
    if any(one.word == NOT_READY for one in objecting):
        return "not met"
    if objecting:
        return "too few to tell"
    return "met" if len(counted) >= asked.at_least else "missing"


def _said(one: Signed) -> str:
    within = f" ({one.limits})" if one.limits else ""
    return f"{one.by}: {one.word}{within}"


def _why_not(one: Signed, asked: Verdicts, evidence: GateEvidence) -> str:
    if one.word == TAKEN_BACK:
        return f"{one.by} took it back"
    if one.release_id != evidence.release_id:
        return f"{one.by} signed “{one.word}” on release {one.release_id[:8]}, not on this one"
    if _lapsed(one, asked, evidence):
        return f"{one.by} signed “{one.word}” on {one.at:%Y-%m-%d}, more than {asked.valid_days:g} days ago"
    return f"{one.by} signed “{one.word}”, which this policy does not count"


def _settle(found: Found, lacking: int, objecting: Sequence[Signed]) -> str:
    names = " or ".join(one.by for one in objecting)
    if found == "met":
        return ""
    if found == "missing":
        more = "expert who signs" if lacking == 1 else "experts who sign"
        return f"{lacking} more {more} this release on the page of a trial of it."
    if found == "disputed":
        return f"{names} signs anew, or those who signed it ready do: nobody is outvoted."
    return f"What {names} asks for, and then a new word."
