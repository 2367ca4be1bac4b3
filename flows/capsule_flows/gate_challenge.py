"""What the gate asks of challenge cases, shelf by shelf; the sealed one tells its outcome alone. Pure."""

from collections.abc import Iterator
from functools import partial

from capsule_flows.gate_facts import Found, GateEvidence, Reason, Shelf
from capsule_flows.gate_reasons import BETTER, outcome_alone
from capsule_flows.wording import count
from capsule_kit.policy import Challenge

REPLAY = "Run `capsules replay`."
MOST_NAMED = 10


def challenged(asked: Challenge, evidence: GateEvidence) -> Iterator[Reason]:
    """Give a reason for each thing that is asked of either shelf."""
    yield from _shelf(asked, evidence.open, asked.open_at_least, "open")
    if asked.sealed_at_least or evidence.sealed.cases:
        for one in _shelf(asked, evidence.sealed, asked.sealed_at_least, "sealed"):
            yield outcome_alone(one.asks, one)


def _shelf(asked: Challenge, shelf: Shelf, least: int, name: str) -> Iterator[Reason]:
    supporting = partial(Reason, tier=asked.tier)
    if least:
        enough = shelf.cases >= least
        yield supporting(
            asks=f"at least {count(least, 'challenge case')} on the {name} shelf",
            found="met" if enough else "missing",
            sentence=f"There are {shelf.cases}." if shelf.cases != 1 else "There is 1.",
            settle="" if enough else f"Keep {least - shelf.cases} more.",
        )
    if not shelf.cases:
        return
    yield _critical(shelf, name)
    yield supporting(
        asks=f"a result for every {name} challenge case",
        found="missing" if shelf.untold else "met",
        sentence=f"{shelf.untold} of {count(shelf.cases, 'case')} have none on this release.",
        settle=REPLAY if shelf.untold else "",
    )
    yield _steady(asked, shelf, name)


def _critical(shelf: Shelf, name: str) -> Reason:
    asks = f"every critical {name} case right"
    found: Found = "met"
    said, settle = f"All {shelf.critical} are right.", ""
    if shelf.critical_wrong:
        found, settle = "not met", BETTER
        said = f"{_names(shelf.critical_wrong)} went wrong."
    elif not shelf.replayed:
        found, said, settle = "missing", "This release was not replayed.", REPLAY
    elif shelf.critical_untold:
        found, settle = "missing", f"{REPLAY} What is unsteady there needs a steadier release."
        said = f"It is not known of {_names(shelf.critical_untold)}: no result, or an unsteady one."
    elif not shelf.critical:
        said = "No case is critical."
    return Reason(asks=asks, tier="critical", found=found, sentence=said, settle=settle)


def _steady(asked: Challenge, shelf: Shelf, name: str) -> Reason:
    over = shelf.unsteady > asked.unsteady_at_most
    found: Found = "not met" if over else "met" if shelf.replayed else "missing"
    return Reason(
        asks=f"at most {count(asked.unsteady_at_most, 'unsteady case')} on the {name} shelf",
        tier=asked.tier,
        found=found,
        sentence=f"{count(shelf.unsteady, 'prediction')} changed from run to run of this release."
        if shelf.replayed
        else "This release was not replayed.",
        settle={"met": "", "missing": REPLAY}.get(found, "A release that says the same each time."),
    )


def _names(cases: tuple[str, ...]) -> str:
    more = len(cases) - MOST_NAMED
    said = ", ".join(cases[:MOST_NAMED])
    return f"{said} and {more} more" if more > 0 else said
