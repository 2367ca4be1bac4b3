"""A table of two classes: what was found, missed, alarmed and cleared, as rates with counts. Pure."""

from typing import NamedTuple

from capsule_flows.intervals import Interval, clopper_pearson, described


class Proportion(NamedTuple):
    """k of n."""

    k: int
    n: int
    share: float | None
    """k / n; None of no case."""
    described: Interval
    """To describe: `intervals.described`."""
    claimed: Interval
    """To claim: `intervals.clopper_pearson`."""


class TwoByTwo(NamedTuple):
    """Cases by answer and prediction."""

    found: int
    """Positive, called positive."""
    missed: int
    """Positive, not called so."""
    alarms: int
    """Not positive, called so."""
    cleared: int
    """Not positive, not called so."""

    @property
    def sensitivity(self) -> Proportion:
        """Found of those that are positive."""
        return proportion(self.found, self.found + self.missed)

    @property
    def specificity(self) -> Proportion:
        """Cleared of those that are not."""
        return proportion(self.cleared, self.cleared + self.alarms)

    @property
    def positive_predictive_value(self) -> Proportion:
        """Positive of those called so, as common as they are among these cases."""
        return proportion(self.found, self.found + self.alarms)

    @property
    def negative_predictive_value(self) -> Proportion:
        """Not positive of those not called so, as common as they are among these cases."""
        return proportion(self.cleared, self.cleared + self.missed)


class PredictiveValues(NamedTuple):
    """What a call is worth where the positive class is as common as said."""

    positive: float | None
    """None where nothing would be called so."""
    negative: float | None


def proportion(k: int, n: int) -> Proportion:
    """Return k of n with both intervals."""
    return Proportion(k, n, k / n if n else None, described(k, n), clopper_pearson(k, n))


def predictive_values(
    sensitivity: float, specificity: float, prevalence: float
) -> PredictiveValues:
    """Return the predictive values at another prevalence, by Bayes' theorem."""
    found, alarms = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    cleared, missed = specificity * (1 - prevalence), (1 - sensitivity) * prevalence
    return PredictiveValues(
        found / (found + alarms) if found + alarms else None,
        cleared / (cleared + missed) if cleared + missed else None,
    )
