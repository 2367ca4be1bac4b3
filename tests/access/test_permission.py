"""Who may do what: every action against every role, as the docs print it."""

from uuid import uuid4

import pytest

from capsule_blocks import Ledger
from capsule_blocks.tables import CaseSet, Check, Trial, Upload
from capsule_flows.permission import ACTIONS, LOCAL_AUTHOR, Action, Visitor, may

ADA = Visitor(role="expert", owner="ada@clinic.example", lent={"tumor": frozenset({"lent"})})
BEN = Visitor(role="expert", owner="ben@clinic.example", lent={"tumor": frozenset()})
ENDED = Visitor(role="expert", owner="ada@clinic.example", lent={})
NOBODY = Visitor(role="expert")
AUTHOR = Visitor(role="author", owner="eve@lab.example")
ROLES = (LOCAL_AUTHOR, AUTHOR, ADA, ENDED, BEN, NOBODY)

# The author of an embedded start, an author, the expert herself, the same after the share ended,
# another expert with whom the capsule is shared, nobody in particular.
TABLE: dict[Action, str] = {
    "open capsule": "yes yes yes no yes no",
    "bring cases": "yes yes yes no yes no",
    "mend cases": "yes yes yes no no no",
    "see cases": "yes yes yes yes no no",
    "use cases": "yes yes yes no no no",
    "run": "yes yes yes no yes no",
    "see trial": "yes yes yes yes no no",
    "stop trial": "yes yes yes yes no no",
    "speak": "yes yes yes no no no",
    "keep cases": "yes yes yes no no no",
    "check behaviour": "yes yes yes no no no",
    "see what others did": "yes yes no no no no",
    "ask the gate": "yes yes no no no no",
    "share": "yes yes no no no no",
    "make capsules": "yes yes no no no no",
}


def upload(owner: str | None) -> Upload:
    return Upload(capsule="tumor", filename="a.csv", sha256="a" * 64, size=1, by="x", owner=owner)


def case_set(owner: str | None, name: str = "mine") -> CaseSet:
    return CaseSet(
        capsule="tumor",
        name=name,
        inputs_hash="a" * 64,
        contract_hash="a" * 64,
        cases=1,
        check_id=uuid4(),
        by="x",
        owner=owner,
    )


def trial(owner: str | None, cases: CaseSet | None = None) -> Trial:
    return Trial(
        flow_run_id=uuid4(),
        release_id="r1",
        capsule="tumor",
        case_set_id=cases.id if cases else None,
        case_set_name="mine",
        door="app",
        by="x",
        owner=owner,
    )


THINGS = {
    "mend cases": upload(ADA.owner),
    "see cases": case_set(ADA.owner),
    "use cases": case_set(ADA.owner),
    **dict.fromkeys(
        (
            "see trial",
            "stop trial",
            "speak",
            "keep cases",
            "check behaviour",
            "see what others did",
        ),
        trial(ADA.owner),
    ),
}


def test_the_table_names_every_action() -> None:
    assert set(TABLE) == set(ACTIONS)


@pytest.mark.parametrize("action", ACTIONS)
def test_each_role_may_do_what_the_table_says(ledger: Ledger, action: Action) -> None:
    about = THINGS.get(action, "tumor")
    told = ["yes" if may(ledger, role, action, about) else "no" for role in ROLES]
    assert told == TABLE[action].split()


@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_not_there_is_nobodys_but_an_authors(ledger: Ledger, action: Action) -> None:
    assert [may(ledger, role, action, None) for role in (AUTHOR, ADA)] == [True, False]


def test_cases_lent_with_the_share_and_the_authors_example_may_be_used(ledger: Ledger) -> None:
    for name, used in (("lent", True), ("example", True), ("others", False)):
        assert may(ledger, ADA, "use cases", case_set(None, name)) is used
    assert not may(ledger, BEN, "use cases", case_set(None, "lent"))


def test_what_another_person_calls_example_is_not_lent(ledger: Ledger) -> None:
    assert not may(ledger, ADA, "use cases", case_set(BEN.owner, "example"))


def test_the_replay_of_her_cases_is_hers_to_see(ledger: Ledger) -> None:
    cases = case_set(ADA.owner)
    check = Check(capsule="tumor", contract_hash="a" * 64, accepted=True)
    cases.check_id = check.id
    ledger.add(check, cases)
    replay = trial(None, cases)
    assert [may(ledger, who, "see trial", replay) for who in (ADA, BEN)] == [True, False]
