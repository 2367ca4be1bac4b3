"""The gate asked of a real ledger and store: which cases count, what a release's history comes to, and who is champion."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
import pytest
from sqlalchemy import text

from capsule_blocks.tables import CaseSet, Outcome, Trial, Verdict, now
from capsule_flows import champion_moving, deciding, gate_words
from capsule_flows.champion import champion_of
from capsule_flows.gate_evidence import gather
from capsule_flows.gate_facts import GateEvidence, Reason
from capsule_flows.judging import judge
from capsule_flows.releases import Published
from capsule_flows.replaying import replay_capsule
from capsule_kit.policy import Policy
from judgement.examples import class_manifest
from replay.place import B, M, Model, Place, older

POLICY: dict[str, Any] = {
    "criteria": [{"metric": "right", "at_least": 0.7}],
    "verdicts": {},
    "challenge": {"open_at_least": 0},
    "champion": {"drop_at_most": 0.3},
}
ROWS = [(f"p{age}", "lung" if age % 2 else "skin", float(age)) for age in range(40, 80)]
ANSWERS = [M if age >= 60 else B for _, _, age in ROWS]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Give an empty place."""
    made = Place.new(tmp_path)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def events(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Take what would go to the Prefect server's event stream and blocks, of which none is here."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(champion_moving, "emit_event", lambda **facts: sent.append(facts))
    monkeypatch.setattr(
        champion_moving, "send", lambda *said: sent[-1].update(message=" ".join(said))
    )
    return sent


def released(place: Place, name: str, policy: dict[str, Any] | None = None) -> Published:
    manifest = class_manifest().model_copy(
        update={"gate": Policy.model_validate(policy or POLICY), "groups": ("site",)}
    )
    return place.release(name, manifest)


def tried(
    place: Place,
    release: Published,
    cases: CaseSet,
    model: Model,
    *,
    kind: str = "judged",
    settings: dict[str, Any] | None = None,
) -> Trial:
    """Run the cases on the release, as a trial of the app."""
    ledger, store = place.where.ledger, place.where.store
    locked = ledger.latest_answers(cases.id)
    assert locked is not None
    trial = Trial(
        flow_run_id=uuid4(),
        release_id=release.release().id,
        capsule="example",
        case_set_id=cases.id,
        case_set_name=cases.name,
        answers_revision_id=locked.id,
        settings=settings or {},
        door="app",
        by=cases.by,
    )
    ledger.add(trial, Outcome(flow_run_id=trial.flow_run_id, kind=kind, sentence="It ended."))
    if kind == "judged":
        inputs = store.inputs(cases.inputs_hash)
        said = [model(row) for row in inputs.to_dict("records")]
        predictions = pd.DataFrame({"case_id": inputs["case_id"], "prediction": said})
        answers = store.answers(cases.inputs_hash, locked.answers_hash)
        _, judged = judge(inputs, answers, predictions, release.manifest)
        store.save_judged(trial.flow_run_id, judged)
    return trial


def sign(place: Place, trial: Trial, by: str = "Ada", word: str = "ready") -> None:
    place.where.ledger.add_revision(
        Verdict(
            flow_run_id=trial.flow_run_id,
            release_id=trial.release_id,
            word=word,
            statement="As I saw it.",
            by=by,
        )
    )


def evidence(place: Place, release: Published) -> GateEvidence:
    return gather(place.where, release.release(), release.manifest.gate, at=now())


def counted(found: GateEvidence) -> tuple[int | None, int]:
    shown = next(one.result for one in found.measured if one.cases == "brought")
    return shown.k, shown.n


def reason(given: deciding.Answered, asks: str) -> Reason:
    return next(one for one in given.decision.reasons if asks in one.asks)


def test_a_case_counts_once_by_its_first_prediction(place: Place) -> None:
    release, cases = released(place, "v1"), place.bring(ROWS, ANSWERS)
    tried(place, release, cases, older(70))
    tried(place, release, cases, older(60))
    again = place.bring([*ROWS[:5], *ROWS[:5]], [*ANSWERS[:5]] * 2, name="again", by="Ben")
    tried(place, release, again, older(60))
    found = evidence(place, release)
    assert counted(found) == (30, 40)
    assert found.covered.cases == 40
    assert found.covered.persons == ("Ada",)
    assert set(found.covered.groups) == {("site", "lung", 20), ("site", "skin", 20)}


def test_what_does_not_count_is_left_out_and_said(place: Place) -> None:
    release, cases = released(place, "v1"), place.bring(ROWS, ANSWERS)
    example = place.bring(ROWS[:8], ANSWERS[:8], name="example")
    tried(place, release, cases, older(60), kind="model failed")
    tried(place, release, cases, older(60), kind="infrastructure failed")
    tried(place, release, cases, older(0), settings={"threshold": 0.9})
    tried(place, released(place, "other image"), cases, older(0))
    tried(place, release, example, older(60))
    place.keep(cases, "p79", shelf="sealed")
    tried(place, release, cases, older(60))
    found = evidence(place, release)
    assert counted(found) == (31, 31)
    assert (found.covered.failed_trials, found.covered.example) == (1, 8)


def test_an_answer_corrected_after_the_prediction_changes_nothing_here(place: Place) -> None:
    release, cases = released(place, "v1"), place.bring(ROWS, ANSWERS)
    tried(place, release, cases, older(70))
    before = evidence(place, release)
    # Corrected to what the model said, and run again.
    again = place.bring(ROWS, [M if age >= 70 else B for _, _, age in ROWS], name="corrected")
    tried(place, release, again, older(70))
    assert counted(evidence(place, release)) == counted(before) == (30, 40)


def test_a_broken_critical_case_is_no_go_and_a_mended_one_is_not(place: Place) -> None:
    first, cases = released(place, "v1"), place.bring(ROWS, ANSWERS)
    place.keep(cases, "p60", critical=True)
    hidden = place.bring([("secret", "skin", 61.0)], [M], name="hidden")
    place.keep(hidden, critical=True, shelf="sealed")
    sign(place, tried(place, first, cases, older(60)))
    unreplayed = deciding.ask_the_gate(place.where, first, by="Bob")
    assert unreplayed.decision.answer == "INCONCLUSIVE"
    replay_capsule(place.at(first, older(60)), round_name="1", why="command")
    assert deciding.ask_the_gate(place.where, first, by="Bob").decision.answer == "GO"

    broken = released(place, "v2")
    sign(place, tried(place, broken, cases, older(62)))
    replay_capsule(place.at(broken, older(62)), round_name="2", why="command")
    given = deciding.ask_the_gate(place.where, broken, by="Bob")
    assert given.decision.answer == "NO-GO"
    assert reason(given, "critical open").sentence == "p60 went wrong."
    assert reason(given, "critical sealed").found == "not met"
    told = [*gate_words.lines(given), gate_words.markdown(given), str(gate_words.document(given))]
    assert not [one for one in told if "secret" in one]
    assert given.champion == first.release().id


def test_whole_case_sets_that_are_replayed_count_as_brought_and_chosen_ones_do_not(
    place: Place,
) -> None:
    release, cases = released(place, "v1"), place.bring(ROWS, ANSWERS)
    chosen = place.bring([("odd", "skin", 59.5)], [M], name="odd", by="Ben")
    place.keep(cases)
    place.keep(chosen, "odd")
    replay_capsule(place.at(release, older(60)), round_name="1", why="command")
    found = evidence(place, release)
    assert counted(found) == (40, 40)
    assert found.covered.persons == ("Ada",)
    assert found.open.cases == 41


def test_the_champion_moves_by_go_and_by_override_alone(
    place: Place, events: list[dict[str, Any]]
) -> None:
    ledger, cases = place.where.ledger, place.bring(ROWS, ANSWERS)
    first = released(place, "v1")
    trial = tried(place, first, cases, older(60))
    assert deciding.ask_the_gate(place.where, first, by="Bob").champion is None
    sign(place, trial)
    assert deciding.ask_the_gate(place.where, first, by="Bob").champion == first.release().id
    assert deciding.ask_the_gate(place.where, first, by="Bob").decision.answer == "GO"

    worse = released(place, "v2")
    sign(place, tried(place, worse, cases, lambda row: B if row["age"] >= 60 else M))
    given = deciding.ask_the_gate(place.where, worse, by="Bob")
    assert given.decision.answer == "NO-GO"
    assert reason(given, "champion").found == "not met"
    assert given.champion == first.release().id
    row = deciding.let_through(place.where, worse, by="Carl", reason="It is needed on Monday")
    assert champion_of(ledger, "example").release_id == worse.release().id  # type: ignore[union-attr]
    after = deciding.ask_the_gate(place.where, worse, by="Bob")
    assert after.decision.answer == "NO-GO"
    told = "\n".join(gate_words.lines(after))
    assert "Carl let release" in told
    assert "It is needed on Monday" in told
    assert [one["payload"]["after"] for one in events] == [first.release().id, worse.release().id]
    assert events[1]["id"] == row.id
    assert "Because Carl overrode NO-GO. Before it was release" in events[1]["message"]


def test_a_release_that_is_go_is_not_overridden_and_one_never_asked_about_neither(
    place: Place,
) -> None:
    cases, first = place.bring(ROWS, ANSWERS), released(place, "v1")
    with pytest.raises(deciding.NothingToOverride, match="was not asked"):
        deciding.let_through(place.where, first, by="Carl", reason="x")
    sign(place, tried(place, first, cases, older(60)))
    deciding.ask_the_gate(place.where, first, by="Bob")
    with pytest.raises(deciding.NothingToOverride, match="says GO"):
        deciding.let_through(place.where, first, by="Carl", reason="x")


def test_verdicts_are_read_as_they_stand(place: Place) -> None:
    cases = place.bring(ROWS, ANSWERS)
    old, new = released(place, "v1"), released(place, "v2")
    before, trial = tried(place, old, cases, older(60)), tried(place, new, cases, older(60))
    sign(place, before, "Ada")
    sign(place, trial, "Ben")
    sign(place, trial, "ben ", "taken back")
    sign(place, before, "Cy", "not ready")
    sign(place, trial, "Cy", "ready")
    sign(place, before, "Cy", "not ready")
    found = evidence(place, new)
    assert [(one.by, one.word, one.release_id == new.release().id) for one in found.verdicts] == [
        ("Ada", "ready", False),
        ("ben ", "taken back", True),
        ("Cy", "ready", True),
    ]


def test_a_decision_comes_out_of_its_row_again_and_a_changed_row_does_not(place: Place) -> None:
    ledger, cases, first = place.where.ledger, place.bring(ROWS, ANSWERS), released(place, "v1")
    sign(place, tried(place, first, cases, older(60)))
    given = deciding.ask_the_gate(place.where, first, by="Bob")
    # What came since is no part of it.
    sign(place, tried(place, first, cases, older(60)), "Eve", "not ready")
    assert deciding.again(ledger, "example", str(given.row.id)).decision == given.decision
    assert deciding.ask_the_gate(place.where, first, by="Bob").decision.answer == "INCONCLUSIVE"
    for asked in ("no id", str(uuid4())):
        with pytest.raises(deciding.UnknownDecision):
            deciding.again(ledger, "example", asked)

    with ledger._engine().begin() as connection:
        connection.execute(text("DROP TRIGGER decisions_refuse_update"))
        connection.execute(
            text("UPDATE decisions SET evidence = replace(evidence, '\"ready\"', '\"not ready\"')")
        )
    with pytest.raises(deciding.ComesOutOtherwise, match="evidence has another hash"):
        deciding.again(ledger, "example", str(given.row.id))


def test_readiness_lapses_with_time(place: Place) -> None:
    cases, first = place.bring(ROWS, ANSWERS), released(place, "v1")
    sign(place, tried(place, first, cases, older(60)))
    policy = first.manifest.gate
    later = gather(place.where, first.release(), policy, at=now() + timedelta(days=200))
    assert deciding.decide(policy, later).answer == "INCONCLUSIVE"
    assert deciding.decide(policy, evidence(place, first)).answer == "GO"


def test_markdown_shows_and_does_not_obey_what_people_wrote(place: Place) -> None:
    cases, first = place.bring(ROWS, ANSWERS), released(place, "v1")
    sign(place, tried(place, first, cases, older(60)), "A|da <b>\n# x", "not ready")
    told = gate_words.markdown(deciding.ask_the_gate(place.where, first, by="Bob"))
    assert "<b>" not in told
    assert "\n# x" not in told
    rows = [one for one in told.splitlines() if one.startswith("|")]
    assert {one.replace("\\|", "").count("|") for one in rows} == {6}
