"""The worker types that Prefect finds by this module: `capsule-docker` and `capsule-process`."""

from capsule_flows.worker_docker import CapsuleDockerWorker
from capsule_flows.worker_process import CapsuleProcessWorker

__all__ = ["CapsuleDockerWorker", "CapsuleProcessWorker"]
