"""What a deployment publishes of its capsule: all that the app and the control side ever know of it."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from capsule_kit.contract import Contract, digest
from capsule_kit.criteria import Criterion, ErrorCost
from capsule_kit.models import Model
from capsule_kit.policy import Policy
from capsule_kit.training_profile import TrainingProfile

CASES_PARAMETER = "cases"
SETTINGS_PARAMETER = "settings"
CONTRACT_KEY = "x-contract"
CAPSULE_KEY = "x-capsule"


class Page(BaseModel):
    """The author's text for the expert."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    does: str
    """What the model does, for whom, in one or two sentences."""
    needs: str
    """What the expert must bring."""
    limits: str
    """Where it is known not to work."""


class Headline(BaseModel):
    """A file that the author wants seen first among those that the capsule writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: str = Field(min_length=1)
    """Which files: a name or a pattern inside the folder of files, such as "plots/*.png"."""
    title: str = Field(min_length=1)
    """What it shows, in the expert's words."""


class Manifest(BaseModel):
    """A capsule without its code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """The capsule's name, also its Python package and its Prefect flow's name."""
    title: str
    """The question it answers, in the expert's words."""
    contract: Contract
    criteria: tuple[Criterion, ...]
    costs: tuple[ErrorCost, ...]
    groups: tuple[str, ...] = ()
    """Columns whose values are groups that are judged by themselves."""
    page: Page
    headlines: tuple[Headline, ...] = ()
    """The files to be seen first, in the author's order."""
    model: Model = ""
    """How the author's code is started, by which a container can load it ahead of a trial."""
    registered: str = Field(default="", exclude_if=lambda address: not address)
    """The model's version in a registry, models:/NAME/VERSION; empty where it is in none."""
    profile: TrainingProfile | None = None
    """What the model was trained on, as its training wrote it down; None where nothing is known."""
    gate: Policy | None = None
    """When a release may go into use; no part of the release. None where nobody has said."""

    def as_schema_keys(self) -> dict[str, Any]:
        """Return the `x-` keys that carry this manifest through `prefect deploy`."""
        dumped = self.model_dump(mode="json")
        return {CONTRACT_KEY: dumped.pop("contract"), CAPSULE_KEY: dumped}

    @classmethod
    def from_schema(cls, schema: Mapping[str, Any]) -> "Manifest | None":
        """Read the manifest back from a deployment's `parameter_openapi_schema`; None if it is no capsule."""
        cases = _resolve(schema, CASES_PARAMETER)
        if CONTRACT_KEY not in cases or CAPSULE_KEY not in cases:
            return None
        return cls.model_validate({**cases[CAPSULE_KEY], "contract": cases[CONTRACT_KEY]})


def settings_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of the settings out of a deployment's parameter schema."""
    return _resolve(schema, SETTINGS_PARAMETER)


def settings_hash(schema: Mapping[str, Any]) -> str:
    """Return the content hash of a deployment's settings schema."""
    return digest(settings_schema(schema))


def _resolve(schema: Mapping[str, Any], parameter: str) -> dict[str, Any]:
    found = dict(schema.get("properties", {}).get(parameter, {}))
    reference = found.pop("$ref", None)
    if reference is None:
        return found
    definition = schema.get("definitions", {}).get(reference.rsplit("/", 1)[-1], {})
    return {**definition, **found}
