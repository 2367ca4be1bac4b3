"""How it stands with a newer version is said as it is, and what was tried is not tried again until something changed."""

import fcntl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from capsule_blocks.prepared import Prepared
from capsule_blocks.registered_models import Version
from capsule_flows.becoming import became
from capsule_flows.next_command import NothingNewer, newest_of
from capsule_flows.next_known import ahead, made_ready, prepared
from capsule_flows.next_offer import offer, replayed_words
from capsule_flows.next_preparing import being_built, is_due, is_newer
from capsule_flows.releases import Published
from capsule_flows.replay_changes import news
from capsule_flows.replay_telling import events, message
from capsule_flows.replaying import begin, replay_capsule, unfinished
from judgement.examples import class_manifest
from private_mlflow import MlflowHere
from replay.place import B, M, Place, by_case, older, replayed

ADDRESS = "models:/nodule/2"
ROWS = [("p1", "lung", 50.0), ("p2", "skin", 60.0), ("p3", "lung", 70.0)]


def of(number: int) -> Any:
    return class_manifest().model_copy(update={"registered": f"models:/nodule/{number}"})


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place.new(tmp_path)
    yield made
    made.close()


def ready(place: Place, one: Published, problem: str = "") -> str | None:
    """Write down that version 2 was made ready beside a release, or why not; return what it became."""
    place.where.ledger.add_once(one.release())
    made = None if problem else place.release("ahead", of(2)).release().id
    row = Prepared(
        capsule="example",
        address=ADDRESS,
        beside_id=one.release().id,
        made_of="as it was",
        release_id=made,
        problem=problem,
    )
    place.where.ledger.add(row)
    return made


def said(place: Place, one: Published, *, building: bool = False) -> str:
    sentence = offer(place.where.ledger, one, ADDRESS, building=building)
    return sentence.removeprefix("Version 2 is newer than the capsule's 1: ")


def test_each_state_has_its_sentence(place: Place) -> None:
    one = place.seen("one", of(1))
    assert said(place, one) == "it is built beside it, where `capsules up` runs with this registry."
    assert said(place, replace(one, image=None)) == (
        "it runs as a local process here, beside which none is built."
        " Take it with: capsules next example"
    )
    assert said(place, one, building=True) == "it is being built."
    ready(place, one, "prefect deploy failed: there is no version of numpy==99.")
    failed = "it was not built. prefect deploy failed: there is no version of numpy==99."
    assert said(place, one) == failed
    assert said(place, one, building=True) == "it is being built.", "it is tried again"
    other = place.seen("two", of(1))
    ready(place, other)
    take = "Take it with: capsules next example"
    assert said(place, other) == f"it was built; no case is kept, so nothing was replayed. {take}"
    assert said(place, one) == failed, "beside another release it was not"
    place.keep(place.bring(ROWS, [B, M, M]))
    assert said(place, other) == f"it was built; its replay on the kept cases has not ended. {take}"
    replayed(place, "one", older(65), manifest=of(1))
    replayed(place, "ahead", older(45), manifest=of(2))
    assert said(place, other) == (
        f"it was built and replayed on 3 cases: 1 broken, 1 mended. {take}"
    )


def test_what_is_no_good_news_is_told_with_a_replay_and_of_the_sealed_shelf_that_it_is_there() -> (
    None
):
    counts = {"broken": 2, "fixed": 1, "unsteady": 3, "still right": 10, "still wrong": 1}
    assert replayed_words(counts, 0) == "on 17 cases: 2 broken, 1 mended, 3 unsteady."
    assert replayed_words({"still right": 1}, 2) == (
        "on 1 case: 0 broken, 0 mended. 2 sealed cases beside, of which the gate alone tells."
    )


def test_a_registry_counts_upwards() -> None:
    def newest(number: str) -> Version:
        return Version("nodule", number, f"models:/nodule/{number}")

    assert is_newer(newest("10"), "models:/nodule/9")
    assert not is_newer(newest("9"), "models:/nodule/10")
    assert not is_newer(newest("9"), "models:/nodule/9")
    assert not is_newer(None, "models:/nodule/9")
    assert not is_newer(newest("9"), "")


def test_it_is_done_once_and_what_failed_is_tried_again_with_another_folder_alone(
    place: Place,
) -> None:
    first, second = place.seen("one", of(1)), place.seen("two", of(1))
    ready(place, first, "it failed")
    ready(place, second)
    rows = prepared(place.where.ledger, "example")

    def due(one: Published, folder: str = "as it was", address: str = ADDRESS) -> bool:
        return is_due(rows, address, one.release().id, folder)

    assert not due(first)
    assert due(first, "mended")
    assert due(first, address="models:/nodule/3")
    assert not due(second)
    assert not due(second, "edited"), "an author at work has no build at each change"
    assert due(place.seen("three", of(1))), "another release is deployed"
    found = made_ready(rows, second.release().id)
    assert found is not None
    assert found.address == ADDRESS
    assert made_ready(rows, first.release().id) is None


