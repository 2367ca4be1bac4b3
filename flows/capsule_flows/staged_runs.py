"""What a worker lays out for one run before it starts: this run's inputs alone, and its surroundings.

The answers are never among them: only the case store's staging folders are handed on.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.responses import DeploymentResponse
from prefect.states import Failed

from capsule_blocks.staging import Staged, Staging
from capsule_kit.errors import CapsuleError
from capsule_kit.manifest import CASES_PARAMETER, Manifest

if TYPE_CHECKING:
    from capsule_flows.home import Resources

EXAMPLE_CASES = "example"
"""The case set of a run that names none."""
REFUSED = "DataRefused"
"""Name of the Failed state of a run whose cases could not be laid out."""

_FOR_A_RUN = ("PREFECT_API_", "PREFECT_CLIENT_", "PREFECT_LOGGING_", "PREFECT__")
# Whatever else a worker is set up with (a database's address, say) is no run's business.

SILENT = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
}
"""Environment of a run that tells nobody about itself."""


class StagingRefused(CapsuleError):
    """A run's cases cannot be laid out; the run ends as refused, not as crashed."""

    def __init__(self, cases: object, capsule: str, problem: str) -> None:
        super().__init__(
            f"The run of {capsule} was not started: {problem} (case set {cases!r})."
            f" `capsules cases` lists what there is, `capsules cases add {capsule} FILE` adds more."
        )


@dataclass(frozen=True)
class CasesWanted:
    """Which cases a run is to see."""

    capsule: str
    """The capsule's name."""
    contract_hash: str
    """The contract its cases must have been checked against."""
    cases: object
    """What the run's parameters name as its case set; a name, if the run is well formed."""


def cases_wanted(flow_run: FlowRun, deployment: DeploymentResponse | None) -> CasesWanted | None:
    """Return which cases the run is to see; None where the deployment is no capsule's."""
    if deployment is None:
        return None
    manifest = Manifest.from_schema(deployment.parameter_openapi_schema or {})
    if manifest is None:
        return None
    asked = {**(deployment.parameters or {}), **(flow_run.parameters or {})}
    return CasesWanted(
        capsule=manifest.name,
        contract_hash=manifest.contract.hash,
        cases=asked.get(CASES_PARAMETER, EXAMPLE_CASES),
    )


def lay_out(flow_run_id: UUID, wanted: CasesWanted) -> Staged:
    """Stage the wanted cases for this run, in a place of its own.

    Raises:
        StagingRefused: there is no such case set, or the store cannot give it out.
    """
    inputs_hash = _inputs_hash(wanted)
    with _refusals(wanted):
        return _home().store.stage(flow_run_id, inputs_hash, wanted.contract_hash)


def lay_into(
    opened: Staged, flow_run_id: UUID, wanted: CasesWanted, user: int | None = None
) -> Staged:
    """Lay the wanted cases into a place that is there, and give it to this run.

    Raises:
        StagingRefused: there is no such case set, or the store cannot give it out.
    """
    inputs_hash, store = _inputs_hash(wanted), _home().store
    with _refusals(wanted):
        store.lay_in(opened, inputs_hash, wanted.contract_hash, user)
    return store.staging.assign(opened, flow_run_id)


def _inputs_hash(wanted: CasesWanted) -> str:
    if not isinstance(wanted.cases, str):
        raise StagingRefused(wanted.cases, wanted.capsule, "`cases` is no name of a case set")
    row = _home().ledger.case_set(wanted.capsule, wanted.cases)
    if row is None:
        raise StagingRefused(wanted.cases, wanted.capsule, "there is no such case set")
    return str(row.inputs_hash)


@contextmanager
def _refusals(wanted: CasesWanted) -> Iterator[None]:
    try:
        yield
    except (CapsuleError, FileNotFoundError) as cause:
        raise StagingRefused(wanted.cases, wanted.capsule, str(cause)) from cause


def open_place(user: int | None) -> Staged:
    """Return an empty place for a run that is not known yet."""
    return _home().store.staging.open(user)


def staging() -> Staging:
    """Return the places of this machine's runs."""
    return _home().store.staging


@cache
def _home() -> "Resources":
    # Where store and ledger are does not change while a worker lives, and asking costs 0.1 s.
    from capsule_flows.home import resources  # heavy, and Prefect imports the workers at each start

    return resources()


def only_for_a_run(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the worker's Prefect settings that a run needs to reach the API, and no others."""
    return {name: value for name, value in settings.items() if name.startswith(_FOR_A_RUN)}


def entrypoint_environment(deployment: DeploymentResponse | None) -> dict[str, str]:
    """Return what lets the engine import the flow at once, where it is named by module."""
    entrypoint = deployment.entrypoint if deployment else None
    if entrypoint is None or ":" in entrypoint:
        return {}
    return {"PREFECT__FLOW_ENTRYPOINT": entrypoint}


def refused_state(refusal: StagingRefused) -> State[Any]:
    """Return the state in which a run whose cases could not be laid out ends."""
    return Failed(name=REFUSED, message=str(refusal))
