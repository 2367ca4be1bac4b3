"""A server that is busy for a moment, and closes the connection without saying so, is asked again; never by many at once."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from capsule_kit.patience import MOST_AT_ONCE, Patient, PatientAsync

ASKED = 40


class Busy(BaseHTTPRequestHandler):
    """Turns each path away twice, closing the connection; counts how many it is asked at once."""

    protocol_version = "HTTP/1.1"
    lock = threading.Lock()
    turned_away: Counter[str]
    now: int
    most: int

    def do_POST(self) -> None:
        """Answer one request."""
        self.rfile.read(int(self.headers["content-length"]))
        with self.lock:
            Busy.turned_away[self.path] += 1
            Busy.now += 1
            Busy.most = max(Busy.most, Busy.now)
            busy = Busy.turned_away[self.path] <= 2
        self.send_response(503 if busy else 201)
        self.send_header("content-length", "0")
        self.end_headers()
        with self.lock:
            Busy.now -= 1
        self.close_connection = busy

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def busy() -> Iterator[str]:
    Busy.turned_away, Busy.now, Busy.most = Counter(), 0, 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Busy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_many_threads_are_all_answered_and_few_ask_at_once(busy: str) -> None:
    with (
        httpx.Client(transport=Patient(), base_url=busy) as client,
        ThreadPoolExecutor(ASKED) as pool,
    ):
        codes = list(pool.map(lambda one: client.post(f"/{one}").status_code, range(ASKED)))

    assert codes == [201] * ASKED
    assert Busy.most <= (MOST_AT_ONCE.max_connections or 0)


async def test_many_tasks_are_all_answered_and_few_ask_at_once(busy: str) -> None:
    async with httpx.AsyncClient(transport=PatientAsync(), base_url=busy) as client:
        asked = [client.post(f"/{one}") for one in range(ASKED)]
        codes = [one.status_code for one in await asyncio.gather(*asked)]

    assert codes == [201] * ASKED
    assert Busy.most <= (MOST_AT_ONCE.max_connections or 0)
