"""What came of a check is worked out once its run is settled, kept, and listed with every run of it."""

from pathlib import Path
from uuid import UUID, uuid4

import pandas as pd
import pytest

from behaviour import drugs
from behaviour.examples import NUMBER, Model, kept, manifest, said_by
from capsule_blocks.tables import CaseSet, Outcome, Release, Trial
from capsule_flows.becoming import became
from capsule_flows.behaviour import before, known, of_derived, outcome_of
from capsule_flows.behaviour_changes import NO_MOLECULE
from capsule_flows.behaviour_checks import (
    BehaviourCheck,
    Expected,
    OtherSmiles,
    Reordered,
    Shifted,
)
from capsule_flows.behaviour_judging import Behaved
from capsule_flows.behaviour_keeping import checked, keep
from capsule_flows.home import Resources
from capsule_flows.trial_words import BEHAVIOUR
from capsule_kit.manifest import Manifest
from capsule_kit.model_link import ModelLink
from capsule_kit.predictions import read_predictions

RAISED = BehaviourCheck(
    changes=(Shifted(column="dose", by=10, percent=True),), expected=Expected(way="does not fall")
)


def falling(rows):
    return [-dose for dose in rows["dose"]]


def by_place(rows):
    return list(range(len(rows)))


def ran(
    where: Resources,
    case_set_id: UUID,
    model: Model | None,
    *,
    release: str = "r1",
    settings: dict[str, object] | None = None,
    kind: str | None = "judged",
    door: str = "app",
    declared: Manifest | None = None,
) -> UUID:
    """Have a trial of these cases in the ledger, ended as `kind` says, with what the model said of them."""
    if where.ledger.release(release) is None:
        where.ledger.add(
            Release(
                id=release,
                capsule="example",
                deployment_id="d",
                contract_hash="a",
                settings_hash="b",
                entrypoint="example.flow",
                manifest=(declared or manifest()).model_dump(mode="json"),
            )
        )
    trial = Trial(
        flow_run_id=uuid4(),
        release_id=release,
        capsule="example",
        case_set_id=case_set_id,
        case_set_name="x",
        settings=settings or {},
        door=door,
        by="Ada",
    )
    where.ledger.add(trial)
    if model is not None:
        found = where.ledger.case_set_by_id(case_set_id)
        assert found is not None
        said = said_by(model, where.store.inputs(found.inputs_hash), NUMBER).predictions
        folder = where.store.local / "results" / str(trial.flow_run_id)
        folder.mkdir(parents=True)
        said.to_parquet(folder / "predictions.parquet")
    if kind is not None:
        where.ledger.add(Outcome(flow_run_id=trial.flow_run_id, kind=kind, sentence="So it ended."))
    return trial.flow_run_id


def test_what_came_of_it_is_kept_once_with_the_trial_it_is_held_beside(
    where: Resources, monday: CaseSet
) -> None:
    first = ran(where, monday.id, falling)
    check = keep(where, manifest(), monday, RAISED, by="Ada")
    run = ran(where, check.derived_id, falling)
    outcome = outcome_of(where, check, run)
    assert outcome is not None
    assert (outcome.kind, outcome.before_id) == ("judged", first)
    found = Behaved.model_validate(outcome.found)
    assert (found.broken, found.held, found.largest) == (3, 0, pytest.approx(3))
    assert found.control is not None
    assert (found.control.k, found.control.n) == (0, 3)
    assert [one.case for one in found.listed] == ["P2", "P1", "P0"]
    again = outcome_of(where, check, run)
    assert again == outcome


@pytest.mark.parametrize(
    ("release", "settings"), [("r2", {}), ("r1", {"threshold": 0.3})], ids=["release", "settings"]
)
def test_only_the_same_release_and_settings_are_held_beside_it(
    where: Resources, monday: CaseSet, release: str, settings: dict[str, object]
) -> None:
    ran(where, monday.id, falling, release=release, settings=settings)
    check = keep(where, manifest(), monday, RAISED, by="Ada")
    outcome = outcome_of(where, check, ran(where, check.derived_id, falling))
    assert outcome is not None
    assert outcome.before_id is None
    assert "was not seen" in outcome.found["notes"][0]


