"""Whether a Docker engine answers on this machine. Imports nothing of Prefect, whose settings freeze early."""

import os
from collections.abc import Callable

import docker
import docker.errors


def docker_answers() -> bool:
    """Say whether a Docker engine answers."""
    try:
        client = docker.from_env()
        try:
            return bool(client.ping())
        finally:
            client.close()
    except (docker.errors.DockerException, OSError):
        return False


def choose_docker(tell: Callable[[str], None]) -> bool:
    """Say whether capsules will run in Docker; where no engine answers, tell so in one line."""
    if docker_answers():
        return True
    engine = os.environ.get("DOCKER_HOST", "the usual socket")
    tell(f"No Docker engine answers at {engine}: capsules run as local processes, less shut off.")
    return False
