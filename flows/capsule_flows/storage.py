"""Where a start keeps its cases: in its own folder, or where CAPSULES_STORE says, such as `s3://bucket/prefix`."""

import os
from pathlib import Path

from capsule_blocks import CaseStore
from capsule_flows.planning import CannotStart
from capsule_kit.errors import CapsuleError

STORE_VARIABLE = "CAPSULES_STORE"


def case_store(home: Path) -> CaseStore:
    """Return the start's case store, known to take what is put there.

    Raises:
        CannotStart: the place that CAPSULES_STORE names cannot be used; the sentence says why.
    """
    place = os.environ.get(STORE_VARIABLE)
    if not place:
        return CaseStore(root=home / "store")
    try:
        store = CaseStore(root=place, scratch=home / "scratch")
        store.check()
    except (CapsuleError, OSError) as cause:
        message = f"{STORE_VARIABLE} is set, and the store there cannot be used. {cause}."
        raise CannotStart(message) from cause
    return store
