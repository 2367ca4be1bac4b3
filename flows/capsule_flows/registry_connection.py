"""The registry of models that is connected here: a `ModelRegistry` block, or the server that MLflow's tools use."""

import os

from prefect.utilities.asyncutils import run_coro_as_sync

from capsule_blocks import ModelRegistry
from capsule_flows.errors import FlowsError
from capsule_flows.home import MLFLOW_SETTING

SETTING = "CAPSULES_MODELS"
"""The environment variable that names the `ModelRegistry` block."""


class NoRegistry(FlowsError):
    """No registry of models is connected, or it cannot be used."""

    exit_code = 64

    def __init__(self, problem: str | None = None) -> None:
        super().__init__(
            f"The registry set by {SETTING} or {MLFLOW_SETTING} cannot be used: {problem}."
            if problem
            else f"No registry is connected: set {SETTING} to a ModelRegistry block, or"
            f" {MLFLOW_SETTING} to the MLflow server's address."
        )


def the_registry() -> ModelRegistry:
    """Return the registry.

    Raises:
        NoRegistry: none is named, or there is no such block.
    """
    try:
        registry = connected_registry()
    except ValueError as cause:
        raise NoRegistry(str(cause)) from cause
    if registry is None:
        raise NoRegistry
    return registry


def connected_registry() -> ModelRegistry | None:
    """Return the registry; None where none is named.

    Raises:
        ValueError: there is no such block, or the address is none.
    """
    if name := os.environ.get(SETTING):
        block: ModelRegistry = run_coro_as_sync(ModelRegistry.aload(name.rpartition("/")[2]))
        return block
    address = os.environ.get(MLFLOW_SETTING, "")
    return ModelRegistry(url=address) if address.startswith("http") else None
