"""A trial as a flow run: checked settings, a named case set, and tags by which Prefect alone finds it again."""

from typing import Any
from uuid import UUID, uuid4

from prefect.client.schemas.objects import FlowRun
from prefect.states import Scheduled
from prefect.utilities.schema_tools.validation import validate

from capsule_blocks.lending import NothingToLend
from capsule_blocks.tables import CaseSet, Trial
from capsule_flows.elsewhere import (
    CannotLend,
    in_a_while,
    is_elsewhere,
    lend_and_start,
    waits_for_addresses,
)
from capsule_flows.errors import SettingsRefused, UnknownCaseSet
from capsule_flows.home import Resources
from capsule_flows.masking import masked
from capsule_flows.prefect_api import prefect_api
from capsule_flows.queueing import BY
from capsule_flows.releases import Published
from capsule_kit.manifest import CASES_PARAMETER, SETTINGS_PARAMETER, settings_schema

CAPSULE_TAG = "capsule"
DOOR = "door:"
OWNER = "owner:"


def submit(
    resources: Resources,
    published: Published,
    case_set_name: str,
    settings: dict[str, Any],
    *,
    by: str,
    door: str,
    owner: str | None = None,
    idempotency_key: str | None = None,
) -> UUID:
    """Start a trial and return its flow run's id; do not wait for it.

    `owner` is whose trial it is, where people have accounts. Under a key that was used before, the
    trial that was started then is returned.

    Raises:
        UnknownCaseSet: nobody added a case set of this name for this capsule.
        SettingsRefused: the settings break the form's bounds.
        CannotLend: a stock worker would run it, and the store is not on object storage.
    """
    case_set = resources.ledger.case_set(published.manifest.name, case_set_name)
    if case_set is None:
        raise UnknownCaseSet(published.manifest.name, case_set_name)
    refuse_settings(published, settings)
    client = prefect_api()
    lent = is_elsewhere(client, published)
    if lent and not resources.store.remote:
        raise CannotLend(published, str(NothingToLend()))
    run = client.create_flow_run_from_deployment(
        published.deployment_id,
        parameters={CASES_PARAMETER: case_set_name, SETTINGS_PARAMETER: settings},
        # It runs as what it is recorded as, whatever is deployed while it waits for its place.
        job_variables={"image": published.image} if published.image else None,
        state=in_a_while() if lent else Scheduled(),
        # A key of its own even where nobody gave one: the client may have to ask twice.
        idempotency_key=idempotency_key or str(uuid4()),
        tags=[
            CAPSULE_TAG,
            f"{BY}{by}",
            f"{DOOR}{door}",
            *([f"{OWNER}{owner}"] if owner is not None else []),
        ],
    )
    record_trial(resources, published, run)
    if lent and waits_for_addresses(run):
        lend_and_start(client, resources, published, case_set, run)
    return run.id


def refuse_settings(published: Published, settings: dict[str, Any]) -> None:
    """Hold the settings against the schema, exactly as the server will.

    Raises:
        SettingsRefused: with every error, not the first alone.
    """
    schema = {**settings_schema(published.schema), "definitions": published.schema["definitions"]}
    errors = validate(settings, schema, raise_on_error=False, preprocess=False)
    if errors:
        raise SettingsRefused([_sentence(error) for error in errors])


def record_trial(resources: Resources, published: Published, run: FlowRun) -> Trial:
    """Put the flow run into the ledger as a trial, unless it is there; return what is there.

    The answers are fixed here as they stand: what is revised afterwards does not change this trial.
    """
    ledger = resources.ledger
    if there := ledger.trial(run.id):
        return there
    release = published.release()
    ledger.add_once(release)
    name = str(run.parameters.get(CASES_PARAMETER, ""))
    case_set: CaseSet | None = ledger.case_set(published.manifest.name, name)
    answers = ledger.latest_answers(case_set.id) if case_set else None
    trial = Trial(
        flow_run_id=run.id,
        release_id=release.id,
        capsule=published.manifest.name,
        case_set_id=case_set.id if case_set else None,
        case_set_name=name,
        answers_revision_id=answers.id if answers else None,
        settings=masked(run.parameters.get(SETTINGS_PARAMETER, {}), published.schema),
        door=_tagged(run, DOOR) or ("schedule" if run.auto_scheduled else "prefect"),
        by=_tagged(run, BY) or "unknown",
        owner=_tagged(run, OWNER),
    )
    ledger.add_once(trial)
    return ledger.trial(run.id) or trial


def _tagged(run: FlowRun, prefix: str) -> str | None:
    return next((tag.removeprefix(prefix) for tag in run.tags if tag.startswith(prefix)), None)


def _sentence(error: Any) -> str:
    where = ".".join(str(part) for part in error.absolute_path) or "settings"
    return f"{where}: {error.message}"
