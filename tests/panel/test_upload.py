"""The upload door takes files from the app's own page, and answers in one sentence."""

import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from capsule_panel import upload
from capsule_panel.upload import UploadHandler

WANTED = {"capsule": "x", "filename": "a.csv", "by": "Ada"}


@pytest.fixture
async def door() -> AsyncIterator[httpx.AsyncClient]:
    """The door on a real socket, reached as the app's own page would."""
    socket, port = bind_unused_port()
    origins = {f"127.0.0.1:{port}"}
    server = HTTPServer(
        Application(
            [(r"/upload", UploadHandler, {"origins": origins})],
            xsrf_cookies=True,
        )
    )
    server.add_socket(socket)
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}) as client:
        yield client
    server.stop()
    await server.close_all_connections()


async def sent(door: httpx.AsyncClient, content: bytes, **more: Any) -> tuple[int, dict[str, Any]]:
    answer = await door.post("/upload", params=WANTED, content=content, **more)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", ""])
async def test_another_sites_page_is_refused(door: httpx.AsyncClient, origin: str) -> None:
    status, answer = await sent(door, b"a,b\n", headers={"Origin": origin})
    assert (status, answer["accepted"]) == (403, False)
    assert answer["sentence"] == "Send files from the app's own page."


async def test_an_empty_file_is_refused_by_name(door: httpx.AsyncClient) -> None:
    assert await sent(door, b"") == (
        400,
        {"accepted": False, "sentence": "a.csv is empty. Choose the file with your cases."},
    )


async def test_a_file_that_is_too_large_is_refused(
    door: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "LARGEST", 1_000_000)
    status, answer = await sent(door, b"x" * 1_000_001)
    assert (status, answer["sentence"]) == (413, "The file is larger than 1 MB.")


async def test_a_file_goes_to_disk_as_it_comes_and_is_never_held(door: httpx.AsyncClient) -> None:
    """Of 64 MB no more than a few pieces are in memory at any time, on either side."""
    piece = bytes(1_000_000)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield piece

    tracemalloc.start()
    try:
        # Without a name it is answered once all of it has come, and nothing reads it.
        answer = await door.post("/upload", params={"capsule": "x"}, content=pieces())
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.json()["sentence"] == "Say who you are and choose a file."
    assert most < 8_000_000