def test_what_another_process_builds_is_known_while_it_does(place: Place) -> None:
    assert being_built(place.where) == frozenset()
    locks = place.where.store.local / "locks"
    locks.mkdir(parents=True)
    with (locks / "next-nodule").open("w") as lock:
        assert being_built(place.where) == frozenset()
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert being_built(place.where) == {"nodule"}
    assert being_built(place.where) == frozenset()


def test_a_version_that_is_not_taken_says_nothing_of_the_capsules_own_releases(
    place: Place,
) -> None:
    """What it mended did not break when the capsule's own release is replayed the night after."""
    cases = place.bring(ROWS, [B, M, M])
    place.keep(cases)
    replayed(place, "one", older(65), manifest=of(1))
    made = ready(place, place.seen("one", of(1)))
    assert ahead(place.where.ledger, "example") == {made}
    forward = replayed(place, "ahead", older(55), manifest=of(2))
    assert by_case(forward.cases, "change") == {
        "p2": "fixed",
        "p1": "still right",
        "p3": "still right",
    }
    back = replayed(place, "one", older(65), "night 2", manifest=of(1))
    assert by_case(back.cases, "change")["p2"] == "still wrong"
    assert back.replayed.critical_broken == 0
    taken = replayed(place, "two", older(55), "night 3", manifest=of(2))
    assert by_case(taken.cases, "change")["p2"] == "fixed", "it is news when it is the capsule's"


def test_neither_overtakes_the_other_in_the_middle_of_a_replay(place: Place) -> None:
    place.keep(place.bring(ROWS, [B, M, M]))
    ready(place, place.seen("one", of(1)))
    own, forward = (
        place.at(place.seen(name, of(number)), older(55))
        for name, number in (("one", 1), ("ahead", 2))
    )
    begin(own, round_name="night 1", why="night")
    begin(forward, round_name="release", why="release")
    begin(own, round_name="night 1", why="night")
    assert len(unfinished(place.where, "example")) == 2
    for at, round_name in ((own, "night 1"), (forward, "release")):
        result = replay_capsule(at, round_name=round_name, why="night")
        assert result is not None
        assert set(result.cases["change"]) == {"still right"}


def test_a_message_says_that_the_version_is_not_taken_and_so_do_the_events(place: Place) -> None:
    place.keep(place.bring(ROWS, [B, M, M]), critical=True)
    replayed(place, "one", older(55), manifest=of(1))
    ready(place, place.seen("one", of(1)))
    forward = replayed(place, "ahead", older(65), manifest=of(2))
    subject, _ = message(place.where, forward, forward.cases)
    assert subject == "example, models:/nodule/2, not taken yet: 1 critical case is broken"
    (event,) = events(forward, news(forward.cases, None), ADDRESS)
    assert event["resource"]["capsule.not_taken"] == ADDRESS
    assert "capsule.not_taken" not in events(forward, forward.cases)[0]["resource"]


def test_a_case_is_mended_by_a_release_of_the_capsules_own_alone(place: Place) -> None:
    cases = place.bring(ROWS, [B, M, M])
    one = place.release("one", of(1))
    run = place.tried(cases, one, older(65))
    wrong = place.where.store.judged(run)
    assert wrong is not None
    case_id = str(wrong["case_id"].iloc[1])
    word = place.where.ledger.add_assessment(
        flow_run_id=run, case_id=case_id, word="wrong", corrected=M, reason="", by="Ada"
    )
    ready(place, one)
    place.tried(cases, place.seen("ahead", of(2)), older(55))
    assert [each.fate for each in became(place.where, [word])] == ["not tried since"]
    place.tried(cases, place.release("two", of(2)), older(55))
    assert [each.fate for each in became(place.where, [word])] == ["mended"]


def test_the_newest_version_is_that_of_the_capsules_model(
    place: Place, mlflow: MlflowHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow.url)
    monkeypatch.delenv("CAPSULES_MODELS", raising=False)
    one = place.seen("one", of(1))

    def registered(address: str) -> Published:
        return replace(one, manifest=one.manifest.model_copy(update={"registered": address}))

    assert newest_of(registered("models:/progression/1")).address == "models:/progression/2"
    with pytest.raises(NothingNewer, match="models:/progression/2 is the newest version"):
        newest_of(registered("models:/progression/2"))
    with pytest.raises(NothingNewer, match="says no registered="):
        newest_of(registered(""))
