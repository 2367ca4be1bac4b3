"""The derived rows are kept as a case set like every other, without an answer, and say where they are from."""

import pytest

from behaviour.examples import NUMBER, contract, manifest
from capsule_blocks.tables import CaseSet, Check
from capsule_flows.behaviour import checks_of, derived_sets
from capsule_flows.behaviour_checks import (
    BehaviourCheck,
    Expected,
    OtherSmiles,
    Reordered,
    SetTo,
    Shifted,
)
from capsule_flows.behaviour_keeping import CannotCheck, keep
from capsule_flows.home import Resources
from capsule_kit.answers import TimeAnswer

RAISED = BehaviourCheck(changes=(Shifted(column="dose", by=10, percent=True),))


def test_the_derived_case_set_has_a_receipt_a_name_and_no_answer(
    where: Resources, monday: CaseSet
) -> None:
    found = keep(where, manifest(), monday, RAISED, by="Ada", owner="ada")
    derived = where.ledger.case_set_by_id(found.derived_id)
    assert derived is not None
    assert (derived.name, derived.cases, derived.owner) == (
        "Monday: Raising dose by 10 %",
        6,
        "ada",
    )
    assert where.store.has_receipt(derived.inputs_hash, manifest().contract.hash)
    answers = where.ledger.latest_answers(derived.id)
    assert answers is not None
    assert answers.reason == "derived, without answers"
    assert where.store.answers(derived.inputs_hash, answers.answers_hash).empty
    inputs = where.store.inputs(derived.inputs_hash)
    assert inputs["dose"].tolist() == pytest.approx([10, 20, 30, 11, 22, 33])
    assert "truth" not in inputs
    assert "answer" not in inputs


def test_it_says_from_which_cases_and_by_which_check_it_was_derived(
    where: Resources, monday: CaseSet
) -> None:
    found = keep(where, manifest(), monday, RAISED, by="Ada")
    derived = where.ledger.case_set_by_id(found.derived_id)
    assert derived is not None
    vouched = where.ledger._get(Check, derived.check_id)
    assert vouched.reading["derived from"] == "Monday"
    assert vouched.reading["inputs"] == monday.inputs_hash
    assert BehaviourCheck.model_validate(vouched.reading["asked"]) == RAISED
    assert derived_sets(where, "example") == {derived.id}


def test_the_same_check_is_the_same_row_and_another_expectation_runs_the_same_cases(
    where: Resources, monday: CaseSet
) -> None:
    first = keep(where, manifest(), monday, RAISED, by="Ada")
    again = keep(where, manifest(), monday, RAISED, by="Eve")
    assert (again.id, again.derived_id) == (first.id, first.derived_id)
    rises = RAISED.model_copy(update={"expected": Expected(way="rises")})
    other = keep(where, manifest(), monday, rises, by="Ada")
    assert other.id != first.id
    assert other.derived_id == first.derived_id
    assert [one.id for one in checks_of(where, "example")] == [first.id, other.id]


def test_under_another_contract_the_rows_are_derived_anew(
    where: Resources, monday: CaseSet
) -> None:
    first = keep(where, manifest(), monday, RAISED, by="Ada")
    narrow = tuple(
        one.model_copy(update={"at_most": 25.0}) if one.name == "dose" else one
        for one in manifest().contract.columns
    )
    later = manifest().model_copy(
        update={"contract": contract(NUMBER).model_copy(update={"columns": narrow})}
    )
    now = keep(where, later, monday, RAISED, by="Ada")
    assert now.derived_id != first.derived_id
    assert sum(now.left_out.values()) == 1
    assert [one.id for one in checks_of(where, "example")] == [now.id]


def test_times_to_an_event_have_no_answer_either(where: Resources, monday: CaseSet) -> None:
    times = TimeAnswer(column="t", unit="months", event="e", meaning="x", example=1)
    found = keep(where, manifest(times), monday, RAISED, by="Ada")
    derived = where.ledger.case_set_by_id(found.derived_id)
    answers = where.ledger.latest_answers(found.derived_id)
    assert derived
    assert answers
    assert list(where.store.answers(derived.inputs_hash, answers.answers_hash)) == [
        "case_id",
        "answer",
        "event",
    ]


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (
            BehaviourCheck(changes=(Shifted(column="dose", by=500),)),
            "changes no case. 3 cases: “dose”",
        ),
        (BehaviourCheck(changes=(Shifted(column="gone", by=5),)), "no column “gone”"),
        (BehaviourCheck(changes=(SetTo(column="sex", value="dog"),)), "Write female or male"),
        (BehaviourCheck(changes=(Reordered(),), cases=("nobody",)), "changes no case"),
    ],
)
def test_what_cannot_be_made_is_one_sentence_and_keeps_nothing(
    where: Resources, monday: CaseSet, check: BehaviourCheck, said: str
) -> None:
    with pytest.raises(CannotCheck, match=said):
        keep(where, manifest(), monday, check, by="Ada")
    assert checks_of(where, "example") == []


def test_without_rdkit_a_molecule_is_not_written_otherwise_and_it_says_so(
    where: Resources, monday: CaseSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    from capsule_flows.other_smiles import NoRdkit

    monkeypatch.setitem(__import__("sys").modules, "rdkit", None)
    with pytest.raises(NoRdkit, match="where RDKit is installed"):
        keep(
            where, manifest(), monday, BehaviourCheck(changes=(OtherSmiles(column="drug"),)), by="A"
        )
