"""What a capsule is made of: a model's kind, what is told beside it, and how its files are had. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from capsule_blocks.model_card import Card
from capsule_blocks.registered_models import Lineage, Unknown, Version

Kind = Literal["mlflow", "pickle", "joblib", "onnx", "r", "python"]


@dataclass(frozen=True)
class Source:
    """A model that a capsule is to be made of."""

    kind: Kind
    told: str
    """Where it came from, for a person."""
    card: Card
    copy: Callable[[Path], None]
    """Copies its files into an empty folder."""
    main: str = ""
    """Of its files the one that is the model; empty where it is the folder."""
    takes_settings: bool = False
    """Whether its function `predict` takes the settings besides the cases."""
    version: Version | None = None
    """What its registry says of it; None where it is in none."""
    lineage: Lineage | Unknown | None = None
    """The run that made it, where it is in a registry."""
    registered: str = ""
    """models:/NAME/VERSION; empty where it is in no registry."""
