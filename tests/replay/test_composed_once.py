"""Where nothing changed since an earlier replay nothing is composed again; a word, an answer or a contract changes it."""

from pathlib import Path

import pytest

from capsule_blocks.replays import Replay
from capsule_blocks.tables import AnswersRevision, CaseSet
from capsule_flows import replaying
from capsule_flows.challenge_batch import composed_sets
from capsule_flows.replaying import replay_capsule
from capsule_kit.manifest import Manifest
from judgement.examples import class_manifest
from replay.place import B, M, Place, older

ROWS = [("p1", "lung", 50.0), ("p2", "skin", 60.0), ("p3", "lung", 70.0)]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Give an empty place."""
    return Place.new(tmp_path)


@pytest.fixture
def composed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by the number of cases each time something is composed."""
    counts: list[int] = []
    really = replaying.compose

    def compose(where, manifest, cases):
        counts.append(len(cases))
        return really(where, manifest, cases)

    monkeypatch.setattr(replaying, "compose", compose)
    return counts


def night(
    place: Place, number: int, release: str = "one", manifest: Manifest | None = None
) -> Replay:
    at = place.at(place.release(release, manifest), older(55))
    done = replay_capsule(at, round_name=f"night {number}", why="night")
    assert done is not None
    return done.replay


def test_a_night_like_the_one_before_has_its_cases_and_composes_nothing(
    place: Place, composed: list[int]
) -> None:
    place.keep(place.bring(ROWS, [B, M, M]), critical=True)
    first, second, other = night(place, 1), night(place, 2), night(place, 2, "two")
    assert composed == [3]
    assert composed_sets(place.where, "example") == {first.case_set_id}
    for one in (second, other):
        assert (one.asked_hash, one.case_set_id) == (first.asked_hash, first.case_set_id)
        assert (one.cases, one.sealed) == (3, 0)


def test_a_word_an_answer_and_a_contract_each_compose_anew(
    place: Place, composed: list[int]
) -> None:
    place.release("one")
    cases = place.bring(ROWS, [B, M, M])
    place.keep(cases, "p1", "p2")
    before = night(place, 1)
    place.keep(cases, "p3")
    assert night(place, 2).cases == 3
    corrected(place, cases, [M, M, M])
    assert night(place, 3).asked_hash != before.asked_hash
    manifest = class_manifest()
    wider = manifest.contract.columns[-1].model_copy(update={"at_most": 200})
    columns = (*manifest.contract.columns[:-1], wider)
    contract = manifest.contract.model_copy(update={"columns": columns})
    night(place, 4, "two", manifest.model_copy(update={"contract": contract}))
    assert composed == [2, 3, 3, 3]


def corrected(place: Place, cases: CaseSet, answers: list[str]) -> None:
    ledger, store = place.where.ledger, place.where.store
    latest = ledger.latest_answers(cases.id)
    assert latest is not None
    known = store.answers(cases.inputs_hash, latest.answers_hash).assign(answer=answers)
    anew = store.seal_anew(cases.inputs_hash, known)
    ledger.add_revision(
        AnswersRevision(case_set_id=cases.id, answers_hash=anew, reason="biopsy", by="Ada")
    )
