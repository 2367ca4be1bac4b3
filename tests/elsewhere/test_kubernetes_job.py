"""The Kubernetes job of a trial, rendered by Prefect's own worker and held against the Kubernetes API's schema."""

import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun

from capsule_flows.kubernetes_job import base_job_template

kubernetes_validate = pytest.importorskip("kubernetes_validate")
worker = pytest.importorskip("prefect_kubernetes.worker")

IMAGE = "registry.example/tumor-malignancy@sha256:" + "a" * 64
LENT = {
    "CAPSULE_DATA": "https://s3.example/bucket/staging/run/data.tar?X-Amz-Signature=ab",
    "CAPSULE_RESULTS": "https://s3.example/bucket/staging/run/results.tar?X-Amz-Signature=cd",
}
VERSIONS = ["1.30", "1.33", "1.36"]


async def _rendered(**asked: Any) -> dict[str, Any]:
    """Return the manifest as the worker would send it to the cluster."""
    values = {"image": IMAGE, "env": LENT, **asked}
    asks = worker.KubernetesWorker.job_configuration.from_template_and_values
    # It names no block and no variable, so the server is not asked.
    async with PrefectClient("http://127.0.0.1:9/api") as nobody:
        configuration = await asks(base_job_template(), values, client=nobody)
    run = FlowRun(id=uuid4(), flow_id=uuid4(), name="careful-heron")
    configuration.prepare_for_flow_run(run)
    manifest: dict[str, Any] = configuration.job_manifest
    return manifest


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_api_takes_the_job(version: str) -> None:
    """Every field is known to the schema and has its type, but for two that Prefect's worker insists on."""
    manifest = await _rendered()
    kubernetes_validate.validate(manifest, version)
    strict = deepcopy(manifest)
    for misplaced in ("parallelism", "completions"):
        # The worker demands them in the pod, where the API ignores them.
        del strict["spec"]["template"]["spec"][misplaced]
    kubernetes_validate.validate(strict, version, strict=True)


async def test_the_schema_would_notice() -> None:
    """A misspelt field of the security context is refused, so that the test above says something."""
    manifest = await _rendered()
    pod = manifest["spec"]["template"]["spec"]
    del pod["parallelism"], pod["completions"]
    pod["securityContext"]["runAsNonroot"] = True
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifest, VERSIONS[-1], strict=True)


async def test_a_trial_has_no_rights_no_mounts_and_no_second_try() -> None:
    """All that holds a container back, fact by fact."""
    job = (await _rendered())["spec"]
    pod = job["template"]["spec"]
    (container,) = pod["containers"]
    assert {name: job[name] for name in job if name != "template"} == {
        "backoffLimit": 0,
        "activeDeadlineSeconds": 3600,
        "ttlSecondsAfterFinished": 600,
    }
    assert pod["restartPolicy"] == "Never"
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 65534,
        "runAsGroup": 65534,
        "fsGroup": 65534,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "privileged": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["volumes"] == [{"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}]
    assert container["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]
    bounds = {"cpu": "1", "memory": "2Gi", "ephemeral-storage": "1Gi"}
    assert container["resources"] == {"limits": bounds, "requests": bounds}
    assert not {"hostNetwork", "hostPID", "hostIPC", "hostUsers"} & set(pod)


async def test_a_trial_gets_its_two_addresses_and_no_credential(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of the worker's own environment nothing of the storage goes along."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("CAPSULES_STORE", "s3://bucket")
    manifest = await _rendered()
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    found = {one["name"]: one["value"] for one in container["env"]}
    assert container["image"] == IMAGE
    assert LENT.items() <= found.items()
    assert (found["HOME"], found["PREFECT_HOME"]) == ("/tmp", "/tmp/prefect")
    assert [name for name in found if name.startswith(("AWS_", "CAPSULES_"))] == []


async def test_a_deployment_may_ask_for_more_time_and_memory() -> None:
    """By job variables, as with every pool of Prefect's."""
    job = (await _rendered(active_deadline_seconds=60, memory_limit="4Gi"))["spec"]
    assert job["activeDeadlineSeconds"] == 60
    (container,) = job["template"]["spec"]["containers"]
    assert container["resources"]["limits"]["memory"] == "4Gi"


def test_the_module_prints_the_template() -> None:
    """As `prefect work-pool create --base-job-template` takes it."""
    printed = subprocess.run(
        [sys.executable, "-m", "capsule_flows.kubernetes_job"],
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
    ).stdout
    assert json.loads(printed) == base_job_template()
