"""The configured resources, as Prefect blocks: the ledger, the case store and the model registry."""

from capsule_blocks.case_store import CaseStore
from capsule_blocks.ledger import Ledger
from capsule_blocks.model_registry import ModelRegistry

__all__ = ["CaseStore", "Ledger", "ModelRegistry"]
