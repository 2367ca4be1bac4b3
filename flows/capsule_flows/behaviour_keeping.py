"""The rows of a behaviour check as a case set without answers, and the check in the ledger beside it."""

from types import MappingProxyType
from typing import Any

import pandas as pd
import pyarrow as pa

from capsule_blocks.behaviours import Behaviour
from capsule_blocks.sealing import ANSWER, EVENT
from capsule_blocks.tables import CaseSet, Check
from capsule_flows.behaviour_changes import derived
from capsule_flows.behaviour_checks import BehaviourCheck, objections
from capsule_flows.behaviour_words import changing
from capsule_flows.cells_as_text import arrow_text, column_as_text
from capsule_flows.checking import check as check_table
from capsule_flows.errors import FlowsError
from capsule_flows.file_types import Files
from capsule_flows.home import Resources
from capsule_flows.reading import Table
from capsule_flows.receiving import name_it
from capsule_flows.unpacking import with_their_files
from capsule_flows.wording import count
from capsule_kit.answers import TimeAnswer
from capsule_kit.contract import Contract, digest
from capsule_kit.manifest import Manifest
from capsule_kit.receipt import CASE_ID, ROW

LONGEST_NAME = 80
"""How much of what was changed stands in the name of a derived case set, in characters."""


class CannotCheck(FlowsError):
    """A behaviour check that cannot be made, and why."""

    exit_code = 2


def keep(
    resources: Resources,
    manifest: Manifest,
    case_set: CaseSet,
    check: BehaviourCheck,
    *,
    by: str,
    owner: str | None = None,
) -> Behaviour:
    """Derive the rows of a check and keep them as a case set without answers; the same ones once.

    Raises:
        CannotCheck: the contract does not allow the check, no case can be changed, or what comes
            of the change does not pass the data check.
    """
    contract = manifest.contract
    if said := objections(check, contract):
        raise CannotCheck(" ".join(said))
    given, files = with_their_files(
        resources.store.files, resources.store.inputs(case_set.inputs_hash)
    )
    made = derived(given, contract, check)
    if made.rows.empty:
        why = " ".join(f"{count(n, 'case')}: {reason}." for reason, n in made.left_out.items())
        raise CannotCheck(f"{changing(check, contract)} changes no case. {why}".strip())
    inputs = checked(made.rows, contract, files)
    sealed = resources.store.seal(inputs, _no_answers(contract), contract.hash)
    asked = check.model_dump(mode="json")
    origin = {"derived from": case_set.name, "inputs": case_set.inputs_hash, "asked": asked}
    vouched = Check(
        capsule=manifest.name, contract_hash=contract.hash, accepted=True, reading=origin
    )
    resources.ledger.add(vouched)
    wanted = CaseSet(
        capsule=manifest.name,
        name=f"{case_set.name}: {changing(check, contract)[:LONGEST_NAME]}",
        inputs_hash=sealed.inputs_hash,
        contract_hash=contract.hash,
        cases=sealed.cases,
        check_id=vouched.id,
        by=by,
        owner=owner,
    )
    kept, _ = name_it(resources, wanted, sealed.answers_hash, "derived, without answers")
    row = Behaviour(
        capsule=manifest.name,
        case_set_id=case_set.id,
        derived_id=kept.id,
        asked=asked,
        check_hash=digest(asked),
        left_out=dict(made.left_out),
        by=by,
        owner=owner,
    )
    if resources.ledger.add_once(row):
        return row
    there = resources.ledger.behaviours(case_set_id=case_set.id)
    same = (row.derived_id, row.check_hash)
    return next(one for one in there if (one.derived_id, one.check_hash) == same)


def checked(
    rows: pd.DataFrame, contract: Contract, files: Files = MappingProxyType({})
) -> pd.DataFrame:
    """Return derived rows as the contract's check lets them through, each with its case's line.

    `files` are those that the cases name.

    Raises:
        CannotCheck: the check refuses them.
    """
    report = check_table(_as_table(rows, contract, files), contract)
    if report.inputs is None:
        refused = next(one.sentence for one in report.findings if one.severity == "refuse")
        raise CannotCheck(f"What comes of it does not pass the data check: {refused}")
    return report.inputs.assign(**{ROW: rows[ROW].to_numpy()})


def _as_table(rows: pd.DataFrame, contract: Contract, files: Files) -> Table:
    """Return typed rows as the table that a person would bring, its answers blank."""
    columns: dict[str, Any] = {}
    for one in contract.columns:
        held = pa.array(rows[one.name], from_pandas=True)
        held = held.combine_chunks() if isinstance(held, pa.ChunkedArray) else held
        columns[one.name] = held if pa.types.is_float64(held.type) else column_as_text(held)
    blank = arrow_text(pd.Series([""] * len(rows), dtype="str"))
    columns |= {one.name: blank for one in contract.answer.as_columns()}
    return Table(columns, first_line=2, how="derived by a behaviour check", files=files)


def _no_answers(contract: Contract) -> pd.DataFrame:
    headers = [ANSWER, EVENT] if isinstance(contract.answer, TimeAnswer) else [ANSWER]
    return pd.DataFrame({name: pd.Series(dtype="str") for name in (CASE_ID, *headers)})
