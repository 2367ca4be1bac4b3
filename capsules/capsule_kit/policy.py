"""The gate's policy: what a release must show before it may go into use, read from the file beside the capsule."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from capsule_kit.contract import digest
from capsule_kit.criteria import Criterion, Metric, Tier
from capsule_kit.errors import DeclarationError

Cases = Literal["brought", "open", "sealed"]
"""Brought by experts to trials of this release, or kept on one of the two shelves of challenge cases."""
ON_A_SHELF: tuple[Metric, ...] = ("right", "sensitivity", "specificity")


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Wanted(Criterion):
    """A criterion of the gate: how sure it must be is said once, by the policy's `false_go`."""

    confidence: float = Field(default=0.95, exclude=True)
    """Not the policy's to say."""
    tier: Tier = "critical"
    cases: Cases = "brought"
    """On which cases."""

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if "confidence" in self.model_fields_set:
            raise ValueError("how sure it must be is said once, by false_go: leave confidence out")
        if self.cases != "brought" and (self.metric not in ON_A_SHELF or self.where):
            raise ValueError(
                f"challenge cases show {', '.join(ON_A_SHELF)} of the whole shelf;"
                ' ask anything else of cases = "brought"'
            )
        return self

    def asked(self, confidence: float) -> Criterion:
        """Return the criterion as the judgement knows it, asked with so much confidence."""
        facts = self.model_dump(exclude={"cases"})
        return Criterion.model_validate({**facts, "confidence": confidence})


class Verdicts(_Section):
    """Signed words of experts on this very release."""

    at_least: int = Field(default=1, ge=1)
    """How many persons must have signed that it is ready."""
    valid_days: float = Field(default=180, gt=0)
    """After so many days readiness lapses; an objection does not."""
    within_limits: bool = True
    """Whether "ready within limits" counts."""
    tier: Tier = "critical"


class AgainstChampion(_Section):
    """The release that is in use, on the same cases."""

    drop_at_most: float = Field(gt=0, lt=1)
    """By how much the share right may be lower."""
    tier: Tier = "critical"


class Challenge(_Section):
    """Challenge cases, as the newest replay of this release found them. A wrong critical one is critical."""

    open_at_least: int = Field(default=1, ge=0)
    """How many cases must be on the open shelf."""
    sealed_at_least: int = Field(default=0, ge=0)
    unsteady_at_most: int = Field(default=0, ge=0)
    """How many of a shelf may change from run to run of the same release."""
    tier: Tier = "supporting"
    """Of steadiness, of the number of cases, and of cases without a result."""


class Coverage(_Section):
    """What the cases brought must span."""

    cases: int = Field(default=1, ge=1)
    persons: int = Field(default=1, ge=1)
    """By how many different persons they were brought."""
    each_group: int = Field(default=0, ge=0)
    """How many in each value that occurs of each column the author declared as a group."""
    failed_trials_at_most: int = Field(default=0, ge=0)
    """In how many trials of this release the model may have failed as a whole."""
    tier: Tier = "supporting"


class Policy(_Section):
    """When a release is GO, NO-GO or INCONCLUSIVE; docs/gate.md says how."""

    false_go: float = Field(default=0.05, gt=0, lt=0.5)
    """The risk, over all times one release is asked about, of GO for a model below a floor."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """The settings it will be used with; what is left out is the default."""
    example_counts: bool = False
    """Whether the author's own example cases are evidence; he had them while he built it."""
    criteria: tuple[Wanted, ...]
    verdicts: Verdicts | None = None
    champion: AgainstChampion | None = None
    challenge: Challenge | None = None
    coverage: Coverage | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not any(one.tier == "critical" for one in self.criteria):
            raise ValueError("no criterion is critical, so nothing could be NO-GO: add one")
        return self

    @property
    def hash(self) -> str:
        """The policy's content hash; a decision names it."""
        return digest(self.model_dump(mode="json"))

    @classmethod
    def of_file(cls, path: Path) -> "Policy | None":
        """Read a policy; None where there is no file, as in an image, which needs none.

        Raises:
            DeclarationError: the file says something that no gate can ask; names the place.
        """
        try:
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
            raise DeclarationError(
                str(path), f"this is not TOML ({cause})", "Write it as in docs/gate.md"
            ) from cause
        except ValidationError as cause:
            first = cause.errors()[0]
            problem = first["msg"].removeprefix("Value error, ")
            raise DeclarationError(
                f"{path}: {_place(first['loc'])}", problem, "docs/gate.md says what can be asked"
            ) from cause


def _place(location: Sequence[int | str]) -> str:
    """Return where in the file, counting as a person does: "criteria 2, at_least"."""
    said = ""
    for part in location:
        said += f" {part + 1}" if isinstance(part, int) else f"{', ' if said else ''}{part}"
    return said or "the file as a whole"
