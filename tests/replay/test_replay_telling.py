"""What is told of a replay: an event a flip, a message where something is new, a state; once, and nothing of the sealed shelf."""

from typing import Any

import pytest
from prefect.client.schemas.objects import StateType
from sqlmodel import select

from capsule_blocks.replays import ReplayTold
from capsule_flows import replay_telling
from capsule_flows.flips import Flip, answer_flip, flips_of
from capsule_flows.replay_changes import news
from capsule_flows.replay_history import ReplayResult
from capsule_flows.replay_rounds import NotReplayed
from capsule_flows.replay_telling import artifacts, events, message, state_of, tell_news
from capsule_flows.replaying import replay_capsule
from capsule_panel import flips_view
from replay.place import B, M, Model, Place, by_case, older

ROWS = [("p1", "lung", 50.0), ("p2", "skin", 60.0), ("p3", "lung", 70.0)]
Sent = list[tuple[str, Any]]


def replayed(place: Place, release: str, model: Model, night: int) -> ReplayResult:
    at = place.at(place.release(release), model)
    result = replay_capsule(at, round_name=f"night {night}", why="night")
    assert result is not None
    return result


@pytest.fixture
def broken(place: Place) -> ReplayResult:
    """p1 broke, p2 was fixed, p3 is sealed and broke; the first two are critical."""
    place.release("one")
    cases = place.bring(ROWS, [B, M, B], owner="ada")
    place.keep(cases, critical=True)
    place.keep(cases, "p3", shelf="sealed")
    replayed(place, "one", lambda row: B, 1)
    return replayed(place, "two", lambda row: M, 2)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What went out to the server and to the notification block, both at the far side of our own code."""
    found: Sent = []
    monkeypatch.setattr(
        replay_telling, "emit_event", lambda **event: found.append(("event", event))
    )
    monkeypatch.setattr(replay_telling, "send", lambda subject, body: found.append((subject, body)))
    return found


def test_each_flip_is_an_event_that_an_automation_can_act_on(broken: ReplayResult) -> None:
    told = events(broken, news(broken.cases, None))
    assert sorted(one["event"] for one in told) == [
        "capsule.case.broken",
        "capsule.case.broken",
        "capsule.case.fixed",
    ]
    first = next(one for one in told if one["resource"]["prefect.resource.name"] == "p1")
    assert first["resource"]["capsule.critical"] == "true"
    assert first["resource"]["prefect.resource.id"].startswith("capsule.case.example.")
    assert first["payload"] == {"answer": B, "before": B, "after": M, "why": ""}
    again = events(broken, news(broken.cases, None))
    assert [one["id"] for one in told] == [one["id"] for one in again]


def test_of_a_sealed_case_neither_name_nor_answer_nor_id_goes_out(
    place: Place, broken: ReplayResult
) -> None:
    new = news(broken.cases, None)
    sealed = broken.cases[broken.cases["shelf"] == "sealed"].iloc[0]
    (event,) = [one for one in events(broken, new) if one["resource"]["capsule.shelf"] == "sealed"]
    assert event["payload"] == {}
    assert event["resource"]["prefect.resource.name"] == "a sealed case"
    headline, rows = artifacts(place.where, [broken])
    told = [str(event), *message(place.where, broken, new), headline, str(rows)]
    told.append(str(state_of([broken]).message))
    for secret in ("p3", str(sealed["case_id"])):
        assert not any(secret in one for one in told), secret
    assert "2 cases: 1 broken, 1 fixed. 1 sealed case beside" in headline


def test_a_critical_case_that_broke_fails_the_round_and_so_does_what_was_not_run(
    broken: ReplayResult,
) -> None:
    state = state_of([broken])
    assert (state.type, state.name) == (StateType.FAILED, "CriticalCaseBroke")
    assert str(state.message).startswith("1 critical case is broken.")
    lost = state_of([NotReplayed("example", "the disk is full")])
    assert (lost.type, lost.name) == (StateType.FAILED, "NotReplayed")
    assert "example was not replayed: the disk is full" in str(lost.message)
    assert state_of([]).type == StateType.COMPLETED


def test_news_is_told_once_and_again_only_where_something_is_new(
    place: Place, broken: ReplayResult, sent: Sent
) -> None:
    tell_news(place.where, "example")
    tell_news(place.where, "example")
    subjects = [what for what, _ in sent if what != "event"]
    assert subjects == ["example: 1 critical case is broken"]
    assert sum(what == "event" for what, _ in sent) == 3
    sent.clear()
    replayed(place, "two", lambda row: M, 3)
    tell_news(place.where, "example")
    assert sent == []


def test_what_a_killed_process_left_untold_is_told_by_the_next(
    place: Place, broken: ReplayResult, sent: Sent
) -> None:
    place.where.ledger.add(ReplayTold(replay_id=broken.replay.id, what="events"))
    tell_news(place.where, "example")
    assert [what for what, _ in sent] == ["example: 1 critical case is broken"]
    told = place.where.ledger.rows(
        select(ReplayTold).where(ReplayTold.replay_id == broken.replay.id)
    )
    assert {one.what for one in told} == {"events", "message"}


def test_the_message_names_what_changed_and_where_to_look(
    place: Place, broken: ReplayResult
) -> None:
    _, body = message(place.where, broken, news(broken.cases, None))
    lines = body.splitlines()
    assert lines[1] == f"p1: broken (critical, answer {B}); before {B}, now {M}."
    assert "1 sealed case changed; the gate tells what follows from it." in lines
    assert lines[-1] == "http://app/capsule?name=example"


def test_she_finds_her_cases_that_flipped_and_is_asked_once(
    place: Place, broken: ReplayResult
) -> None:
    found = flips_of(place.where, "Ada", "ada")
    assert [(one.row["case"], one.row["change"]) for one in found] == [
        ("p1", "broken"),
        ("p3", "broken"),
        ("p2", "fixed"),
    ]
    assert flips_of(place.where, "Ben", "ben") == []
    answer_flip(place.where, found[0], "disputed", by="Ada", reason="a cyst")
    answer_flip(place.where, found[0], "agreed", by="Ada")
    later = {
        one.row["case"]: one.said and one.said.word for one in flips_of(place.where, "Ada", "ada")
    }
    assert later == {"p1": "disputed", "p2": None, "p3": None}
    replayed(place, "two", lambda row: M, 3)
    again = {
        one.row["case"]: one.said and one.said.word for one in flips_of(place.where, "Ada", "ada")
    }
    assert again == later, "another night of the same version asks nothing anew"
    assert flips_of(place.where, "Ada", "ada")[-1].row["case"] == "p1", "what waits comes first"
    replayed(place, "three", lambda row: older(0)(row) if row["patient"] != "p1" else B, 4)
    assert [(one.row["case"], one.row["change"]) for one in waiting(place)] == [("p1", "fixed")]


def waiting(place: Place) -> list[Flip]:
    return [one for one in flips_of(place.where, "Ada", "ada") if one.waits]


def test_what_a_version_broke_and_the_next_did_not_mend_is_told_with_the_version_that_broke_it(
    place: Place, broken: ReplayResult, sent: Sent
) -> None:
    tell_news(place.where, "example")
    sent.clear()
    three = replayed(place, "three", lambda row: M, 3)
    since = f"It broke on release {broken.replay.release_id[:8]} and was right before."
    assert by_case(three.cases, "change") == {
        "p1": "still wrong",
        "p2": "still right",
        "p3": "still wrong",
    }
    assert by_case(three.cases, "why") == {"p1": since, "p2": "", "p3": since}
    assert state_of([three]).name == "CriticalCaseBroke"
    tell_news(place.where, "example")
    ((subject, body),) = sent
    assert subject == "example: 1 critical case is broken"
    assert f"p1: still wrong (critical, answer {B}); before {M}, now {M}. {since}" in body
    assert "p3" not in body
    hers = flips_of(place.where, "Ada", "ada")
    assert [one.row["case"] for one in hers] == ["p1", "p3"]
    assert waiting(place) == [], "she was asked when it broke"
    assert since in flips_view.told(hers[0])
    sent.clear()
    replayed(place, "three", lambda row: M, 4)
    tell_news(place.where, "example")
    assert sent == [], "once for each version"
    replayed(place, "four", older(55), 5)
    tell_news(place.where, "example")
    assert sent[0][1]["event"] == "capsule.case.fixed"
