"""The one way out of a container without a network: a Unix socket behind which the Prefect API is.

Inside, the API seems to be where its address says, on the container's own loopback interface.
Each connection there is carried to the socket, if it comes from this process's own user: the
model's process, which is another user's, is turned away.
"""

import asyncio
import os
import socket
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
USUAL_PORTS = {"http": 80, "https": 443}
AWAY_S = 120.0
"""How long a connection waits for a worker that is being started again, in seconds."""
LOOK_EVERY_S = 0.1
LINGER_S = 60.0
"""How long the far side may go on answering somebody who has gone, in seconds."""
CHUNK = 1 << 16
Pipe = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Address = tuple[str, int]
"""An IPv4 address and a port."""
CONNECTIONS = Path("/proc/net/tcp")


def port_of(api_url: str) -> int:
    """Return the TCP port that an address names, or its scheme's usual one."""
    parts = urlsplit(api_url)
    return parts.port or USUAL_PORTS[parts.scheme]


def serve_api_door(api_url: str, door: Path) -> None:
    """Carry what this process sends to the API's address through the socket `door`, from now on."""
    listener = socket.create_server((LOOPBACK, port_of(api_url)))
    threading.Thread(target=lambda: asyncio.run(_serve(listener, door)), daemon=True).start()


async def _serve(listener: socket.socket, door: Path) -> None:
    async def reach() -> Pipe:
        return await asyncio.open_unix_connection(door)

    async def carry_if_ours(near: Pipe) -> None:
        ends = near[1].get_extra_info("peername"), near[1].get_extra_info("sockname")
        if owner_of(*ends) == os.getuid():
            await carry(near, reach)
        else:
            near[1].close()

    # asyncio holds nothing of a connection whose near side has gone.
    held: set[asyncio.Task[None]] = set()

    def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(carry_if_ours((reader, writer)))
        held.add(task)
        task.add_done_callback(held.discard)

    server = await asyncio.start_server(answer, sock=listener)
    await server.serve_forever()


async def carry(near: Pipe, reach: Callable[[], Awaitable[Pipe]]) -> None:
    """Carry bytes both ways until either side ends; wait for the far side while it is away."""
    try:
        far = await _reached(reach)
        if far is not None:
            await _exchange(near, far)
            far[1].close()
    finally:
        near[1].close()


async def _exchange(near: Pipe, far: Pipe) -> None:
    there = asyncio.create_task(_pump(near[0], far[1]))
    back = asyncio.create_task(_pump(far[0], near[1]))
    try:
        await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        gone = there.done()
    finally:
        there.cancel()
        back.cancel()
        await asyncio.gather(there, back, return_exceptions=True)
    if gone:
        # Prefect's server leaves SQLite locked for a minute where a request is broken off, as it
        # would be by every container that is killed; so it may answer to the end.
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(_drain(far[0]), LINGER_S)


async def _reached(reach: Callable[[], Awaitable[Pipe]]) -> Pipe | None:
    loop = asyncio.get_running_loop()
    until = loop.time() + AWAY_S
    while loop.time() < until:
        with suppress(OSError):
            return await reach()
        # Nothing tells that a socket is listened at again.
        await asyncio.sleep(LOOK_EVERY_S)
    return None


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()


async def _drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(CHUNK):
        continue


def owner_of(near: Address, far: Address) -> int | None:
    """Return the number of the user whose connection leads from `near` to `far`, if there is one."""
    # Both ends count: a port alone may be had again at another of the loopback's addresses.
    wanted = [_as_the_kernel_writes(near), _as_the_kernel_writes(far)]
    for line in CONNECTIONS.read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1:3] == wanted:
            return int(fields[7])
    return None


def _as_the_kernel_writes(address: Address) -> str:
    number = int.from_bytes(socket.inet_aton(address[0]), sys.byteorder)
    return f"{number:08X}:{address[1]:04X}"
