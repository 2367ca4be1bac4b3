"""What success means and what an error costs, as the author declares them before any case is seen."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Metric = Literal["right", "sensitivity", "specificity"]
Tier = Literal["critical", "supporting", "advisory"]


class Criterion(BaseModel):
    """A floor under a rate, met when the cases allow it to be claimed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: Metric
    """"right": share of cases judged right; the other two need a positive class."""
    at_least: float = Field(gt=0, lt=1)
    """The floor under the true rate."""
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    """One-sided confidence of the claim."""
    tier: Tier = "supporting"
    """What a miss means: critical stops the release, supporting weighs, advisory informs."""
    where: tuple[str, str] | None = None
    """A column and its value, to look at these cases alone."""


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
