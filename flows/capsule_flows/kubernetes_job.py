"""The base job template of a pool of Prefect's own type `kubernetes`: one hardened job for each trial, nothing mounted.

Printed by `python -m capsule_flows.kubernetes_job`, for `prefect work-pool create --base-job-template`.
"""

import json
import sys
from copy import deepcopy
from typing import Any

NOBODY = 65534
"""The user and group of the images; owns nothing in them."""
SECONDS = 3600
TEMPORARY = "1Gi"
TMP = "/tmp"  # noqa: S108  the pod's own empty folder, gone with it

_FOR_THE_POD = {
    "automountServiceAccountToken": False,
    "enableServiceLinks": False,
    # A cancelled trial has nothing to save.
    "terminationGracePeriodSeconds": 2,
    "securityContext": {
        "runAsNonRoot": True,
        "runAsUser": NOBODY,
        "runAsGroup": NOBODY,
        "fsGroup": NOBODY,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
    "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": TEMPORARY}}],
}
_FOR_THE_CONTAINER = {
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "privileged": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    },
    "volumeMounts": [{"name": "tmp", "mountPath": TMP}],
    # Beside what the run itself brings, which would replace a variable's default as a whole.
    "env": [
        {"name": "HOME", "value": TMP},
        {"name": "PREFECT_HOME", "value": f"{TMP}/prefect"},
        {"name": "DO_NOT_TRACK", "value": "1"},
        {"name": "PREFECT_SERVER_ANALYTICS_ENABLED", "value": "false"},
    ],
}
_DEFAULTS = {
    "image_pull_policy": "IfNotPresent",
    "backoff_limit": 0,
    "finished_job_ttl": 600,
    "stream_output": True,
    "cpu_request": "1",
    "cpu_limit": "1",
    "memory_request": "2Gi",
    "memory_limit": "2Gi",
}
_DEADLINE = {
    "type": "integer",
    "title": "Active Deadline Seconds",
    "description": "How long a trial may take; Kubernetes ends it then.",
    "default": SECONDS,
}


def base_job_template() -> dict[str, Any]:
    """Return the template: Prefect's own, hardened; a deployment's job variables may change what it asks for.

    Raises:
        ImportError: prefect-kubernetes is not installed.
    """
    from prefect_kubernetes.worker import KubernetesWorker

    template: dict[str, Any] = deepcopy(KubernetesWorker.get_default_base_job_template())
    asked = template["variables"]["properties"]
    for name, value in _DEFAULTS.items():
        asked[name]["default"] = value
    asked["active_deadline_seconds"] = _DEADLINE
    job = template["job_configuration"]["job_manifest"]["spec"]
    job["activeDeadlineSeconds"] = "{{ active_deadline_seconds }}"
    pod = job["template"]["spec"]
    pod |= _FOR_THE_POD
    container = pod["containers"][0]
    container |= _FOR_THE_CONTAINER
    for bound in container["resources"].values():
        bound["ephemeral-storage"] = TEMPORARY
    return template


if __name__ == "__main__":
    sys.stdout.write(json.dumps(base_job_template(), indent=2) + "\n")
