"""What success means and what an error costs, as the author declares them before any case is seen."""

from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from capsule_kit.answers import Answer, ClassAnswer, NumberAnswer, RankAnswer, TimeAnswer

Metric = Literal[
    "right",
    "sensitivity",
    "specificity",
    "ppv",
    "npv",
    "auroc",
    "concordance",
    "mean error",
    "mean absolute error",
    "cost per case",
    "net benefit",
]
"""What a criterion measures: docs/judgement.md says of each what it is and which answers have it."""
METRICS: tuple[Metric, ...] = get_args(Metric)
SHARES: tuple[Metric, ...] = (
    *("right", "sensitivity", "specificity", "ppv", "npv", "auroc", "concordance"),
)
"""Metrics that lie from 0 to 1."""
Tier = Literal["critical", "supporting", "advisory"]


class Criterion(BaseModel):
    """A bound on a metric, met when the cases allow it to be claimed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: Metric
    """"right": share of cases judged right, which for numbers is within the tolerance."""
    at_least: float | None = None
    """The floor under the true value; this or `at_most`."""
    at_most: float | None = None
    """The ceiling over the true value; of the mean error, to either side."""
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    """One-sided confidence of the claim."""
    tier: Tier = "supporting"
    """What a miss means: critical stops the release, supporting weighs, advisory informs."""
    where: tuple[str, str] | None = None
    """A column and its value, to look at these cases alone."""

    @model_validator(mode="after")
    def _has_one_bound_that_can_be_met(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("a criterion has one bound: write at_least=… or at_most=…")
        if self.metric in SHARES and not 0 < self.bound < 1:
            raise ValueError(f"a bound on {self.metric} lies between 0 and 1, both left out")
        if self.metric in ("mean error", "mean absolute error") and (
            self.at_most is None or self.at_most <= 0
        ):
            raise ValueError(f"a bound on the {self.metric} is at_most=…, above 0")
        if self.metric == "cost per case" and (self.at_most is None or self.at_most <= 0):
            raise ValueError("a bound on the cost per case is at_most=…, above 0")
        return self

    @property
    def bound(self) -> float:
        """The bound's value."""
        return self.at_most if self.at_least is None else self.at_least  # type: ignore[return-value]  # one is there


def metrics_of(answer: Answer) -> tuple[Metric, ...]:
    """Return what can be measured where answers are of this kind."""
    if isinstance(answer, NumberAnswer):
        return ("right", "mean error", "mean absolute error")
    if isinstance(answer, TimeAnswer | RankAnswer):
        return ("concordance",)
    if not isinstance(answer, ClassAnswer):
        return ("right",)
    if answer.positive is None:
        return ("right", "cost per case")
    calls: tuple[Metric, ...] = ("sensitivity", "specificity", "ppv", "npv", "auroc")
    return ("right", *calls, "cost per case", "net benefit")


class ErrorCost(BaseModel):
    """What it costs to predict one class where another is true."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer: str
    """The true class."""
    prediction: str
    """The class the model named instead."""
    cost: float = Field(ge=0)
    """In the declaration's own unit of cost; only ratios matter."""
    meaning: str
    """What happens to whom, in the expert's words."""
