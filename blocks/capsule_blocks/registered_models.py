"""The port to where models are kept: its values, what can go wrong, and what each such place answers.

Beside it the places themselves: an MLflow server (`mlflow_server`) and folders (`model_folders`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from capsule_blocks.model_card import Card
from capsule_kit.errors import CapsuleError


class ModelsUnreachable(CapsuleError):
    """The place where models are kept does not answer, or not as it should."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(
            f"The models at {place} cannot be read: {problem}. See that the address is right, that"
            " it can be reached from here, and that its credential is set."
        )


class UnknownModel(CapsuleError):
    """There is no such model or version."""

    def __init__(self, place: str, asked: str) -> None:
        super().__init__(f"There is no model {asked} at {place}; it may have been deleted.")


class ModelFileMissing(CapsuleError):
    """A model's version is there, and a file of it is not, or may not be taken."""

    def __init__(self, asked: str, problem: str) -> None:
        super().__init__(
            f"The files of the model {asked} cannot be had: {problem}. Register the version again."
        )


@dataclass(frozen=True)
class Version:
    """One version of a model."""

    model: str
    version: str
    """As the place counts: "3"; of a folder the content's hash, 12 digits."""
    address: str
    """The version as `capsules new --from` takes it: models:/NAME/VERSION, or a path."""
    aliases: tuple[str, ...] = ()
    """Names that point to it, such as "champion"."""
    at: datetime | None = None
    """When it was registered; of a folder, when it last changed."""
    by: str | None = None
    """Who registered it, where that is known."""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    ready: bool = True
    """Whether it can be used: its registration was finished."""
    run_id: str | None = None
    """The run that made it."""
    source: str = ""
    """Where its files are, as the place writes it."""


@dataclass(frozen=True)
class Lineage:
    """How a version came about."""

    run_id: str
    run: str | None = None
    """The run's name."""
    by: str | None = None
    ended_at: datetime | None = None
    program: str | None = None
    """The script or notebook that was run."""
    commit: str | None = None
    """The code's git commit."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """What the run measured, the last value of each."""
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unknown:
    """What is not known, and why."""

    why: str
    """One sentence."""


@dataclass(frozen=True)
class RegisteredModel:
    """A model with its newest version."""

    name: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Alias → version."""
    changed_at: datetime | None = None
    newest: Version | None = None
    """None where every version was deleted."""


class Models(Protocol):
    """A place where models are kept; every method raises ModelsUnreachable where it does not answer."""

    def models(self) -> Sequence[RegisteredModel]:
        """Return all models, by name."""

    def versions(self, model: str) -> Sequence[Version]:
        """Return the versions of a model, newest first. Raises: UnknownModel."""

    def version(self, model: str, version: str) -> Version:
        """Return a version by its number or by `@alias`. Raises: UnknownModel."""

    def lineage(self, version: Version) -> Lineage | Unknown:
        """Return how a version came about, or why that is not known."""

    def card(self, version: Version) -> Card:
        """Return what is told beside a version's model; what is missing is said in it."""

    def copy(self, version: Version, to: Path) -> None:
        """Copy a version's files into an empty folder, opening none. Raises: ModelFileMissing."""
