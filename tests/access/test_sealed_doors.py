"""No door gives a sealed case to an author whose own it is not; to whose it is each door opens, and counts."""

import pytest

from access.conftest import browser
from capsule_blocks import Ledger
from capsule_blocks.tables import AnswersRevision, CaseSet, Check, Kept, Trial
from capsule_flows.sealed_shelf import looks
from rows import release, trial

DOORS = ("/cases?id={}", "/file?id={}&name=a.csv", "/report?id={}&form=json")


@pytest.fixture
def adas(ledger: Ledger) -> Trial:
    """Ada's trial, whose cases she has sealed."""
    check = Check(capsule="tumor", contract_hash="a" * 64, accepted=True)
    cases = CaseSet(
        capsule="tumor",
        name="hers",
        inputs_hash="a" * 64,
        contract_hash="a" * 64,
        cases=1,
        check_id=check.id,
        by="Ada",
        owner="ada",
    )
    answers = AnswersRevision(case_set_id=cases.id, answers_hash="a" * 64, reason="x", by="Ada")
    tried = trial(case_set_id=cases.id, answers_revision_id=answers.id, by="Ada", owner="ada")
    kept = Kept(case_set_id=cases.id, shelf="sealed", critical=False, reason="", by="Ada")
    ledger.add(release(), check, cases, answers, tried, kept)
    return tried


async def test_no_door_gives_a_sealed_case_to_an_author_and_hers_are_counted(
    app: str, cookies: dict[str, str | None], ledger: Ledger, adas: Trial
) -> None:
    told = {}
    for who in ("author", "expert, not shared", "expert, shared"):
        async with browser(app, cookies[who]) as client:
            asked = [await client.get(door.format(adas.flow_run_id)) for door in DOORS]
        told[who] = [one.status_code for one in asked]
        counted = [] if who != "expert, shared" else [one.partition("?")[0] for one in DOORS]
        assert sorted(one.door for one in looks(ledger, "tumor")) == sorted(counted), who
    # Nothing of hers is in the store, so that what opens to her says that it is not there.
    assert told == {
        "author": [403, 403, 403],
        "expert, not shared": [403, 403, 403],
        "expert, shared": [404, 404, 404],
    }
    assert {(one.by, one.owner) for one in looks(ledger, "tumor")} == {("Ada", "ada")}