@pytest.mark.parametrize(
    ("by_text", "moved"),
    [(False, "in none of 4 cases"), (True, "in 4 of 4 cases")],
    ids=["a model that reads the molecule", "a model that reads the letters"],
)
def test_the_same_molecule_written_otherwise_goes_through_a_capsule_that_takes_smiles(
    where: Resources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_text: bool, moved: str
) -> None:
    """The rows that the check derives are asked of the capsule's model in a process of its own."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    declared = drugs.capsule.manifest
    rows = pd.DataFrame({"row": range(2, 2 + len(drugs.SOME)), "drug": list(drugs.SOME)})
    nothing = pd.DataFrame({"case_id": pd.Series(dtype="str"), "answer": pd.Series(dtype="float")})
    brought = kept(where, "Drugs", checked(rows, declared.contract), nothing, declared.contract)

    def asked(rows: pd.DataFrame) -> list[float]:
        rows.to_parquet(inputs := tmp_path / "inputs.parquet")
        (tmp_path / "files").mkdir()
        with ModelLink(drugs.capsule.model) as link:
            said = link.predict(
                inputs=inputs,
                settings={"by_text": by_text},
                columns=declared.contract.columns,
                out=tmp_path,
                on_progress=lambda *_: None,
            )
        answer = declared.contract.answer
        return list(read_predictions(said, rows["case_id"], answer)["prediction"])

    check = BehaviourCheck(changes=(OtherSmiles(column="drug"),))
    made = keep(where, declared, brought, check, by="Ada")
    outcome = outcome_of(where, made, ran(where, made.derived_id, asked, declared=declared))
    assert outcome is not None
    assert moved in outcome.sentence
    found = Behaved.model_validate(outcome.found)
    assert (found.left_out, found.not_comparable) == ({NO_MOLECULE: 1}, 0)


def test_a_trial_that_failed_or_whose_results_are_gone_is_nothing_to_be_held_beside(
    where: Resources, monday: CaseSet
) -> None:
    ran(where, monday.id, None, kind="model failed")
    ran(where, monday.id, None)
    assert before(where, monday.id, "r1", {}) is None


def test_another_order_is_compared_with_the_trial_before(where: Resources, monday: CaseSet) -> None:
    ran(where, monday.id, by_place)
    check = keep(where, manifest(), monday, BehaviourCheck(changes=(Reordered(),)), by="Ada")
    outcome = outcome_of(where, check, ran(where, check.derived_id, by_place))
    assert outcome is not None
    found = Behaved.model_validate(outcome.found)
    assert found.broken > 0
    assert found.sentence.startswith("Putting the cases in another order moved the predicted risk")


@pytest.mark.parametrize("kind", ["model failed", "infrastructure failed", "cancelled"])
def test_a_run_that_failed_is_told_as_such_and_never_as_held(
    where: Resources, monday: CaseSet, kind: str
) -> None:
    check = keep(where, manifest(), monday, RAISED, by="Ada")
    outcome = outcome_of(where, check, ran(where, check.derived_id, None, kind=kind))
    assert outcome is not None
    assert (outcome.kind, outcome.sentence, outcome.found) == (kind, "So it ended.", None)


def test_every_run_of_a_check_is_listed_and_one_that_goes_on_has_nothing_yet(
    where: Resources, monday: CaseSet
) -> None:
    check = keep(where, manifest(), monday, RAISED, by="Ada")
    done = ran(where, check.derived_id, falling)
    going = ran(where, check.derived_id, None, kind=None)
    (one,) = known(where, monday.id)
    found = {trial.flow_run_id: came for trial, came in one.runs}
    assert found[going] is None
    assert found[done] is not None
    trial = where.ledger.trial(done)
    assert trial is not None
    assert [one.behaviour.id for one in of_derived(where, trial)] == [check.id]
    assert known(where, None) == []


def test_what_became_of_a_case_she_called_wrong_is_not_told_by_a_check_of_it(
    where: Resources, monday: CaseSet
) -> None:
    first = ran(where, monday.id, falling)
    inputs = where.store.inputs(monday.inputs_hash)
    judged = inputs[["case_id", "row"]].assign(case="P", prediction=1.0, right=False)
    where.store.save_judged(first, judged)
    word = where.ledger.add_assessment(
        flow_run_id=first, case_id=inputs["case_id"][0], word="wrong", reason="", by="Ada"
    )
    check = keep(where, manifest(), monday, RAISED, by="Ada")
    run = ran(where, check.derived_id, falling, door=BEHAVIOUR)
    where.store.save_judged(run, judged.assign(right=pd.NA))
    (fate,) = became(where, [word])
    assert fate.later == ()
