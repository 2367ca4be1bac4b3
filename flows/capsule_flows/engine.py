"""Whether a Docker engine answers on this machine. Imports nothing of Prefect, whose settings freeze early."""

import os
import socket
from collections.abc import Callable

import docker
import docker.errors
import docker.utils

UNIX = "http+unix://"


def docker_answers() -> bool:
    """Say whether a Docker engine answers."""
    if not _listens(docker.utils.parse_host(os.environ.get("DOCKER_HOST"))):
        return False
    try:
        client = docker.from_env()
        try:
            return bool(client.ping())
        finally:
            client.close()
    except (docker.errors.DockerException, OSError):
        return False


def _listens(address: str) -> bool:
    """Say whether somebody listens at a Unix socket; docker-py would leave it open where nobody does."""
    if not address.startswith(UNIX):
        return True
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(address.removeprefix(UNIX)) == 0


def choose_docker(tell: Callable[[str], None]) -> bool:
    """Say whether capsules will run in Docker; where no engine answers, tell so in one line."""
    if docker_answers():
        return True
    engine = os.environ.get("DOCKER_HOST", "the usual socket")
    tell(f"No Docker engine answers at {engine}: capsules run as local processes, less shut off.")
    return False
