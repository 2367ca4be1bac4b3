"""Who may do what: one table of actions, and one question that every page, door and callback asks.

An author may do everything but see cases of the sealed shelf that are not his own. What an expert
may do depends on two facts: whether the capsule is shared with her now, and whether the thing is her
own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from capsule_blocks import Ledger
from capsule_blocks.people import Share
from capsule_blocks.tables import CaseSet, Trial, Upload
from capsule_flows.errors import FlowsError
from capsule_flows.sealed_shelf import About, is_sealed
from capsule_kit.trial_flow import EXAMPLE

Role = Literal["author", "expert"]
Fact = Literal["shared", "own"]
Action = Literal[
    "open capsule",
    "bring cases",
    "mend cases",
    "see cases",
    "use cases",
    "run",
    "see trial",
    "stop trial",
    "speak",
    "keep cases",
    "check behaviour",
    "see what others did",
    "ask the gate",
    "share",
    "make capsules",
]
ACTIONS: tuple[Action, ...] = get_args(Action)

EXPERT: Mapping[Action, frozenset[Fact] | None] = {
    "open capsule": frozenset({"shared"}),
    "bring cases": frozenset({"shared"}),
    "mend cases": frozenset({"shared", "own"}),
    "see cases": frozenset({"own"}),
    "use cases": frozenset({"shared", "own"}),
    "run": frozenset({"shared"}),
    "see trial": frozenset({"own"}),
    "stop trial": frozenset({"own"}),
    "speak": frozenset({"shared", "own"}),
    "keep cases": frozenset({"shared", "own"}),
    "check behaviour": frozenset({"shared", "own"}),
    "see what others did": None,
    "ask the gate": None,
    "share": None,
    "make capsules": None,
}
"""What must be true of the thing for an expert to do this with it; None where she never may."""


@dataclass(frozen=True)
class Visitor:
    """Somebody in front of the app."""

    role: Role
    owner: str | None = None
    """Under what the ledger keeps what is hers; None for the one author of an embedded start."""
    name: str = ""
    """What stands beside all she gives; empty where the page asks for it."""
    lent: Mapping[str, frozenset[str]] | None = None
    """The capsules shared with her now, each with the case sets that came with it."""
    shares: tuple[Share, ...] = ()
    """By what they are shared with her, newest first."""


LOCAL_AUTHOR = Visitor(role="author")
"""The one person of an embedded start: nobody signs in, and the machine is hers."""


class NotAllowed(FlowsError):
    """Somebody asked for what is not hers, or not shared with her."""

    exit_code = 64

    def __init__(self) -> None:
        super().__init__(
            "This is not open to you: it was not shared with you, it is no longer shared, or there is"
            " no such thing. Ask the author of the model to share it with you."
        )


def may(ledger: Ledger, visitor: Visitor, action: Action, about: About) -> bool:
    """Say whether the visitor may do this with that."""
    if visitor.role == "author":
        return action == "stop trial" or not closed_to(ledger, visitor, about)
    needed = EXPERT[action]
    if needed is None or about is None:
        return False
    shared = _capsule(about) in (visitor.lent or {})
    return ("shared" not in needed or shared) and (
        "own" not in needed or _is_own(ledger, visitor, about)
    )


def closed_to(ledger: Ledger, author: Visitor, about: About) -> bool:
    """Say whether this holds sealed cases of somebody else's; where nobody signs in nothing is closed."""
    if author == LOCAL_AUTHOR or about is None or isinstance(about, str):
        return False
    own = author.owner is not None and about.owner == author.owner
    return not own and is_sealed(ledger, about)


def _capsule(about: str | Trial | CaseSet | Upload) -> str:
    return about if isinstance(about, str) else about.capsule


def _is_own(ledger: Ledger, visitor: Visitor, about: str | Trial | CaseSet | Upload) -> bool:
    if isinstance(about, str) or visitor.owner is None:
        return False
    if about.owner == visitor.owner:
        return True
    if isinstance(about, CaseSet):
        lent = (visitor.lent or {}).get(about.capsule)
        example = about.name == EXAMPLE and about.owner is None
        return lent is not None and (example or about.name in lent)
    # The replay of her cases on a later version is hers to see.
    if isinstance(about, Trial) and about.case_set_id is not None:
        cases = ledger.case_set_by_id(about.case_set_id)
        return cases is not None and cases.owner == visitor.owner
    return False
