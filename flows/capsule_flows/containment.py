"""What a run's container is made with: everything closed, but for what is listed here."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from capsule_flows.staged_runs import SILENT
from capsule_kit.api_door import LOOPBACK, port_of
from capsule_kit.container import (
    DOOR_VARIABLE,
    ENTRYPOINT_VARIABLE,
    KIT_USER_VARIABLE,
    MODEL_USER_VARIABLE,
    MODULE_VARIABLE,
)
from capsule_kit.model_link import REQUEST_VARIABLE, SECONDS_VARIABLE
from capsule_kit.starting import WORK_VARIABLE
from capsule_kit.trial_flow import DATA_VARIABLE, RESULTS_VARIABLE

KIT_USER = 65533
"""The user without rights that the flow runs as, where the worker is root."""
FIRST_MODEL_USER, MODEL_USERS = 30_000, 20_000
"""The users that models run as, each container's another, so that they cannot meet on the host."""
CLOSED = "closed"
"""The network that leads to the Prefect API and nowhere else."""
DOOR_FOLDER = "/run/capsule"
DOOR = f"{DOOR_FOLDER}/api"
KIT_FOLDER = "/opt/prefect-capsules"
CONTAINER = "capsule_kit.container"
BORROWED = (
    f"import runpy, sys; sys.path.append({KIT_FOLDER!r});"
    f" runpy.run_module({CONTAINER!r}, run_name='__main__')"
)
"""The same module of a lent kit, which the image's own PYTHONPATH says nothing of."""
KIT_HOME = "/home/kit"
WORK = "/work"
REQUEST = "/request"
TMP = "/tmp"  # noqa: S108 - the container's own, in memory
ALLOWED_EXTRAS = frozenset({"shm_size", "runtime", "ulimits", "storage_opt", "platform"})
"""docker-py's keywords that a deployment may add; none of them brings anything within reach."""
QUICK = {
    # One call fewer, 10 to 30 ms of a cold start; the worker has compared versions already.
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    # These save no time; they bound what a run may send.
    "PREFECT_LOGGING_TO_API_MAX_LOG_SIZE": "100000",
    "PREFECT_LOGGING_TO_API_BATCH_SIZE": "400000",
}


@dataclass(frozen=True)
class Limits:
    """How much one container may use."""

    memory: int
    """In bytes; its temporary files count as memory."""
    cpus: float
    processes: int
    seconds: int
    """How long the trial may take."""
    work_bytes: int
    """How much the model may write."""
    gpus: int = 0


@dataclass(frozen=True)
class Recipe:
    """How the containers of one release are made; two with the same key can stand in for each other."""

    image: str
    """The image's id, so that what waits is what the environment says runs."""
    entrypoint: str
    """Module path of the flow."""
    module: str
    """The author's model, as `models.as_text` writes it; empty where the deployment does not say."""
    capsule: bool
    """Whether the flow is a capsule's, with a kit of its own in its image, and cases to be staged."""
    environment: Mapping[str, str]
    limits: Limits
    network: str = CLOSED
    extras: Mapping[str, Any] = field(default_factory=dict)
    """More of docker-py's keywords, out of ALLOWED_EXTRAS."""
    waiting: int = 0
    """How many containers may wait at most; not part of the key."""
    greatest_age: int = 3600
    """How long a container may wait, in seconds."""
    idle: int = 1800
    """After how many seconds without a trial none waits any more."""

    @property
    def key(self) -> str:
        """Return what tells containers apart that cannot stand in for each other."""
        facts = {
            "image": self.image,
            "entrypoint": self.entrypoint,
            "module": self.module,
            "capsule": self.capsule,
            "environment": dict(self.environment),
            "limits": vars(self.limits),
            "network": self.network,
            "extras": dict(self.extras),
        }
        told = json.dumps(facts, sort_keys=True, default=str)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Berth:
    """What one container has of its own."""

    kit_user: int
    model_user: int
    data: Path | None
    """The folder of this machine that is `/data`; None for a flow that is no capsule."""
    results: Path | None
    door: Path | None
    """The folder of this machine in which the socket to the API is."""
    kit: Path | None
    """This machine's kit, for a flow whose image has none."""
    labels: Mapping[str, str]


