"""What follows from calling a case from a threshold on: missed, false alarms, and what they are worth. Pure.

Scores are probabilities of the positive class in [0, 1]; a score is a call from the threshold on.
"""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from capsule_flows.benefit import calls_at, net_benefit
from capsule_flows.estimates import Bools, Floats
from capsule_flows.two_by_two import TwoByTwo
from capsule_flows.wording import number
from capsule_kit.criteria import ErrorCost


class Scored(NamedTuple):
    """The cases that have both an answer and a score."""

    positive: str
    """The class that the score is the probability of."""
    events: Bools
    """Whether the answer is that class, shape (n_cases,)."""
    scores: Floats
    """In [0, 1], shape (n_cases,)."""
    called: Bools
    """Whether the model named that class, shape (n_cases,)."""

    @property
    def n(self) -> int:
        """How many cases there are."""
        return len(self.events)


class Consequence(NamedTuple):
    """What one threshold does on these cases."""

    threshold: float
    calls: TwoByTwo
    price: float | None
    """What its errors are worth, in false alarms; None where nobody said what a miss is worth."""
    benefit: float | None
    """True cases found in each case, less what the false alarms are worth; None likewise."""


def scored(cases: pd.DataFrame, positive: str) -> Scored:
    """Return the scored cases of a table case by case."""
    usable = cases[cases["answer"].notna() & cases["score"].notna()]
    return Scored(
        positive,
        (usable["answer"] == positive).to_numpy(bool),
        usable["score"].to_numpy(float),
        (usable["prediction"] == positive).fillna(value=False).to_numpy(bool),
    )


def threshold_in_use(found: Scored) -> float | None:
    """Return a threshold that calls what was called; None where calls do not follow the score."""
    if not found.called.any():
        return None
    lowest = float(found.scores[found.called].min())
    highest = float(found.scores[~found.called].max(initial=0.0))
    # The threshold itself is not known; one of two digits, where there is one, is easier to read.
    round_one = math.floor(100 * lowest) / 100
    if round_one > highest:
        return round_one
    return lowest if lowest > highest else None


def declared_alarms(costs: tuple[ErrorCost, ...], positive: str) -> float | None:
    """Return how many false alarms a miss costs as declared; None where two classes have no such costs."""
    missed = [one.cost for one in costs if one.answer == positive]
    alarms = [one.cost for one in costs if one.prediction == positive]
    if len(missed) != 1 or len(alarms) != 1 or not alarms[0] or not missed[0]:
        return None
    return missed[0] / alarms[0]


def consequence(found: Scored, threshold: float, alarms: float | None = None) -> Consequence:
    """Return what a threshold does; `alarms` is how many false alarms one true case is worth.

    A threshold above 1 calls nothing.
    """
    true, false, n, positives = calls_at(found.events, found.scores, threshold)
    table = TwoByTwo(true, positives - true, false, n - positives - false)
    if alarms is None or not n:
        return Consequence(threshold, table, None, None)
    price = table.missed * alarms + table.alarms
    worth = net_benefit(true, false, n, 1 / (1 + alarms))
    return Consequence(threshold, table, price, worth)


def call_all(found: Scored, alarms: float | None = None) -> Consequence:
    """Return what calling every case does."""
    return consequence(found._replace(scores=np.ones(found.n)), 1.0, alarms)


def in_words(one: Consequence, positive: str) -> str:
    """Say what a threshold misses and alarms."""
    table = one.calls
    positives, others = table.found + table.missed, table.cleared + table.alarms
    alarms = "1 false alarm" if table.alarms == 1 else f"{table.alarms} false alarms"
    return (
        f"From a score of {number(one.threshold)} on it misses {table.missed} of {positives}"
        f" {positive} and raises {alarms} in {others} others."
    )
