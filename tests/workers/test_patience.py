"""A server that is busy for a moment, and closes the connection without saying so, is asked again; it is told one thing at a time."""

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
        self.close_connection = busy
        with self.lock:
            Busy.now -= 1
        self.end_headers()

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


def test_many_threads_are_all_answered_and_write_one_thing_at_a_time(busy: str) -> None:
    assert _codes_of_threads(busy, "/{}") == [201] * ASKED
    assert Busy.most == 1


def test_many_threads_ask_side_by_side_but_few_at_once(busy: str) -> None:
    assert _codes_of_threads(busy, "/{}/filter") == [201] * ASKED
    assert Busy.most <= (MOST_AT_ONCE.max_connections or 0)


async def test_many_tasks_are_all_answered_and_write_one_thing_at_a_time(busy: str) -> None:
    async with httpx.AsyncClient(transport=PatientAsync(), base_url=busy) as client:
        asked = [client.post(f"/{one}") for one in range(ASKED)]
        codes = [one.status_code for one in await asyncio.gather(*asked)]

    assert codes == [201] * ASKED
    assert Busy.most == 1


def _codes_of_threads(address: str, path: str) -> list[int]:
    with (
        httpx.Client(transport=Patient(), base_url=address) as client,
        ThreadPoolExecutor(ASKED) as pool,
    ):
        asked = pool.map(lambda one: client.post(path.format(one)).status_code, range(ASKED))
        return list(asked)
