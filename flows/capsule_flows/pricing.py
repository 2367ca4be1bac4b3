"""What errors cost and what acting on the model is worth, to the person who said so. Pure."""

from collections.abc import Iterable, Sequence

import numpy as np

from capsule_flows import pricing_words
from capsule_flows.benefit import benefit, benefit_of_calls, decision_curve, net_benefit
from capsule_flows.cost_bound import CostBound, expected_cost
from capsule_flows.estimates import Estimate, Unsaid
from capsule_flows.intervals import upper_bound
from capsule_flows.judged_cases import Known
from capsule_flows.judgement import Benefit, Cost, Severity
from capsule_flows.said import Said, false_alarms_of, threshold_of
from capsule_kit.answers import ClassAnswer
from capsule_kit.criteria import ErrorCost


def cost(known: Known, prices: Sequence[ErrorCost], said: Said) -> Cost | None:
    """Return what the errors cost; None where nobody has said a price."""
    if not prices and not said.case_prices:
        return None
    paid = known.cost[~np.isnan(known.cost)]
    total, costed = float(paid.sum()), len(paid)
    bound = cost_bound(known, prices, said)
    severities = _severities(paid, prices, said)
    return Cost(
        total=total,
        per_case=total / costed if costed else None,
        costed=costed,
        sentence=pricing_words.cost(total, costed, bound),
        low=bound.low if costed else None,
        high=bound.high if costed else None,
        severities=severities,
    )


def cost_bound(
    known: Known, prices: Sequence[ErrorCost], said: Said, confidence: float = 0.95
) -> CostBound:
    """Return the bounds of the expected cost of a case, over the cases with a price."""
    paid = known.cost[~np.isnan(known.cost)]
    return expected_cost(_counts(paid, prices, said), len(paid), confidence)


def worth(
    known: Known, answer: ClassAnswer, prices: Sequence[ErrorCost], said: Said
) -> Benefit | None:
    """Return net benefit at the expert's own preference; None without one, or without a score."""
    false_alarms = false_alarms_of(answer, prices, said.preferences)
    threshold = threshold_of(false_alarms)
    scored = known.of(~np.isnan(known.score) & known.there)
    if answer.positive is None or false_alarms is None or threshold is None or not len(scored.true):
        return None
    place = answer.classes.index(answer.positive)
    events, called = scored.true == place, scored.said == place
    n, positives = len(events), int(events.sum())
    in_use = threshold_in_use(scored, called)
    true = int((called & events).sum())
    as_called = benefit_of_calls(true, int(called.sum()) - true, n, threshold)
    at_threshold = as_estimate(benefit(events, scored.score, threshold))
    call_all = net_benefit(positives, n - positives, n, threshold)
    return Benefit(
        false_alarms=false_alarms,
        threshold=threshold,
        in_use=in_use,
        as_called=as_called,
        at_threshold=at_threshold,
        call_all=call_all,
        curve=decision_curve(events, scored.score),
        sentence=pricing_words.worth(false_alarms, threshold, in_use, as_called, call_all),
    )


def threshold_in_use(scored: Known, called: np.ndarray) -> tuple[float, float] | None:
    """Return between which scores the calls begin; None where calls do not follow the score."""
    below = float(scored.score[~called].max()) if not called.all() else 0.0
    above = float(scored.score[called].min()) if called.any() else 1.0
    return (below, above) if below <= above else None


def as_estimate(found: Estimate | Unsaid) -> Estimate | None:
    """Return a number, or None where there is none."""
    return found if isinstance(found, Estimate) else None


def _counts(paid: np.ndarray, prices: Sequence[ErrorCost], said: Said) -> dict[float, int]:
    """Return each price that anybody named, with how many cases paid it."""
    hers = said.preferences
    named = {one.cost for one in prices} | {*hers.cases.values(), *hers.harms.values()}
    return {price: int((paid == price).sum()) for price in named if price > 0}


def _severities(paid: np.ndarray, prices: Sequence[ErrorCost], said: Said) -> tuple[Severity, ...]:
    counts = _counts(paid, prices, said)
    each = 1 - 0.05 / max(1, len(counts))
    return tuple(
        Severity(
            cost=price,
            meaning="; ".join(_meanings(price, prices, said)),
            count=counts[price],
            at_most=upper_bound(counts[price], len(paid), each),
        )
        for price in sorted(counts, reverse=True)
    )


def _meanings(price: float, prices: Sequence[ErrorCost], said: Said) -> Iterable[str]:
    """Return what errors of a price are: as declared, then in her words for single cases."""
    kinds = [one.meaning for one in prices if one.cost == price]
    words = [
        f"called {harm}, case by case"
        for harm, cost in said.preferences.harms.items()
        if cost == price
    ]
    return dict.fromkeys([*kinds, *words])
