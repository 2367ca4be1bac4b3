"""A contract with a column of every kind, cases of it, and models whose behaviour is known."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from capsule_blocks.tables import AnswersRevision, CaseSet, Check
from capsule_flows.behaviour_changes import derived
from capsule_flows.behaviour_checks import BehaviourCheck, Change, Expected, Way
from capsule_flows.behaviour_judging import Behaved, Side, behaved
from capsule_flows.case_ids import case_ids
from capsule_flows.home import Resources
from capsule_kit.answers import Answer, ClassAnswer, NumberAnswer
from capsule_kit.columns import Column
from capsule_kit.contract import Contract
from capsule_kit.manifest import Manifest
from judgement.examples import manifest_of

SCORED = ClassAnswer(column="truth", classes=("low", "high"), positive="high", meaning="x")
NUMBER = NumberAnswer(column="risk", unit="mg/L", tolerance=0.5, meaning="x", example=1)


def _column(name: str, **facts: Any) -> Column:
    return Column(**{"name": name, "kind": "text", "meaning": "x", "example": "x", **facts})


COLUMNS = (
    _column("patient", identifier=True),
    _column("dose", kind="number", unit="mg/L", at_least=0, at_most=100, example="5"),
    _column("visits", kind="integer", unit="dimensionless", at_least=0, example="3"),
    _column("sex", kind="choice", choices=("female", "male"), example="male"),
    _column("smokes", kind="yes/no", example="yes", required=False),
    _column("seen_on", kind="date", example="2026-01-02", required=False),
    _column("drug", draws="molecule", example="CCO", required=False),
    _column("note", required=False),
)


def contract(answer: Answer = SCORED) -> Contract:
    """Return the contract with this answer."""
    return Contract(columns=COLUMNS, answer=answer)


def manifest(answer: Answer = NUMBER) -> Manifest:
    """Return a declaration with that contract."""
    return manifest_of(answer).model_copy(update={"contract": contract(answer)})


def cases(doses: Sequence[float], **other: Sequence[object]) -> pd.DataFrame:
    """Return a case for each dose, typed as the contract's check leaves them; `other` columns as given."""
    n = len(doses)
    rows = pd.DataFrame(
        {
            "row": range(2, n + 2),
            "patient": pd.Series([f"P{place}" for place in range(n)], dtype="str"),
            "dose": pd.Series(list(doses), dtype="float64"),
            "visits": pd.Series([3] * n, dtype="Int64"),
            "sex": pd.Series(["male"] * n, dtype="str"),
            "smokes": pd.Series([True] * n, dtype="boolean"),
            "seen_on": pd.Series(["2026-01-02"] * n).astype("datetime64[us]"),
            "drug": pd.Series(["OCC"] * n, dtype="str"),
            "note": pd.Series(["sees no one"] * n, dtype="str"),
        }
    )
    for name, values in other.items():
        rows[name] = pd.Series(list(values)).astype(rows[name].dtype)
    return under_ids(rows)


def under_ids(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows under their cases' ids, as the contract's check would give them."""
    names = [one.name for one in COLUMNS]
    return rows.assign(case_id=case_ids(rows[names]) if len(rows) else pd.Series(dtype="str"))


def kept(
    where: Resources, name: str, inputs: pd.DataFrame, answers: pd.DataFrame, contract: Contract
) -> CaseSet:
    """Keep checked cases with their answers, as the upload does."""
    sealed = where.store.seal(inputs, answers, contract.hash)
    check = Check(capsule="example", contract_hash=contract.hash, accepted=True)
    found = CaseSet(
        capsule="example",
        name=name,
        inputs_hash=sealed.inputs_hash,
        contract_hash=contract.hash,
        cases=sealed.cases,
        check_id=check.id,
        by="Ada",
        owner="ada",
    )
    locked = AnswersRevision(
        case_set_id=found.id, answers_hash=sealed.answers_hash, reason="brought", by="Ada"
    )
    where.ledger.add(check, found, locked)
    return found


Model = Callable[[pd.DataFrame], Sequence[object]]
"""Rows → the score of high, or the predicted number, of each."""


def said_by(model: Model, inputs: pd.DataFrame, answer: Answer) -> Side:
    """Return rows with what a model says of them; of classes "high" from a score of 0.5 on."""
    said = pd.DataFrame({"case_id": inputs["case_id"], "prediction": list(model(inputs))})
    if isinstance(answer, ClassAnswer) and answer.positive:
        score = pd.to_numeric(said["prediction"]).astype(float)
        said["score"] = score
        named = (score >= 0.5).map({True: "high", False: "low"})
        said["prediction"] = named.where(score.notna(), None)
    return Side(inputs, said)


def tried(
    model: Model,
    inputs: pd.DataFrame,
    *changes: Change,
    way: Way = "stays",
    within: float | None = None,
    answer: Answer = SCORED,
    before: Model | None = None,
    only: tuple[str, ...] | None = None,
) -> Behaved:
    """Return what a check shows of a model; `before` is how it answered in the trial before."""
    check = BehaviourCheck(changes=changes, expected=Expected(way=way, within=within), cases=only)
    made = derived(inputs, contract(answer), check)
    then = said_by(before or model, inputs, answer)
    run = said_by(model, under_ids(made.rows), answer)
    return behaved(run, then, check, contract(answer), made.left_out)
