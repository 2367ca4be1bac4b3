"""Each change makes what it says, keeps the contract, and says which cases it left out."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from behaviour.examples import COLUMNS, cases, contract
from capsule_flows.behaviour_changes import BLANK, NO_MOLECULE, ONE_ROW, ONE_WAY, SAME, derived
from capsule_flows.behaviour_checks import (
    Again,
    BehaviourCheck,
    Change,
    Expected,
    OtherSmiles,
    OtherUnit,
    Reordered,
    Rewritten,
    SetTo,
    Shifted,
    Swapped,
    objections,
    offered,
)
from capsule_flows.behaviour_keeping import checked
from capsule_kit.answers import ClassAnswer
from capsule_kit.columns import Column


def changed(inputs: pd.DataFrame, *changes: Change) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the changed rows without the unchanged ones before them, and what was left out."""
    made = derived(inputs, contract(), BehaviourCheck(changes=changes))
    return made.rows.tail(made.cases), dict(made.left_out)


@pytest.mark.parametrize(
    ("change", "column", "after"),
    [
        (Shifted(column="dose", by=10, percent=True), "dose", 3.3),
        (Shifted(column="dose", by=-10, percent=True), "dose", 2.7),
        (Shifted(column="dose", by=2), "dose", 5.0),
        (Shifted(column="visits", by=50, percent=True), "visits", 4),
        (SetTo(column="dose", value="7,5"), "dose", 7.5),
        (SetTo(column="sex", value="Female"), "sex", "female"),
        (SetTo(column="seen_on", value="2025-12-31"), "seen_on", pd.Timestamp("2025-12-31")),
        (Swapped(column="sex"), "sex", "female"),
        (Swapped(column="smokes"), "smokes", False),
        (Rewritten(column="note", writing="capitals"), "note", "SEES NO ONE"),
        (Rewritten(column="note", writing="wider gaps"), "note", "sees  no  one"),
    ],
)
def test_a_change_makes_what_it_says(change: Change, column: str, after: object) -> None:
    rows, left_out = changed(cases([3.0]), change)
    assert (rows[column].iloc[0], left_out) == (after, {})


def test_a_number_written_in_another_unit_comes_back_rounded() -> None:
    rows, left_out = changed(cases([1.23456, 2.0]), OtherUnit(column="dose", unit="g/L", digits=3))
    assert rows["dose"].tolist() == [1.23]
    assert left_out == {SAME: 1}


def test_a_molecule_is_written_otherwise_and_stays_the_same() -> None:
    from rdkit import Chem

    aspirin = "CC(=O)Oc1ccccc1C(=O)O"
    rows, left_out = changed(
        cases([1, 2, 3, 4], drug=[aspirin, "C", "no molecule", None]), OtherSmiles(column="drug")
    )
    (other,) = rows["drug"]
    assert other != aspirin
    assert Chem.CanonSmiles(other) == Chem.CanonSmiles(aspirin)
    assert left_out == {ONE_WAY: 1, NO_MOLECULE: 1, BLANK: 1}


def test_a_mirror_image_is_not_taken_for_the_same_molecule() -> None:
    from rdkit import Chem

    rows, _ = changed(cases([1], drug=["C[C@H](N)C(=O)O"]), OtherSmiles(column="drug"))
    assert Chem.CanonSmiles(rows["drug"].iloc[0]) == Chem.CanonSmiles("C[C@H](N)C(=O)O")


def test_what_would_leave_the_bounds_is_left_out_and_said() -> None:
    rows, left_out = changed(cases([50, 95, 100, 0]), Shifted(column="dose", by=10, percent=True))
    assert rows["dose"].tolist() == [55]
    assert left_out == {"“dose” would no longer be a number from 0 to 100 mg/L": 2, SAME: 1}


def test_all_at_the_bounds_leaves_no_case_and_is_refused_with_a_sentence() -> None:
    check = BehaviourCheck(changes=(Shifted(column="dose", by=1),))
    made = derived(cases([100, 100]), contract(), check)
    assert (len(made.rows), made.cases) == (0, 0)
    assert dict(made.left_out) == {"“dose” would no longer be a number from 0 to 100 mg/L": 2}


def test_the_unchanged_rows_come_first_and_a_pair_shares_its_line() -> None:
    made = derived(
        cases([1, 2]), contract(), BehaviourCheck(changes=(Shifted(column="dose", by=1),))
    )
    assert made.rows["row"].tolist() == [2, 3, 2, 3]
    assert made.rows["dose"].tolist() == [1, 2, 2, 3]
    assert made.rows["patient"].tolist() == ["P0", "P1", "P0 (changed)", "P1 (changed)"]


def test_two_columns_change_together_or_not_at_all() -> None:
    rows, left_out = changed(cases([1, 100]), Shifted(column="dose", by=1), Swapped(column="sex"))
    assert rows[["dose", "sex"]].to_numpy().tolist() == [[2, "female"]]
    assert sum(left_out.values()) == 1


def test_only_the_chosen_cases_are_changed() -> None:
    inputs = cases([1, 2, 3])
    check = BehaviourCheck(changes=(Shifted(column="dose", by=1),), cases=(inputs["case_id"][1],))
    assert derived(inputs, contract(), check).rows["dose"].tolist() == [2, 3]
    nobody = check.model_copy(update={"cases": ("gone",)})
    assert derived(inputs, contract(), nobody).cases == 0


