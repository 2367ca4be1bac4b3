"""The rows that a behaviour check asks about: those of a case set, changed. Pure.

Each change gives a column's new cells and says of every case that it cannot be made to why not.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from capsule_flows.behaviour_checks import (
    BehaviourCheck,
    OtherSmiles,
    OtherUnit,
    Reordered,
    Rewritten,
    SetTo,
    Shifted,
    Swapped,
    TableChange,
    cell,
    in_bounds,
)
from capsule_flows.findings import allowed
from capsule_flows.other_smiles import other_smiles
from capsule_flows.units import converted
from capsule_kit.columns import Column
from capsule_kit.contract import Contract
from capsule_kit.receipt import CASE_ID, ROW

ORDER_SEED = 5
CHANGED = " (changed)"
BLANK, SAME = "the cell is blank", "it stays as it is"
NO_MOLECULE = "it is no molecule that can be read"
ONE_WAY = "no other way to write it was found"
ONE_ROW = "a single row has no order"

Cells = list[Any]
Whys = list[str | None]


class Derived(NamedTuple):
    """What a check runs."""

    rows: pd.DataFrame
    """`row` and the contract's columns, typed: the cases unchanged, then the same cases changed. Of
    a change of the table as a whole, the changed table alone."""
    cases: int
    """How many cases were changed."""
    left_out: Mapping[str, int]
    """Why a case was left out → how many."""


def derived(inputs: pd.DataFrame, contract: Contract, check: BehaviourCheck) -> Derived:
    """Return the rows of a check; `inputs` holds case_id, row and the contract's columns."""
    names = [ROW, *(one.name for one in contract.columns)]
    chosen = inputs if check.cases is None else inputs[inputs[CASE_ID].isin(list(check.cases))]
    chosen = chosen[names].reset_index(drop=True)
    if check.of_the_table:
        return _whole(chosen, reorder=isinstance(check.changes[0], Reordered))
    columns = {one.name: one for one in contract.columns}
    changed, why = chosen.copy(), pd.Series([None] * len(chosen), dtype="object")
    for change in check.changes:
        assert not isinstance(change, TableChange)
        cells, whys = _changed(chosen[change.column], columns[change.column], change)
        changed[change.column] = cells
        why = why.where(why.notna(), pd.Series(whys, dtype="object"))
    fits = why.isna().to_numpy(bool)
    identifier = columns.get(contract.identifier or "")
    apart = _named_apart(changed[fits], chosen, identifier)
    rows = pd.concat([chosen[fits], apart], ignore_index=True)
    left_out = {str(reason): int(n) for reason, n in why.value_counts().items()}
    return Derived(rows, int(fits.sum()), left_out)


def _whole(chosen: pd.DataFrame, *, reorder: bool) -> Derived:
    if not reorder:
        return Derived(chosen, len(chosen), {})
    if len(chosen) < 2:
        return Derived(chosen[:0], 0, {ONE_ROW: len(chosen)} if len(chosen) else {})
    order = np.random.default_rng(ORDER_SEED).permutation(len(chosen))
    # Chance may leave a short table as it was.
    order = order[::-1] if (order == np.arange(len(chosen))).all() else order
    return Derived(chosen.iloc[order].reset_index(drop=True), len(chosen), {})


def _changed(values: pd.Series, column: Column, change: Any) -> tuple[pd.Series, Whys]:
    """Return a column's cells after a change, and of each case why it cannot be made to it."""
    before = [None if pd.isna(one) else one for one in values.tolist()]
    after, whys = CHANGES[type(change)](before, column, change)
    numeric = column.kind in ("number", "integer")
    outside = f"“{column.name}” would no longer be {allowed(column).partition(', such as')[0]}"
    for place, (old, new) in enumerate(zip(before, after, strict=True)):
        if whys[place] is not None:
            continue
        if numeric and not in_bounds(new, column):
            whys[place] = outside
        elif old == new:
            whys[place] = SAME
    kept = [old if why else new for old, new, why in zip(before, after, whys, strict=True)]
    return pd.Series(kept, index=values.index).astype(values.dtype), whys


def _each(before: Cells, change: Callable[[Any], Any]) -> tuple[Cells, Whys]:
    """Return what `change` makes of each cell that is not blank."""
    after = [None if one is None else change(one) for one in before]
    return after, [BLANK if one is None else None for one in before]


def _shifted(before: Cells, column: Column, change: Shifted) -> tuple[Cells, Whys]:
    def moved(value: float) -> float:
        step = abs(value) * change.by / 100 if change.percent else change.by
        # 1.1 × 3 is 3.3, whatever binary fractions make of it.
        return float(f"{value + step:.12g}")

    after, whys = _each(before, moved)
    if column.kind == "integer":
        after = [None if one is None else round(one) for one in after]
    return after, whys


def _set(before: Cells, column: Column, change: SetTo) -> tuple[Cells, Whys]:
    value = cell(change.value, column)
    return [value] * len(before), [None] * len(before)


def _swapped(before: Cells, column: Column, _: Swapped) -> tuple[Cells, Whys]:
    if column.kind == "yes/no":
        return _each(before, lambda one: not one)
    following = dict(zip(column.choices, (*column.choices[1:], column.choices[0]), strict=True))
    return _each(before, lambda one: following.get(one, one))


def _in_other_unit(before: Cells, column: Column, change: OtherUnit) -> tuple[Cells, Whys]:
    unit, mass = str(column.unit), column.molar_mass
    numbers = pd.Series(before, dtype="float64")
    stated = converted(numbers, unit, change.unit, mass)
    written = stated.map(lambda one: float(f"{one:.{change.digits}g}"))
    read = converted(written, change.unit, unit, mass)
    return _each(list(read.where(numbers.notna(), None)), lambda one: float(f"{one:.12g}"))


def _rewritten(before: Cells, _: Column, change: Rewritten) -> tuple[Cells, Whys]:
    match change.writing:
        case "capitals":
            return _each(before, str.upper)
        case "small letters":
            return _each(before, str.lower)
        case "wider gaps":
            return _each(before, lambda one: one.replace(" ", "  "))


def _other_smiles(before: Cells, _: Column, __: OtherSmiles) -> tuple[Cells, Whys]:
    after, whys = _each(before, other_smiles)
    for place, found in enumerate(after):
        if whys[place] is None and not found:
            whys[place] = NO_MOLECULE if found is None else ONE_WAY
    return after, whys


CHANGES: Mapping[type, Callable[[Cells, Column, Any], tuple[Cells, Whys]]] = {
    Shifted: _shifted,
    SetTo: _set,
    Swapped: _swapped,
    OtherUnit: _in_other_unit,
    Rewritten: _rewritten,
    OtherSmiles: _other_smiles,
}


def _named_apart(changed: pd.DataFrame, chosen: pd.DataFrame, named: Column | None) -> pd.DataFrame:
    """Return changed rows under names of their own, because a name stands once in a table."""
    if named is None or changed.empty:
        return changed
    names = changed[named.name]
    if named.kind in ("number", "integer"):
        after = names + chosen[named.name].max() - names.min() + 1
    elif named.kind == "text":
        after = names + CHANGED
    else:
        return changed
    return changed.assign(**{named.name: after})
