"""`capsules up`: the Prefect server, the workers, the sweep and the app, started, watched and stopped together."""

import asyncio
import fcntl
import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from capsule_flows.credential import FILE, write_profile
from capsule_flows.databases import ledger_url
from capsule_flows.home import BLOCK_NAME, MLFLOW_SETTING, STATE_FILE
from capsule_flows.planning import CannotStart, Plan
from capsule_flows.with_parent import die_with_parent

START_WITHIN_S = 90.0
STOP_WITHIN_S = 10.0
RESTARTS, RESTARTS_WITHIN_S = 5, 60.0


@dataclass
class Supervisor:
    """Holds the running processes of one start; starts again what dies, stops all in the end."""

    plan: Plan
    tell: Callable[[str], None]
    _watchers: list[asyncio.Task[None]] = field(default_factory=list)
    _running: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    _stopping: bool = False

    async def start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        """Start one process and keep it going."""
        await self._spawn(name, command, environment)
        self._watchers.append(asyncio.create_task(self._watch(name, command, environment)))

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

    async def _spawn(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        log = self.plan.folder / "logs" / f"{name.replace(' ', '-')}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._running[name] = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    async def _watch(self, name: str, command: list[str], environment: dict[str, str]) -> None:
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
            await self._spawn(name, command, environment)


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
    for sentence in plan.told:
        supervisor.tell(sentence)
    supervisor.tell("Starting the Prefect server.")
    await supervisor.start("Prefect server", plan.server(), plan.server_environment())
    await wait_answers(f"{plan.api_url}/health", "The Prefect server", supervisor)
    (plan.folder / STATE_FILE).write_text(
        json.dumps(
            {
                "api_url": plan.api_url,
                "app_url": plan.public_url or plan.app_url,
                "pid": os.getpid(),
                **({"models_url": plan.models_url} if plan.models_url else {}),
            }
        )
    )
    write_profile(plan.folder, plan.api_url, plan.credential)
    await asyncio.to_thread(prepare)
    supervisor.tell("Starting the workers, the sweep and the app.")
    for name, command in plan.others().items():
        await supervisor.start(name, command, plan.environment_of(name))
    await wait_answers(f"{plan.app_url}/health", "The app", supervisor)
    if plan.models_url:
        await wait_answers(f"{plan.models_url}/health", "The model registry", supervisor)
        supervisor.tell(
            f"The model registry is an MLflow server at {plan.models_url}; register models there with"
            f" {MLFLOW_SETTING}={plan.models_url}."
        )
    supervisor.tell(f"The app serves at {plan.app_url} (Prefect's own pages: {plan.api_url[:-4]}).")
    supervisor.tell(f"Prefect's own pages ask once for the credential in {plan.folder / FILE}.")


def save_blocks(home: Path) -> None:
    """Make the ledger and the store in `home`, and tell the Prefect server where they are."""
    from prefect.utilities.asyncutils import run_coro_as_sync
    from pydantic import SecretStr

    from capsule_blocks import Ledger
    from capsule_flows.storage import case_store

    ledger = Ledger(url=SecretStr(ledger_url(home)))
    ledger.migrate()
    run_coro_as_sync(ledger.asave(BLOCK_NAME, overwrite=True))
    run_coro_as_sync(case_store(home).asave(BLOCK_NAME, overwrite=True))
