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

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = writer.get_extra_info("peername"), writer.get_extra_info("sockname")
        if owner_of(*ends) == os.getuid():
            await carry((reader, writer), reach)
        else:
            writer.close()

    server = await asyncio.start_server(answer, sock=listener)
    await server.serve_forever()


async def carry(near: Pipe, reach: Callable[[], Awaitable[Pipe]]) -> None:
    """Carry bytes both ways until either side ends; wait for the far side while it is away."""
    far = await _reached(reach)
    if far is not None:
        await asyncio.gather(_pump(near[0], far[1]), _pump(far[0], near[1]))
        far[1].close()
    near[1].close()


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
        if writer.can_write_eof():
            writer.write_eof()


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
