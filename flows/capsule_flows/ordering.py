"""How well predictions put cases in an order: times to an event, and ranks. Pure."""

import numpy as np

from capsule_flows import judgement_words
from capsule_flows.concordance import MOST_CASES, concordance, concordance_bounds, count_pairs
from capsule_flows.estimates import Bools, Estimate, Floats, Unsaid
from capsule_flows.judged_cases import Known, Ordered
from capsule_flows.judgement import Measure
from capsule_kit.answers import TimeAnswer


def first_comes_high(known: Known, answer: Ordered) -> Floats:
    """Return the predictions turned so that a higher one says: sooner."""
    sooner = "risk" if isinstance(answer, TimeAnswer) else "score"
    return known.said if answer.predicts == sooner else -known.said


def order_bounds(known: Known, answer: Ordered, confidence: float) -> Estimate | Unsaid:
    """Return the concordance of predictions and answers, with one-sided bounds; what has no prediction is left out."""
    return concordance_bounds(known.true, known.event, first_comes_high(known, answer), confidence)


def ordered(known: Known, answer: Ordered) -> Measure:
    """Return the concordance in words; cases without a prediction are left out."""
    found = concordance(known.true, known.event, first_comes_high(known, answer))
    if isinstance(found, Unsaid):
        return Measure(name="concordance", estimate=None, sentence=found.reason)
    return Measure(name="concordance", estimate=found, sentence=judgement_words.concordance(found))


def placed(known: Known, answer: Ordered, counts: Bools) -> Floats:
    """Return for each case the share of its pairs that are put in the right order.

    NaN of a case without a pair, or that does not count, and of all where there are too many to pair.
    """
    shares = np.full(len(known.place), np.nan)
    fit = counts & np.isfinite(known.true) & np.isfinite(known.said)
    if not 1 < fit.sum() <= MOST_CASES:
        return shares
    few = known.of(fit)
    found = count_pairs(few.true, few.event, first_comes_high(few, answer))
    with np.errstate(invalid="ignore"):
        shares[fit] = np.where(found.met > 0, found.held / np.maximum(found.met, 1), np.nan)
    return shares
