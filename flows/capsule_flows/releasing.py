"""A release made for experts: refused with every reason at once, or written down with its example's run."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlmodel import select

from capsule_blocks import Ledger
from capsule_blocks.released import Released
from capsule_blocks.tables import CaseSet
from capsule_flows.errors import FlowsError
from capsule_flows.following import wait_final
from capsule_flows.home import Resources
from capsule_flows.prefect_api import prefect_api
from capsule_flows.releases import RELEASED, Published
from capsule_flows.settling import settle
from capsule_flows.submitting import submit
from capsule_flows.trial_words import JUDGED
from capsule_flows.wording import count
from capsule_kit.blanks import blanks_in
from capsule_kit.trial_flow import EXAMPLE

DOOR = "release"
DIRTY = "-dirty"
"""How a version ends whose code had uncommitted changes."""
NO_VERSION = (None, "", "unknown")
LONGEST_S = 3600.0
SHOWN = 3
"""So many of the texts that are still to be written are named."""


class ReleaseRefused(FlowsError):
    """A capsule is not released as it is deployed now."""

    exit_code = 65

    def __init__(self, name: str, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        listed = "\n".join(f"- {one}" for one in reasons)
        super().__init__(f"{name} is not released:\n{listed}")


def hindrances(one: Published, example: CaseSet | None) -> list[str]:
    """Return every reason why what is deployed cannot be released before its example was run, a sentence each."""
    found = []
    version = one.code_version
    if version in NO_VERSION:
        found.append("Nothing says which commit its code is of: deploy it from a git checkout.")
    elif str(version).endswith(DIRTY):
        found.append(
            "Its code had uncommitted changes when it was deployed: commit them and deploy again."
        )
    if one.image is None:
        found.append("It runs as a local process, and a release is an image: deploy with Docker.")
    if blanks := blanks_in(one.manifest.model_dump_json()):
        named = "; ".join(dict.fromkeys(blanks[:SHOWN]))
        more = " …" if len(blanks) > SHOWN else ""
        found.append(
            f"{count(len(blanks), 'text')} of its declaration to be written: {named}{more}."
        )
    if example is None:
        found.append(
            "It has no example cases: put example.csv beside its declaration, deploy again."
        )
    return found


def release_capsule(
    where: Resources, one: Published, by: str, on_change: Callable[[str], None]
) -> Released:
    """Return the release that is deployed now as given out, its example run once for it.

    Raises:
        ReleaseRefused: something is in the way; every reason is in it.
    """
    name, release_id = one.manifest.name, one.release().id
    if there := released(where.ledger, release_id):
        return give_out(where, one, there.flow_run_id, by)
    reasons = hindrances(one, where.ledger.case_set(name, EXAMPLE))
    if reasons:
        raise ReleaseRefused(name, reasons)
    run_id = submit(where, one, EXAMPLE, {}, by=by, door=DOOR)
    wait_final(run_id, timeout_s=LONGEST_S, on_change=on_change)
    _insist_on_example(where, name, release_id, run_id)
    return give_out(where, one, run_id, by)


def give_out(where: Resources, one: Published, run_id: UUID, by: str) -> Released:
    """Write a release down, and let experts run it from now on; return what is written down.

    `run_id` is its example's trial. Whatever is deployed afterwards, experts run this until another
    is given out: it has a deployment of its own.
    """
    ledger, release = where.ledger, one.release()
    ledger.add_once(release)
    row = Released(capsule=release.capsule, release_id=release.id, flow_run_id=run_id, by=by)
    ledger.add_once(row)
    _deploy_for_experts(one)
    return released(ledger, release.id) or row


def released(ledger: Ledger, release_id: str) -> Released | None:
    """Return whether, when and by whom a release was given out; None where it was not."""
    found = ledger.rows(select(Released).where(Released.release_id == release_id))
    return found[0] if found else None


def all_released(ledger: Ledger, capsule: str) -> list[Released]:
    """Return the releases of a capsule that were given out, newest first."""
    asked = select(Released).where(Released.capsule == capsule)
    return sorted(ledger.rows(asked), key=lambda one: one.at, reverse=True)


def _insist_on_example(where: Resources, name: str, release_id: str, run_id: UUID) -> None:
    outcome, trial = settle(where, run_id), where.ledger.trial(run_id)
    if outcome is None or outcome.kind != JUDGED:
        told = f"{outcome.kind}. {outcome.sentence}" if outcome else "its run is unknown."
        raise ReleaseRefused(name, [f"Its example does not run: {told}"])
    if trial is None or trial.release_id != release_id:
        raise ReleaseRefused(
            name, ["It was deployed anew while its example ran: release it again."]
        )


def _deploy_for_experts(one: Published) -> None:
    client = prefect_api()
    own = client.read_deployment(one.deployment_id)
    limit = own.global_concurrency_limit
    client.create_deployment(
        own.flow_id,
        RELEASED,
        # As it was published: the deployment may have changed while the example ran.
        version=one.code_version,
        parameter_openapi_schema=one.schema,
        entrypoint=one.entrypoint,
        job_variables={**own.job_variables, **({"image": one.image} if one.image else {})},
        work_pool_name=one.work_pool,
        work_queue_name=own.work_queue_name,
        parameters=own.parameters,
        description=own.description,
        tags=own.tags,
        path=own.path,
        pull_steps=own.pull_steps,
        enforce_parameter_schema=own.enforce_parameter_schema,
        concurrency_limit=limit.limit if limit else None,
        concurrency_options=own.concurrency_options,
    )
