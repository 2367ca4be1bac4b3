"""A trial on a pool that no worker of ours serves: lent its inputs, and a place for results, over two addresses.

The flow run exists before its addresses do, since they carry its id; so it is made for later, and
brought forward once it has them.
"""

from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Scheduled
from prefect.types._datetime import now

from capsule_blocks.tables import CaseSet
from capsule_flows.errors import FlowsError
from capsule_flows.home import Resources
from capsule_flows.releases import Published
from capsule_kit.errors import CapsuleError
from capsule_kit.provenance import IMAGE_VARIABLE
from capsule_kit.trial_flow import DATA_VARIABLE, RESULTS_VARIABLE

OURS = "capsule-"
"""How the types of the pools begin whose workers stage by themselves."""
TMP = "/tmp"  # noqa: S108  inside a container it is the container's own
MUCH_LATER = timedelta(hours=1)


class CannotLend(FlowsError):
    """The trial's pool is served by a stock worker, which nothing can be lent to."""

    def __init__(self, published: Published, problem: str) -> None:
        super().__init__(
            f"The pool {published.work_pool} of {published.full_name} is not served by a capsule worker, so the"
            f" trial must get its cases from object storage, and cannot: {problem.rstrip('.')}."
        )


def is_elsewhere(client: SyncPrefectClient, published: Published) -> bool:
    """Say whether the capsule's pool is one that no worker of ours serves."""
    if published.work_pool is None:
        return False
    return not _pool_type(client, published.work_pool).startswith(OURS)


@cache
def _pool_type(client: SyncPrefectClient, work_pool: str) -> str:
    # A pool's type never changes.
    return client.read_work_pool(work_pool).type


def in_a_while() -> State[Any]:
    """Return the state of a run that has no addresses yet; without them it would be refused."""
    return Scheduled(scheduled_time=now("UTC") + MUCH_LATER)


def waits_for_addresses(run: FlowRun) -> bool:
    """Say whether a run is still kept back until it has its addresses."""
    due = run.state and run.state.is_scheduled() and run.state.state_details.scheduled_time
    return bool(due and due > now("UTC") + MUCH_LATER / 2)


def lend_and_start(
    client: SyncPrefectClient,
    resources: Resources,
    published: Published,
    case_set: CaseSet,
    run: FlowRun,
) -> None:
    """Give a flow run its two addresses, and have it start.

    Raises:
        CannotLend: the store is a folder, or cannot be used.
    """
    environment = environment_for(resources, published, case_set, run.id)
    variables = {**(run.job_variables or {}), "env": environment}
    client.update_flow_run(run.id, job_variables=variables)
    client.set_flow_run_state(run.id, Scheduled(), force=True)


def environment_for(
    resources: Resources, published: Published, case_set: CaseSet, run_id: UUID
) -> dict[str, str]:
    """Return what a run's container finds in its environment: no credential and no answer.

    Raises:
        CannotLend: the store is a folder, or cannot be used.
    """
    contract = published.manifest.contract.hash
    try:
        lent = resources.store.lend(run_id, case_set.inputs_hash, contract)
    except CapsuleError as cause:
        raise CannotLend(published, str(cause)) from cause
    found = {DATA_VARIABLE: lent.data, RESULTS_VARIABLE: lent.results}
    if published.image:
        # The user of the image owns no folder but this one.
        found |= {IMAGE_VARIABLE: published.image, "HOME": TMP, "PREFECT_HOME": f"{TMP}/prefect"}
    return found
