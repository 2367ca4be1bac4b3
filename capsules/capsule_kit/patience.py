"""HTTP to the Prefect API that asks again at once where the server was only busy for a moment.

On SQLite a write that meets another is turned away with 503, in 1 to 5 of 30 calls; Prefect's own
client then sleeps for 2 s, then 4 s. Nearly always 20 ms are enough.
"""

import asyncio
import time

import httpx

BUSY = httpx.codes.SERVICE_UNAVAILABLE
PAUSES_S = (0.02, 0.05, 0.1, 0.2, 0.4)
"""How long it waits before each further try; after the last one Prefect's own patience begins."""


class Patient(httpx.HTTPTransport):
    """A transport for a client that blocks."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and again for as long as the server is busy and there are pauses left."""
        for pause in PAUSES_S:
            response = super().handle_request(request)
            if response.status_code != BUSY:
                return response
            response.close()
            time.sleep(pause)
        return super().handle_request(request)


class PatientAsync(httpx.AsyncHTTPTransport):
    """The same for a client that does not block."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and again for as long as the server is busy and there are pauses left."""
        for pause in PAUSES_S:
            response = await super().handle_async_request(request)
            if response.status_code != BUSY:
                return response
            await response.aclose()
            await asyncio.sleep(pause)
        return await super().handle_async_request(request)
