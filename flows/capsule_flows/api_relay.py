"""The worker's end of the door: a Unix socket of this machine, carried on to the Prefect API alone."""

import asyncio
import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from capsule_kit.api_door import Pipe, carry, port_of

SOCKET = "api"
LOOK_EVERY_S = 2.0
"""How often it is looked whether somebody answers at the socket."""


def door_folder(api_url: str) -> Path:
    """Return the folder that is mounted into containers; nobody but this user gets to it."""
    name = hashlib.sha256(api_url.encode()).hexdigest()[:16]
    # A Unix socket's path has at most 107 characters, so it cannot be in the store.
    return Path(tempfile.gettempdir(), f"capsules-{os.getuid()}", name)


class ApiRelay:
    """Carries what comes through the socket to the API; the next worker takes it over."""

    def __init__(self, api_url: str, user: int | None) -> None:
        """`user` is who may use the socket beside this process's own user."""
        self._url, self._user = api_url, user
        self.folder = door_folder(api_url)
        self._server: asyncio.Server | None = None
        self._carrying: set[asyncio.Task[None]] = set()

    async def keep(self) -> None:
        """See to it that somebody answers at the socket, for as long as this is awaited."""
        try:
            while True:
                await self.begin()
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            if self._server is not None:
                self._server.close()
            for carrying in self._carrying:
                carrying.cancel()
            await asyncio.gather(*self._carrying, return_exceptions=True)

    async def begin(self) -> None:
        """Listen at the socket, unless this worker or another does."""
        if await self._answers():
            return
        private = self.folder.parent
        private.mkdir(mode=0o700, exist_ok=True)
        if private.lstat().st_uid != os.getuid():
            message = f"{private} belongs to another user; remove it, or set TMPDIR"
            raise PermissionError(message)
        self.folder.mkdir(mode=0o755, exist_ok=True)
        place = self.folder / SOCKET
        made = self.folder / f"{SOCKET}.{os.getpid()}"
        made.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._answer, made)
        made.chmod(0o600)
        if self._user is not None:
            os.chown(made, self._user, self._user)
        made.rename(place)

    async def _answers(self) -> bool:
        with suppress(OSError):
            _, writer = await asyncio.open_unix_connection(self.folder / SOCKET)
            writer.close()
            return True
        return False

    def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carrying = asyncio.create_task(self._carry((reader, writer)))
        self._carrying.add(carrying)
        carrying.add_done_callback(self._carrying.discard)

    async def _carry(self, near: Pipe) -> None:
        with suppress(OSError):
            await carry(near, self._reach)

    async def _reach(self) -> Pipe:
        host = urlsplit(self._url).hostname
        return await asyncio.open_connection(host, port_of(self._url))
