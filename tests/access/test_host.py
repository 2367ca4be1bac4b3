"""In an embedded start, where nobody signs in, no name but this machine's own is answered (DNS rebinding)."""

from collections.abc import AsyncIterator

import httpx
import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from access.test_nothing_left_out import ROUTES
from capsule_blocks import Ledger
from capsule_panel.host import WRONG_NAME
from capsule_panel.serving import make_server
from machine import free_port

WAYS_IN = ("/login", "/logout", "/join/x", "/s/x")
PATHS = [path for path, _ in ROUTES.values() if path not in WAYS_IN]


@pytest.fixture
async def embedded(here: Ledger) -> AsyncIterator[str]:
    """Serve the app as it is without accounts; give its address."""
    port = free_port()
    server = make_server(port)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


async def test_no_route_answers_to_a_foreign_name(embedded: str) -> None:
    async with httpx.AsyncClient(base_url=embedded, timeout=60) as client:
        for path in [*PATHS, "/autoload.js", "/capsule/metadata", "/nothing"]:
            for method in ("GET", "POST", "HEAD"):
                answer = await client.request(method, path, headers={"Host": "rebound.example"})
                assert (answer.status_code, answer.text in (WRONG_NAME, "")) == (421, True), path


@pytest.mark.parametrize(
    "name", ["rebound.example", "127.0.0.1.rebound.example", "localhost.", "[::2]"]
)
async def test_names_that_look_like_this_machines_are_foreign(embedded: str, name: str) -> None:
    async with httpx.AsyncClient(base_url=embedded, timeout=60) as client:
        assert (await client.get("/health", headers={"Host": name})).status_code == 421


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST:9999", "127.0.0.1", "[::1]:80"])
async def test_this_machines_own_names_are_answered_whatever_the_port(
    embedded: str, name: str
) -> None:
    """Who comes through a tunnel has another port at her end."""
    async with httpx.AsyncClient(base_url=embedded, timeout=60) as client:
        assert (await client.get("/health", headers={"Host": name})).status_code == 200


async def test_a_websocket_under_a_foreign_name_stays_closed(embedded: str) -> None:
    request = HTTPRequest(
        f"{embedded.replace('http', 'ws')}/ws",
        headers={"Host": "rebound.example", "Origin": "http://rebound.example"},
    )
    with pytest.raises(HTTPClientError) as refused:
        await websocket_connect(request, subprotocols=["bokeh", "x"])
    assert refused.value.code == 421
