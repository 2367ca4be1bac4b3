"""HTTP to the Prefect API that asks for little at once, and again at once where the server was only busy for a moment.

On SQLite a write that meets another is turned away with 503, in 1 to 5 of 30 calls (not by the
server of our own start), and Prefect's server then closes the connection without saying so; Prefect's
own client sleeps for 2 s, then 4 s.
Nearly always 20 ms are enough; so that a process does not turn itself away, it writes one thing at a
time.

Such a server has 15 connections to its database. Where so many requests wait to write, and the one
that may write needs another, all of them wait for a minute: fifty people who pressed Run together
were measured to get two trials a minute.
"""

import asyncio
import threading
import time
from contextlib import nullcontext

import httpx

BUSY = httpx.codes.SERVICE_UNAVAILABLE
CLOSED = (httpx.RemoteProtocolError, httpx.ReadError)
PAUSES_S = (0.02, 0.05, 0.1, 0.2, 0.4)
"""How long it waits before each further try; after the last one Prefect's own patience begins."""
MOST_AT_ONCE = httpx.Limits(max_connections=6, max_keepalive_connections=6)
"""Of a process; the others of its requests wait for their turn."""
QUESTIONS = ("/filter", "/paginate", "/count", "/get_scheduled_flow_runs")
"""How the path of a POST ends that writes nothing."""


def _writes(request: httpx.Request) -> bool:
    return request.method != "GET" and not request.url.path.endswith(QUESTIONS)


class Patient(httpx.HTTPTransport):
    """A transport for a client that blocks."""

    def __init__(self) -> None:
        super().__init__(limits=MOST_AT_ONCE)
        self._writing = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and again for as long as the server is busy and there are pauses left."""
        for pause in PAUSES_S:
            try:
                response = self._sent(request)
                if response.status_code != BUSY:
                    return response
                response.close()
            except CLOSED:
                pass
            time.sleep(pause)
        return self._sent(request)

    def _sent(self, request: httpx.Request) -> httpx.Response:
        with self._writing if _writes(request) else nullcontext():
            return super().handle_request(request)


class PatientAsync(httpx.AsyncHTTPTransport):
    """The same for a client that does not block."""

    def __init__(self) -> None:
        super().__init__(limits=MOST_AT_ONCE)
        self._writing = asyncio.Lock()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and again for as long as the server is busy and there are pauses left."""
        for pause in PAUSES_S:
            try:
                response = await self._sent(request)
                if response.status_code != BUSY:
                    return response
                await response.aclose()
            except CLOSED:
                pass
            await asyncio.sleep(pause)
        return await self._sent(request)

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        async with self._writing if _writes(request) else nullcontext():
            return await super().handle_async_request(request)
