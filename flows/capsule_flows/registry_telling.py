"""What a model registry hears of a version: the gate's answer and the verdicts as tags, and the champion's alias.

The ledger is what holds. A registry that cannot be told is told with the gate's next answer.
"""

import logging
import os
from collections import Counter
from collections.abc import Mapping, Sequence

from prefect.exceptions import PrefectException

from capsule_blocks import Ledger
from capsule_blocks.gate_tables import Decided, Override
from capsule_blocks.mlflow_server import MlflowServer
from capsule_flows.champion import champion_of, overrides
from capsule_flows.gate_facts import GateEvidence
from capsule_flows.registry_connection import SETTING, connected_registry
from capsule_kit.errors import CapsuleError
from capsule_kit.manifest import Manifest

ALIAS = "champion"
LOG = logging.getLogger(__name__)


def tell_registry(ledger: Ledger, row: Decided) -> None:
    """Tell the connected registry of the gate's answer on a release, and of the champion as it is now."""
    champion = champion_of(ledger, row.capsule)
    asked, used = (
        _registered(ledger, one) for one in (row.release_id, champion and champion.release_id)
    )
    name = os.environ.get(SETTING)
    if not (name and (asked or used)):
        return
    try:
        server = _server()
        if asked:
            server.tag(*asked, tags_of(row, overrides(ledger, row.capsule)))
        if used:
            model, version = used
            server.point(model, ALIAS, version)
    except (CapsuleError, PrefectException, ValueError) as cause:
        LOG.warning("The model registry %s=%s could not be told: %s", SETTING, name, cause)


def tags_of(row: Decided, overridden: Sequence[Override] = ()) -> Mapping[str, str]:
    """Return what a version is tagged with: release, gate's answer, verdicts on this release, its newest override."""
    evidence = GateEvidence.model_validate(row.evidence)
    words = Counter(one.word for one in evidence.verdicts if one.release_id == row.release_id)
    against = next((one for one in overridden if one.release_id == row.release_id), None)
    verdicts = ", ".join(f"{n} {word}" for word, n in words.items()) or "none"
    return {
        "capsule": row.capsule,
        "capsule.release": row.release_id,
        "capsule.gate": row.answer,
        "capsule.decision": str(row.id),
        "capsule.verdicts": verdicts,
        **({"capsule.override": f"{against.by}: {against.reason}"} if against else {}),
    }


def _registered(ledger: Ledger, release_id: str | None) -> tuple[str, str] | None:
    """Return a release's model and version in the registry; None where it is in none."""
    release = ledger.release(release_id) if release_id else None
    address = Manifest.model_validate(release.manifest).registered if release else ""
    _, _, rest = address.partition(":/")
    model, _, version = rest.partition("/")
    return (model, version) if version else None


def _server() -> MlflowServer:
    registry = connected_registry()
    server = registry.server() if registry else None
    if server is None:
        message = "the block names no server"
        raise ValueError(message)
    return server
