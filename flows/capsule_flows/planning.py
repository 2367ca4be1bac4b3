"""What a start will run, where, and with which environment; made before anything is started."""

import os
import shutil
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path

from capsule_flows.accounts import APP_URL, CLIENT, accounts, public_url
from capsule_flows.credential import make_credential
from capsule_flows.databases import LEDGER, settle_databases
from capsule_flows.errors import FlowsError
from capsule_flows.home import MLFLOW_SETTING, QUIET, folder
from capsule_flows.local_registry import QUIET as REGISTRY_QUIET
from capsule_flows.local_registry import registry_command

REGISTRY = "model registry"
LOOPBACK = "127.0.0.1"
LEAST_FREE_BYTES = 500_000_000
SERVER_ALONE = ("PREFECT_SERVER_", "PREFECT_API_DATABASE_")
"""How the settings begin that are the Prefect server's business and no other process's."""
APP_ALONE = (CLIENT,)
"""The settings that are the app's business and no other process's."""
START_ALONE = (*SERVER_ALONE, LEDGER.setting, *APP_ALONE)
# The ledger's address is in its block; whoever needs the ledger asks the Prefect server.


class CannotStart(FlowsError):
    """Something on this machine stands in the way of a start."""


@dataclass(frozen=True)
class Plan:
    """What a start will run, and where."""

    folder: Path
    api_port: int
    app_port: int
    with_docker: bool
    credential: str = field(repr=False)
    """What the Prefect server asks of everybody who talks to it."""
    models_port: int | None = None
    """The port of the start's own model registry; None where it has none."""
    public_url: str | None = None
    """The address under which others reach the app; None where it is for this machine alone."""
    told: tuple[str, ...] = ()
    """What the user is told of the databases, a sentence each."""

    @property
    def api_url(self) -> str:
        """The Prefect API's address."""
        return f"http://{LOOPBACK}:{self.api_port}/api"

    @property
    def app_url(self) -> str:
        """The app's address."""
        return f"http://{LOOPBACK}:{self.app_port}"

    @property
    def models_url(self) -> str | None:
        """The address of the start's own model registry."""
        return f"http://{LOOPBACK}:{self.models_port}" if self.models_port else None

    def environment(self) -> dict[str, str]:
        """Return what every process of this start finds in its environment."""
        given = os.environ.items()
        return {
            **{name: value for name, value in given if not name.startswith(START_ALONE)},
            **QUIET,
            "CAPSULES_HOME": str(self.folder),
            APP_URL: self.public_url or self.app_url,
            "PREFECT_HOME": str(self.folder / "prefect"),
            "PREFECT_API_URL": self.api_url,
            "PREFECT_API_AUTH_STRING": self.credential,
            "PREFECT_WORKER_QUERY_SECONDS": "2",
            **({MLFLOW_SETTING: self.models_url} if self.models_url else {}),
        }

    def server_environment(self) -> dict[str, str]:
        """Return what the Prefect server finds: what all find, and what it alone may know."""
        given = os.environ.items()
        return {
            **{name: value for name, value in given if name.startswith(SERVER_ALONE)},
            **self.environment(),
            "PREFECT_SERVER_API_AUTH_STRING": self.credential,
            "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(self.folder / "prefect-ui"),
        }

    def environment_of(self, name: str) -> dict[str, str]:
        """Return what one of the others finds: what all find, and the app what it alone may know."""
        given = os.environ.items() if name == "app" else ()
        return {
            **{name: value for name, value in given if name in APP_ALONE},
            **self.environment(),
            **(REGISTRY_QUIET if name == REGISTRY else {}),
        }

    def _registry(self) -> dict[str, list[str]]:
        if self.models_port is None:
            return {}
        return {REGISTRY: registry_command(self.folder, self.models_port)}

    def server(self) -> list[str]:
        """Return the Prefect server's command."""
        port = str(self.api_port)
        words = ("server", "start", "--host", LOOPBACK, "--port", port)
        return _python("capsule_flows.prefect_server", *words)

    def others(self) -> dict[str, list[str]]:
        """Return the command of each process that needs the server, by name."""
        pool = "capsules" if self.with_docker else "capsules-process"
        return {
            # Under the same name a worker is known to be its dead predecessor's successor.
            **self._registry(),
            "worker": _worker(pool),
            "control worker": _worker("capsules-control"),
            "sweep": _python("capsule_flows.sweeping"),
            "app": _python("capsule_panel", "--port", str(self.app_port)),
        }


def plan_start(
    *, api_port: int, app_port: int, with_docker: bool, models_port: int | None = None
) -> Plan:
    """Return the plan of a start.

    Raises:
        CannotStart: a port is taken or the disk is full; the sentence says which.
        DatabaseUnusable: a database that is set does not answer.
        AccountsUnusable: others would come in without signing in, or how they sign in is not set.
    """
    accounts()
    home = folder()
    home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home).free
    if free < LEAST_FREE_BYTES:
        raise CannotStart(
            f"Only {free / 1e6:.0f} MB are free where {home} is; make room for at least"
            f" {LEAST_FREE_BYTES / 1e6:.0f} MB and start again."
        )
    for what, port, option in (
        ("Prefect", api_port, "--api-port"),
        ("the app", app_port, "--app-port"),
        ("the model registry", models_port, "--models-port"),
    ):
        if port is not None and _taken(port):
            raise CannotStart(
                f"Port {port}, meant for {what}, is taken by another program;"
                f" stop it or choose another with {option}."
            )
    return Plan(
        folder=home,
        api_port=api_port,
        app_port=app_port,
        with_docker=with_docker,
        models_port=models_port,
        credential=make_credential(home),
        public_url=public_url(),
        told=tuple(settle_databases(home)),
    )


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _worker(pool: str) -> list[str]:
    return _python("prefect", "worker", "start", "--pool", pool, "--name", f"{pool}-worker")


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False
