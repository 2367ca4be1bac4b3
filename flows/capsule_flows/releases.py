"""A deployment as a release: what stood published at the moment a trial was asked for."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from prefect.client.schemas.responses import DeploymentResponse

from capsule_blocks.tables import Release
from capsule_flows.errors import UnknownCapsule
from capsule_flows.prefect_api import prefect_api
from capsule_kit.contract import digest
from capsule_kit.manifest import Manifest, settings_hash

PAGE = 200


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


def published() -> list[Published]:
    """Return every capsule that the Prefect server has a deployment of, by name."""
    found, offset = [], 0
    client = prefect_api()
    page = client.read_deployments(limit=PAGE)
    while page:
        found += [one for one in map(_as_published, page) if one]
        offset += len(page)
        page = client.read_deployments(limit=PAGE, offset=offset) if len(page) == PAGE else []
    return sorted(found, key=lambda one: one.manifest.name)


def find_published(name: str) -> Published:
    """Return the capsule of this name.

    Raises:
        UnknownCapsule: no deployment publishes it.
    """
    known = published()
    for one in known:
        if one.manifest.name == name:
            return one
    raise UnknownCapsule(name, [one.manifest.name for one in known])


def published_by(deployment_id: UUID) -> Published | None:
    """Return what a deployment publishes, or None where it is no capsule's."""
    client = prefect_api()
    return _as_published(client.read_deployment(deployment_id))


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