def test_rows_in_another_order_are_the_same_rows() -> None:
    for n in (2, 3, 40):
        inputs = cases([float(one) for one in range(n)])
        made = derived(inputs, contract(), BehaviourCheck(changes=(Reordered(),)))
        assert made.rows["row"].tolist() != inputs["row"].tolist()
        assert sorted(made.rows["row"]) == inputs["row"].tolist()
    alone = derived(cases([1]), contract(), BehaviourCheck(changes=(Reordered(),)))
    assert (alone.cases, dict(alone.left_out)) == (0, {ONE_ROW: 1})


def test_rows_once_more_are_the_very_table() -> None:
    inputs = cases([1, 2])
    made = derived(inputs, contract(), BehaviourCheck(changes=(Again(),)))
    assert made.rows.equals(inputs.drop(columns="case_id"))


def test_no_case_at_all_is_no_error() -> None:
    for change in (Shifted(column="dose", by=1), Reordered(), Again()):
        made = derived(cases([]), contract(), BehaviourCheck(changes=(change,)))
        assert (made.cases, dict(made.left_out)) == (0, {})


any_change = st.one_of(
    st.builds(
        Shifted,
        column=st.sampled_from(("dose", "visits")),
        by=st.floats(-1e9, 1e9).filter(bool),
        percent=st.booleans(),
    ),
    st.builds(Swapped, column=st.sampled_from(("sex", "smokes"))),
    st.builds(
        OtherUnit,
        column=st.just("dose"),
        unit=st.sampled_from(("g/L", "ug/mL")),
        digits=st.integers(1, 15),
    ),
    st.builds(
        Rewritten,
        column=st.just("note"),
        writing=st.sampled_from(("capitals", "small letters", "wider gaps")),
    ),
    st.builds(SetTo, column=st.just("dose"), value=st.sampled_from(("0", "100", "1e1"))),
    st.builds(OtherSmiles, column=st.just("drug")),
    st.builds(Reordered),
    st.builds(Again),
)


@given(
    st.lists(st.tuples(st.floats(0, 100), st.integers(0, 10**6), st.text(max_size=5)), max_size=5),
    any_change,
)
@settings(max_examples=20, deadline=None, phases=[Phase.generate])
def test_whatever_is_changed_keeps_the_contract(rows: list[Any], change: Change) -> None:
    if not rows:
        return
    doses, visits, notes = zip(*rows, strict=True)
    inputs = cases(doses, visits=visits, note=notes)
    made = derived(inputs, contract(), BehaviourCheck(changes=(change,)))
    twice = 1 if change.kind in ("order", "again") else 2
    assert made.cases + sum(made.left_out.values()) == len(inputs)
    assert len(made.rows) == twice * made.cases
    if made.cases:
        assert len(checked(made.rows, contract())) == len(made.rows)


def test_what_is_offered_follows_from_the_kind_of_column() -> None:
    assert {one.name: offered(one) for one in COLUMNS} == {
        "patient": (),
        "dose": ("shifted", "set", "unit"),
        "visits": ("shifted", "set"),
        "sex": ("swapped", "set"),
        "smokes": ("swapped", "set"),
        "seen_on": ("set",),
        "drug": ("smiles",),
        "note": ("writing", "set"),
    }
    picture = Column(name="p", kind="text", draws="image", meaning="x", example="x")
    assert offered(picture) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Shifted(column="gone", by=1), "no column “gone”"),
        (Shifted(column="sex", by=1), "“sex” cannot be changed in this way"),
        (SetTo(column="dose", value="101"), "“dose” cannot be '101'. Write a number from 0 to 100"),
        (SetTo(column="dose", value="lots"), "“dose” cannot be 'lots'"),
        (SetTo(column="sex", value="dog"), "Write female or male"),
        (OtherUnit(column="dose", unit="kelvin"), "mg/L cannot be turned into kelvin"),
    ],
)
def test_a_change_that_the_contract_does_not_know_is_refused_in_words(
    change: Change, said: str
) -> None:
    (sentence,) = objections(BehaviourCheck(changes=(change,)), contract())
    assert said in sentence


def test_what_cannot_rise_is_only_asked_to_stay() -> None:
    words = ClassAnswer(column="truth", classes=("a", "b"), meaning="x")
    rises = BehaviourCheck(changes=(Swapped(column="sex"),), expected=Expected(way="rises"))
    assert "nothing that could rise or fall" in objections(rises, contract(words))[0]
    assert objections(rises, contract()) == ()


@pytest.mark.parametrize(
    "bad",
    [
        {"changes": []},
        {"changes": [{"kind": "order"}, {"kind": "again"}]},
        {"changes": [{"kind": "order"}, {"kind": "swapped", "column": "sex"}]},
        {"changes": [{"kind": "swapped", "column": "sex"}] * 2},
        {"changes": [{"kind": "shifted", "column": "dose", "by": 0}]},
        {"changes": [{"kind": "shifted", "column": "dose", "by": float("nan")}]},
        {"changes": [{"kind": "order"}], "expected": {"within": -1}},
    ],
)
def test_a_check_that_means_nothing_is_none(bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        BehaviourCheck.model_validate(bad)
