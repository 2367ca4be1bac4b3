"""A deployment as a release: what stood published at the moment a trial was asked for."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound

from capsule_blocks.tables import Release
from capsule_flows.errors import NotGivenOut, UnknownCapsule
from capsule_flows.prefect_api import prefect_api
from capsule_kit.contract import digest
from capsule_kit.manifest import Manifest, settings_hash

PAGE = 200
RELEASED = "released"
"""The name of the deployment that experts run: the release that was given out last, whatever is deployed since."""
NEXT = "next"
"""The name of the deployment of a newer version of the model, made ready and not taken yet."""
OTHER_DEPLOYMENTS = frozenset({RELEASED, NEXT})
"""The names of deployments beside a capsule's own."""


@dataclass(frozen=True)
class Published:
    """One capsule as its deployment publishes it."""

    deployment_id: UUID
    full_name: str
    """FLOW/DEPLOYMENT, as `prefect deployment run` takes it."""
    manifest: Manifest
    schema: dict[str, Any]
    """The deployment's parameter schema, from which the form is made."""
    image: str | None
    """The image's id; None where the capsule runs as a local process."""
    code_version: str | None
    entrypoint: str
    work_pool: str | None

    def release(self) -> Release:
        """Return the release that this is; the same content always has the same id."""
        content: dict[str, Any] = {
            "capsule": self.manifest.name,
            "image": self.image,
            "contract_hash": self.manifest.contract.hash,
            "settings_hash": settings_hash(self.schema),
            "code_version": self.code_version,
            "entrypoint": self.entrypoint,
            # A release under a stricter policy is the same release; a decision keeps its policy.
            "manifest": self.manifest.model_dump(mode="json", exclude={"gate"}),
        }
        return Release(id=digest(content), deployment_id=str(self.deployment_id), **content)


def published(*, given_out: bool = False) -> list[Published]:
    """Return every capsule that the Prefect server has a deployment of, by name.

    With `given_out` it is each as it was given out to experts, and those alone that were.
    """
    found: list[Published] = []
    offset = 0
    client = prefect_api()
    page = client.read_deployments(limit=PAGE)
    while page:
        asked = [one for one in page if _is_asked_for(one.name, given_out=given_out)]
        found += [one for one in map(_as_published, asked) if one]
        offset += len(page)
        page = client.read_deployments(limit=PAGE, offset=offset) if len(page) == PAGE else []
    return sorted(found, key=lambda one: one.manifest.name)


def find_published(name: str, *, given_out: bool = False) -> Published:
    """Return the capsule of this name, with `given_out` as it was given out to experts.

    Raises:
        UnknownCapsule: no deployment publishes it.
        NotGivenOut: it was never given out.
    """
    known = published(given_out=given_out)
    for one in known:
        if one.manifest.name == name:
            return one
    if given_out:
        raise NotGivenOut(name)
    raise UnknownCapsule(name, [one.manifest.name for one in known])


def find_next(name: str) -> Published | None:
    """Return the capsule of this name with a newer version of its model; None where none is made ready."""
    client = prefect_api()
    try:
        return _as_published(client.read_deployment_by_name(f"{name}/{NEXT}"))
    except ObjectNotFound:
        return None


def published_by(deployment_id: UUID) -> Published | None:
    """Return what a deployment publishes, or None where it is no capsule's."""
    client = prefect_api()
    return _as_published(client.read_deployment(deployment_id))


def _is_asked_for(deployment: str, *, given_out: bool) -> bool:
    return deployment == RELEASED if given_out else deployment not in OTHER_DEPLOYMENTS


def _as_published(deployment: DeploymentResponse) -> Published | None:
    schema = deployment.parameter_openapi_schema or {}
    manifest = Manifest.from_schema(schema)
    if manifest is None or not deployment.entrypoint:
        return None
    variables = deployment.job_variables or {}
    return Published(
        deployment_id=deployment.id,
        full_name=f"{manifest.name}/{deployment.name}",
        manifest=manifest,
        schema=schema,
        image=variables.get("image"),
        code_version=deployment.version,
        entrypoint=deployment.entrypoint,
        work_pool=deployment.work_pool_name,
    )