def options(recipe: Recipe, berth: Berth) -> dict[str, Any]:
    """Return docker-py's keywords for one container of a recipe."""
    limits, kit, model = recipe.limits, berth.kit_user, berth.model_user
    made: dict[str, Any] = {
        **recipe.extras,
        "image": recipe.image,
        # -P, and a folder that nobody can write: else the model could leave modules and settings
        # there for the flow to find.
        "command": ["python", "-P", *(["-c", BORROWED] if berth.kit else ["-m", CONTAINER])],
        "environment": _environment(recipe, berth),
        "labels": dict(berth.labels),
        "volumes": _volumes(berth),
        "stdin_open": True,
        # Root only until the two users are parted, and able to do nothing but that.
        "user": "0:0",
        "cap_drop": ["ALL"],
        "cap_add": ["SETUID", "SETGID"],
        "security_opt": ["no-new-privileges"],
        "read_only": True,
        "working_dir": "/",
        "tmpfs": {
            TMP: "size=64m,mode=1777",
            KIT_HOME: f"size=16m,mode=0700,uid={kit},gid={kit}",
            WORK: f"size={limits.work_bytes},nr_inodes=4096,mode=0755,uid={model},gid={model}",
            REQUEST: f"size={limits.work_bytes},mode=0755,uid={kit},gid={kit}",
        },
        "mem_limit": limits.memory,
        "memswap_limit": limits.memory,
        "nano_cpus": int(limits.cpus * 1e9),
        "pids_limit": limits.processes,
        "log_config": {"type": "json-file", "config": {"max-size": "1m", "max-file": "1"}},
    }
    if limits.gpus:
        made["device_requests"] = [{"count": limits.gpus, "capabilities": [["gpu"]]}]
    return {**made, **_network(recipe)}


def run_environment(
    base: Mapping[str, str | None], asked: Mapping[str, str | None]
) -> dict[str, str]:
    """Return the environment of a release's containers, whichever run they will serve."""
    merged = {**base, **asked, **QUICK, **SILENT}
    return {
        name: value
        for name, value in merged.items()
        if value is not None and not name.startswith("PREFECT__")
    }


def seen_from_inside(api_url: str) -> str:
    """Return the API's address as a container without a network has it.

    A name stays, so that a certificate still fits it; a number becomes the loopback's.
    """
    parts = urlsplit(api_url)
    if _is_name(parts.hostname or ""):
        return api_url
    return urlunsplit(parts._replace(netloc=f"{LOOPBACK}:{port_of(api_url)}"))


def _environment(recipe: Recipe, berth: Berth) -> dict[str, str]:
    environment = {
        **recipe.environment,
        "HOME": KIT_HOME,
        "PREFECT_HOME": f"{KIT_HOME}/prefect",
        "CAPSULE_IMAGE_ID": recipe.image,
        ENTRYPOINT_VARIABLE: recipe.entrypoint,
        MODULE_VARIABLE: recipe.module,
        KIT_USER_VARIABLE: str(berth.kit_user),
        MODEL_USER_VARIABLE: str(berth.model_user),
        WORK_VARIABLE: WORK,
        REQUEST_VARIABLE: REQUEST,
        SECONDS_VARIABLE: str(recipe.limits.seconds),
        DATA_VARIABLE: "/data",
        RESULTS_VARIABLE: "/results",
    }
    if recipe.network == CLOSED:
        environment["PREFECT_API_URL"] = seen_from_inside(environment["PREFECT_API_URL"])
        environment[DOOR_VARIABLE] = DOOR
    return environment


def _volumes(berth: Berth) -> list[str]:
    volumes = []
    if berth.data and berth.results:
        volumes += [f"{berth.data}:/data:ro", f"{berth.results}:/results:rw"]
    if berth.door:
        volumes.append(f"{berth.door}:{DOOR_FOLDER}:ro")
    if berth.kit:
        volumes.append(f"{berth.kit}:{KIT_FOLDER}/capsule_kit:ro")
    return volumes


def _network(recipe: Recipe) -> dict[str, Any]:
    if recipe.network != CLOSED:
        return {"network": recipe.network}
    url = recipe.environment["PREFECT_API_URL"]
    host = urlsplit(url).hostname or ""
    made: dict[str, Any] = {"network_mode": "none"}
    if _is_name(host) and host != "localhost":
        made["extra_hosts"] = {host: LOOPBACK}
    if port_of(url) < 1024:
        made["sysctls"] = {"net.ipv4.ip_unprivileged_port_start": "0"}
    return made


def _is_name(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return True
    return False
