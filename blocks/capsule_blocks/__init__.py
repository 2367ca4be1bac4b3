"""The configured resources, as Prefect blocks: the ledger and the case store."""

from capsule_blocks.case_store import CaseStore
from capsule_blocks.ledger import Ledger

__all__ = ["CaseStore", "Ledger"]
