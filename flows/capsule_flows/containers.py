"""One container of the Docker engine, from its making to its end, as a worker sees it."""

import asyncio
import json
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import docker
import docker.errors
import requests
from anyio import to_thread

from capsule_blocks.staging import Staged
from capsule_kit.container import READY, STOP

LAST_LINES = 20
ENGINE_AWAY_S = 0.5
"""How often an engine that does not answer is asked again."""
FRAME_HEADER = 8
LONGEST_LINE = 1 << 16
UNREACHABLE = (requests.exceptions.RequestException, OSError)
"""What docker-py raises while the engine is being started again."""


@dataclass(frozen=True)
class End:
    """How a container ended."""

    code: int
    """Its exit code; -1 where it was removed before anyone looked."""
    out_of_memory: bool = False
    last_lines: str = ""
    """The last lines of its standard error."""


class Engine:
    """The Docker engine; each call blocks, so a worker makes them in threads."""

    def __init__(self) -> None:
        self._client = docker.from_env()
        facts = self._client.info()
        self.id, self.memory = str(facts["ID"]), int(facts["MemTotal"])

    def image_id(self, name: str) -> str:
        """Return the id of an image of this engine."""
        return str(self._client.images.get(name).id)

    def create(self, options: dict[str, Any]) -> str:
        """Make a container, not started yet, and return its id."""
        return str(self._client.containers.create(**options).id)

    def attach(self, container_id: str) -> socket.socket:
        """Return a connection to a container's standard input and output."""
        wanted = {"stdin": 1, "stdout": 1, "stream": 1}
        attached = self._client.api.attach_socket(container_id, params=wanted)
        raw = getattr(attached, "_sock", attached)
        own = socket.socket(fileno=os.dup(raw.fileno()))
        own.setblocking(False)
        attached.close()
        return own

    def start(self, container_id: str) -> None:
        """Start a container."""
        self._client.api.start(container_id)

    def state(self, container_id: str) -> dict[str, Any] | None:
        """Return what the engine says of a container's state; None where it is gone."""
        inspected = self._inspected(container_id)
        return inspected and dict(inspected["State"])

    def wait(self, container_id: str) -> None:
        """Return once a container has ended, or is gone."""
        with suppress(docker.errors.NotFound):
            self._client.api.wait(container_id)

    def last_lines(self, container_id: str) -> str:
        """Return the last lines that a container wrote."""
        try:
            said = self._client.api.logs(container_id, stdout=False, tail=LAST_LINES)
        except docker.errors.APIError:
            return ""
        return bytes(said).decode(errors="replace").strip()

    def remove(self, container_id: str) -> None:
        """Kill and remove a container; one that is gone is no error."""
        with suppress(docker.errors.NotFound, docker.errors.APIError):
            self._client.api.remove_container(container_id, force=True)

    def labelled(self, label: str) -> list[dict[str, Any]]:
        """Return the containers that carry this label, whatever their state."""
        return list(self._client.api.containers(all=True, filters={"label": [label]}))

    def labels(self, container_id: str) -> dict[str, str]:
        """Return a container's labels; none where it is gone."""
        return dict(
            (self._inspected(container_id) or {"Config": {"Labels": {}}})["Config"]["Labels"]
        )

    def _inspected(self, container_id: str) -> dict[str, Any] | None:
        try:
            return dict(self._client.api.inspect_container(container_id))
        except docker.errors.NotFound:
            return None


class Container:
    """A container that will serve one flow run."""

    def __init__(self, engine: Engine, key: str, staged: Staged | None) -> None:
        self._engine = engine
        self.key, self.staged = key, staged
        self.id = ""
        self.born = time.monotonic()
        self.ready = False
        """Everything is imported and loaded; the flow run may be sent before, too."""
        self.ended = asyncio.Event()
        self._pipe: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._listener: asyncio.Task[None] | None = None

    async def begin(self, options: dict[str, Any], made: Callable[[str], object]) -> None:
        """Make the container and start it; `made` is told its id before it starts."""
        self.id = await to_thread.run_sync(self._engine.create, options)
        made(self.id)
        # Attached before the start: standard input then ends with this process, whatever ends it.
        raw = await to_thread.run_sync(self._engine.attach, self.id)
        self._pipe = await asyncio.open_unix_connection(sock=raw)
        await to_thread.run_sync(self._engine.start, self.id)
        self._listener = asyncio.create_task(self._listen(self._pipe[0]))

    async def order(self, flow_run: dict[str, Any], environment: dict[str, str]) -> None:
        """Send the flow run that is to be run."""
        await self._send({"flow_run": flow_run, "environment": environment})

    async def stop(self, grace_s: float) -> None:
        """Have it keep what it has and end; kill it where it does not."""
        with suppress(OSError):
            await self._send({"op": STOP})
        with suppress(TimeoutError):
            await asyncio.wait_for(self.ended.wait(), grace_s)
        await self.remove()

    async def end(self) -> End:
        """Return how the container ended, once it has."""
        await self.ended.wait()
        state = await self._final_state()
        if state is None:
            return End(-1)
        code = int(state["ExitCode"])
        lines = await to_thread.run_sync(self._engine.last_lines, self.id) if code else ""
        return End(code, bool(state["OOMKilled"]), lines)

    async def remove(self) -> None:
        """Kill and remove the container."""
        if self._pipe:
            self._pipe[1].close()
        with suppress(*UNREACHABLE):
            await to_thread.run_sync(self._engine.remove, self.id)

    async def _send(self, message: dict[str, Any]) -> None:
        if self._pipe:
            self._pipe[1].write(json.dumps(message).encode() + b"\n")
            await self._pipe[1].drain()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        line = b""
        with suppress(asyncio.IncompleteReadError, OSError):
            while True:
                header = await reader.readexactly(FRAME_HEADER)
                line += await reader.readexactly(int.from_bytes(header[4:]))
                if line.endswith(b"\n") or len(line) > LONGEST_LINE:
                    self._heed(line)
                    line = b""
        # The engine may have ended, not the container.
        await self._final_state()
        self.ended.set()

    def _heed(self, line: bytes) -> None:
        with suppress(ValueError):
            if json.loads(line)["op"] == READY:
                self.ready = True

    async def _final_state(self) -> dict[str, Any] | None:
        while True:
            try:
                state = await to_thread.run_sync(self._engine.state, self.id)
                if state is None or not state["Running"]:
                    return state
                await to_thread.run_sync(self._engine.wait, self.id)
            except (*UNREACHABLE, docker.errors.APIError):
                await asyncio.sleep(ENGINE_AWAY_S)
