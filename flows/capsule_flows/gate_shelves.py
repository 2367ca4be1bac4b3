"""The two shelves of challenge cases as the gate sees them, from what is kept and how it was replayed. Pure."""

from collections.abc import Sequence
from typing import Any, Protocol

import pandas as pd

from capsule_flows.claiming import rate_result
from capsule_flows.gate_facts import Measured, Shelf
from capsule_kit.criteria import Criterion
from capsule_kit.policy import Wanted

UNSTEADY = "unsteady"
UNTOLD = ("not comparable", "infrastructure failed")


class KeptCase(Protocol):
    """A challenge case."""

    @property
    def case_id(self) -> str:
        """The hash of what it holds."""

    @property
    def case(self) -> str:
        """What it is called."""

    @property
    def shelf(self) -> str:
        """Open or sealed."""

    @property
    def critical(self) -> bool:
        """Whether a wrong answer stops a release."""


def told_of(kept: Sequence[KeptCase], replayed: pd.DataFrame | None, shelf: str) -> pd.DataFrame:
    """Return a row for each case on a shelf: case, critical, answer, state.

    The state is right, wrong, unsteady or untold. `replayed` has case_id, answer, change and right.
    """
    mine = [one for one in kept if one.shelf == shelf]
    table = pd.DataFrame(
        {
            "case_id": [one.case_id for one in mine],
            "case": [one.case for one in mine],
            "critical": [one.critical for one in mine],
        }
    )
    wanted = ["case_id", "answer", "change", "right"]
    found = pd.DataFrame(columns=wanted) if replayed is None else replayed[wanted]
    found = found.drop_duplicates("case_id").set_index("case_id").reindex(table["case_id"])
    table["answer"] = found["answer"].to_numpy(object)
    table["state"] = [_state(*row) for row in zip(found["change"], found["right"], strict=True)]
    return table


def _state(change: Any, right: Any) -> str:
    if pd.isna(change) or change in UNTOLD:
        return "untold"
    if change == UNSTEADY:
        return UNSTEADY
    if change == "not answered":
        return "wrong"
    return "untold" if pd.isna(right) else "right" if right else "wrong"


def shelf_of(told: pd.DataFrame, *, replayed: bool) -> Shelf:
    """Return what the gate asks of a shelf."""
    critical = told[told["critical"].astype(bool)]

    def names(*states: str) -> tuple[str, ...]:
        return tuple(map(str, critical.loc[critical["state"].isin(states), "case"]))

    return Shelf(
        cases=len(told),
        critical=len(critical),
        replayed=replayed,
        critical_wrong=names("wrong"),
        critical_untold=names("untold", UNSTEADY),
        untold=int((told["state"] == "untold").sum()),
        unsteady=int((told["state"] == UNSTEADY).sum()),
    )


def measured_on(
    told: pd.DataFrame, wanted: Wanted, asked: Criterion, positive: str | None
) -> Measured:
    """Return what a shelf shows of a criterion; an unsteady case counts as not right, as does a wrong one."""
    about = told[told["state"] != "untold"]
    if asked.metric == "sensitivity":
        about = about[about["answer"] == positive]
    elif asked.metric == "specificity":
        about = about[about["answer"] != positive]
    k = int((about["state"] == "right").sum())
    return Measured(cases=wanted.cases, result=rate_result(k, len(about), asked, positive))
