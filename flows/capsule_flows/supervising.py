"""`capsules up`: the Prefect server, the workers, the sweep and the app, started, watched and stopped together."""

import asyncio
import ctypes
import fcntl
import json
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from capsule_flows.errors import FlowsError
from capsule_flows.home import BLOCK_NAME, QUIET, STATE_FILE, folder

LOOPBACK = "127.0.0.1"
START_WITHIN_S = 90.0
STOP_WITHIN_S = 10.0
LEAST_FREE_BYTES = 500_000_000
RESTARTS, RESTARTS_WITHIN_S = 5, 60.0
DIE_WITH_PARENT = 1


class CannotStart(FlowsError):
    """Something on this machine stands in the way of a start."""


@dataclass(frozen=True)
class Plan:
    """What a start will run, and where."""

    folder: Path
    api_port: int
    app_port: int
    with_docker: bool

    @property
    def api_url(self) -> str:
        """The Prefect API's address."""
        return f"http://{LOOPBACK}:{self.api_port}/api"

    @property
    def app_url(self) -> str:
        """The app's address."""
        return f"http://{LOOPBACK}:{self.app_port}"

    def environment(self) -> dict[str, str]:
        """Return what every process of this start finds in its environment."""
        return {
            **os.environ,
            **QUIET,
            "CAPSULES_HOME": str(self.folder),
            "CAPSULES_APP_URL": self.app_url,
            "PREFECT_HOME": str(self.folder / "prefect"),
            "PREFECT_API_URL": self.api_url,
            "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(self.folder / "prefect-ui"),
            "PREFECT_WORKER_QUERY_SECONDS": "2",
        }

    def server(self) -> list[str]:
        """Return the Prefect server's command."""
        port = str(self.api_port)
        return _python("prefect", "server", "start", "--host", LOOPBACK, "--port", port)

    def others(self) -> dict[str, list[str]]:
        """Return the command of each process that needs the server, by name."""
        pool = "capsules" if self.with_docker else "capsules-process"
        return {
            # Under the same name a worker is known to be its dead predecessor's successor.
            "worker": _worker(pool),
            "control worker": _worker("capsules-control"),
            "sweep": _python("capsule_flows.sweeping"),
            "app": _python("capsule_panel", "--port", str(self.app_port)),
        }


@dataclass
class Supervisor:
    """Holds the running processes of one start; starts again what dies, stops all in the end."""

    plan: Plan
    tell: Callable[[str], None]
    _watchers: list[asyncio.Task[None]] = field(default_factory=list)
    _running: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    _stopping: bool = False

    async def start(self, name: str, command: list[str]) -> None:
        """Start one process and keep it going."""
        await self._spawn(name, command)
        self._watchers.append(asyncio.create_task(self._watch(name, command)))

    async def wait(self) -> None:
        """Return when a process has died too often to be started again."""
        done, _ = await asyncio.wait(self._watchers, return_when=asyncio.FIRST_COMPLETED)
        for watcher in done:
            watcher.result()

    async def stop(self) -> None:
        """Stop everything, the last started first; what does not end in time is killed."""
        self._stopping = True
        for watcher in self._watchers:
            watcher.cancel()
        for process in reversed(self._running.values()):
            if process.returncode is None:
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
            except TimeoutError:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    async def _spawn(self, name: str, command: list[str]) -> None:
        log = self.plan.folder / "logs" / f"{name.replace(' ', '-')}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._running[name] = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self.plan.environment(),
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    async def _watch(self, name: str, command: list[str]) -> None:
        deaths: list[float] = []
        while True:
            code = await self._running[name].wait()
            if self._stopping:
                return
            now = time.monotonic()
            deaths = [*(death for death in deaths if now - death < RESTARTS_WITHIN_S), now]
            log = self.plan.folder / "logs" / f"{name.replace(' ', '-')}.log"
            if len(deaths) > RESTARTS:
                raise CannotStart(f"The {name} ended {RESTARTS} times in a minute; see {log}.")
            self.tell(f"The {name} ended with code {code}; starting it again ({log}).")
            await asyncio.sleep(len(deaths) - 1)
            await self._spawn(name, command)


def plan_start(*, api_port: int, app_port: int, with_docker: bool) -> Plan:
    """Return the plan of a start.

    Raises:
        CannotStart: a port is taken or the disk is full; the sentence says which.
    """
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
    ):
        if _taken(port):
            raise CannotStart(
                f"Port {port}, meant for {what}, is taken by another program;"
                f" stop it or choose another with {option}."
            )
    return Plan(folder=home, api_port=api_port, app_port=app_port, with_docker=with_docker)


class OneStart:
    """A lock on the folder, held for as long as a start runs; the kernel frees it if the start dies."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._file = (home / "up.lock").open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            state = home / STATE_FILE
            where = json.loads(state.read_text())["app_url"] if state.is_file() else "starting"
            raise CannotStart(
                f"It is running already ({where}) with the folder {home}; use that one, or stop it first."
            ) from None

    def release(self) -> None:
        """Let another start have the folder."""
        self._file.close()


async def wait_answers(url: str, what: str, supervisor: Supervisor) -> None:
    """Return once `url` answers.

    Raises:
        CannotStart: it did not within a minute and a half.
    """
    until = time.monotonic() + START_WITHIN_S
    async with httpx.AsyncClient(trust_env=False) as client:
        while time.monotonic() < until:
            with suppress(httpx.HTTPError):
                if (await client.get(url)).is_success:
                    return
            await asyncio.sleep(0.1)
    logs = supervisor.plan.folder / "logs"
    raise CannotStart(f"{what} did not answer within {START_WITHIN_S:.0f} s; see {logs}.")


async def bring_up(supervisor: Supervisor, prepare: Callable[[], None]) -> None:
    """Start the server, prepare it, start the rest; return when the app answers."""
    plan = supervisor.plan
    supervisor.tell("Starting the Prefect server.")
    await supervisor.start("Prefect server", plan.server())
    await wait_answers(f"{plan.api_url}/health", "The Prefect server", supervisor)
    (plan.folder / STATE_FILE).write_text(
        json.dumps({"api_url": plan.api_url, "app_url": plan.app_url, "pid": os.getpid()})
    )
    await asyncio.to_thread(prepare)
    supervisor.tell("Starting the workers, the sweep and the app.")
    for name, command in plan.others().items():
        await supervisor.start(name, command)
    await wait_answers(f"{plan.app_url}/health", "The app", supervisor)
    supervisor.tell(f"The app serves at {plan.app_url} (Prefect's own pages: {plan.api_url[:-4]}).")


def save_blocks(home: Path) -> None:
    """Make the ledger and the store in `home`, and tell the Prefect server where they are."""
    from prefect.utilities.asyncutils import run_coro_as_sync
    from pydantic import SecretStr

    from capsule_blocks import CaseStore, Ledger

    ledger = Ledger(url=SecretStr(f"sqlite:///{home / 'ledger.db'}"))
    ledger.migrate()
    run_coro_as_sync(ledger.asave(BLOCK_NAME, overwrite=True))
    run_coro_as_sync(CaseStore(root=home / "store").asave(BLOCK_NAME, overwrite=True))


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


def _die_with_parent() -> None:
    """Have the kernel end this process when `capsules up` is killed, however hard."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGTERM)
