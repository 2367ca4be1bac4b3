"""Two trials of a capsule weighed against each other: breaks on critical cases first, then whether it is chance. Pure.

Nothing is said of which is better unless both cover the same cases with the same answers.
"""

from collections.abc import Collection
from typing import NamedTuple

import pandas as pd
from pydantic import BaseModel, ConfigDict

from capsule_flows import weighing_words as words
from capsule_flows.comparing import CHANGES, Comparison, compare
from capsule_flows.estimates import Estimate
from capsule_flows.paired import (
    MOST_NOTICED,
    Changes,
    cases_to_notice,
    difference,
    mcnemar,
    permuted_cost,
    power,
)

BREAKS, FIXES = 0.10, 0.02
"""The change by which it is said what so many cases can notice."""


class Weighed(BaseModel):
    """What two trials on the same cases allow to be said of the second beside the first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    comparison: Comparison
    critical_broken: tuple[str, ...]
    """The names of the critical cases that were right before and are wrong after."""
    withheld: str | None
    """Why nothing below is said of which is better; None where it is."""
    p: float | None
    """McNemar's exact two-sided probability of as lopsided a change by chance."""
    difference: Estimate | None
    """The share right after less before, with its 95 % interval."""
    cost_before: float | None
    """The mean cost of a case that has one on both sides; None where no case has."""
    cost_after: float | None
    cost_p: float | None
    """The probability of as large a change of the mean cost, had versions been swapped by chance."""
    power: float | None
    """How probably so many cases notice that one in ten breaks and one in fifty is fixed."""
    sentences: tuple[str, ...]
    """All of it in words; what matters most first."""


class _Costs(NamedTuple):
    before: float | None
    after: float | None
    p: float | None


def weigh(
    before: pd.DataFrame, after: pd.DataFrame, critical: Collection[str] = ()
) -> tuple[Weighed, pd.DataFrame]:
    """Weigh two case-by-case tables that `judge` returned; `critical` holds the case_ids that must not break.

    The table that comes back is `compare`'s with a column `critical`; of each change, critical
    cases come first.
    """
    comparison, table = compare(before, after)
    table["critical"] = table["case_id"].isin(critical)
    order = pd.Categorical(table["change"], categories=CHANGES, ordered=True).codes
    table = table.iloc[
        sorted(range(len(table)), key=lambda place: (order[place], not table["critical"][place]))
    ].reset_index(drop=True)
    broken = table[table["critical"] & (table["change"] == "broken")]
    withheld = _why_withheld(before, after, comparison)
    changes = Changes(
        comparison.still_right, comparison.broken, comparison.fixed, comparison.still_wrong
    )
    costs = _costs(before, after) if withheld is None else _Costs(None, None, None)
    n = sum(changes)
    weighed = Weighed(
        comparison=comparison,
        critical_broken=tuple(map(str, broken["case"])),
        withheld=withheld,
        p=mcnemar(comparison.broken, comparison.fixed) if withheld is None else None,
        difference=_difference(changes) if withheld is None else None,
        cost_before=costs.before,
        cost_after=costs.after,
        cost_p=costs.p,
        power=power(n, BREAKS, FIXES) if withheld is None and n <= MOST_NOTICED else None,
        sentences=(),
    )
    compared = table["change"] != "not comparable"
    said = _sentences(weighed, n, int((table["critical"] & compared).sum()))
    return weighed.model_copy(update={"sentences": said}), table


def _why_withheld(before: pd.DataFrame, after: pd.DataFrame, found: Comparison) -> str | None:
    old, new = (side.drop_duplicates("case_id").set_index("case_id") for side in (before, after))
    less, more = len(old.index.difference(new.index)), len(new.index.difference(old.index))
    if less or more:
        return words.other_cases(less, more)
    old = old.loc[new.index]
    answers = old["answer"].astype("string").fillna(""), new["answer"].astype("string").fillna("")
    if changed := int((answers[0] != answers[1]).sum()):
        return words.other_answers(changed)
    if apart := int((old["right"].isna() != new["right"].isna()).sum()):
        return words.judged_once(apart)
    if found.still_right + found.broken + found.fixed + found.still_wrong == 0:
        return words.NOTHING_TO_WEIGH
    return None


def _difference(changes: Changes) -> Estimate:
    low, high = difference(changes)
    return Estimate(
        value=(changes.fixed - changes.broken) / sum(changes),
        low=low,
        high=high,
        n=sum(changes),
        method="Newcombe's paired interval upon exact ones",
    )


def _costs(before: pd.DataFrame, after: pd.DataFrame) -> _Costs:
    old, new = (
        pd.to_numeric(side.drop_duplicates("case_id").set_index("case_id")["cost"]).astype(
            "Float64"
        )
        for side in (before, after)
    )
    both = pd.DataFrame({"before": old, "after": new}).dropna()
    if both.empty:
        return _Costs(None, None, None)
    one, other = both["before"].to_numpy(float), both["after"].to_numpy(float)
    return _Costs(float(one.mean()), float(other.mean()), permuted_cost(one, other))


def _sentences(weighed: Weighed, n: int, critical: int) -> tuple[str, ...]:
    said = [*words.critical(weighed.critical_broken, critical), weighed.comparison.headline]
    if weighed.withheld is not None or weighed.p is None or weighed.difference is None:
        return (*said, weighed.withheld or "")
    found = weighed.comparison
    said.append(words.chance(found.broken, found.fixed, weighed.p))
    said.append(words.share(found.still_right + found.broken, n, weighed.difference))
    if weighed.cost_before is not None and weighed.cost_after is not None and weighed.cost_p:
        said.append(words.cost(weighed.cost_before, weighed.cost_after, weighed.cost_p))
    if weighed.power is not None:
        said.append(words.power(n, weighed.power, BREAKS, FIXES, cases_to_notice(BREAKS, FIXES)))
    return tuple(said)
