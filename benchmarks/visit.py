"""A page opened without a browser: the request, the websocket and the messages that a browser would send."""

import json
import re
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote
from uuid import uuid4

import httpx
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

TOKEN = re.compile(r'"token":"([^"]+)"')
LARGEST = 50_000_000


class CutOffError(Exception):
    """The server closed the page's connection."""


class Visit:
    """One person's open page; what the server sent stands in `parts` and, as text, in `told`."""

    def __init__(self, app: str, path: str, person: str) -> None:
        self._app, self._path, self._cookie = app, path, f"capsules_name={quote(person)}"
        self._socket: WebSocketClientConnection | None = None
        self.parts: list[dict[str, Any]] = []
        self.told = ""

    async def __aenter__(self) -> Self:
        """Open the page, ask for its document and say that it is drawn."""
        async with httpx.AsyncClient(timeout=120) as client:
            shown = await client.get(self._app + self._path, headers={"Cookie": self._cookie})
        token = TOKEN.search(shown.raise_for_status().text)
        assert token is not None, shown.text[:300]
        address = (
            f"{self._app.replace('http', 'ws', 1)}{self._path.partition('?')[0].rstrip('/')}/ws"
        )
        request = HTTPRequest(address, headers={"Cookie": self._cookie, "Origin": self._app})
        self._socket = await websocket_connect(
            request, subprotocols=["bokeh", token[1]], max_message_size=LARGEST
        )
        await self._receive()
        await self._send("PULL-DOC-REQ", {})
        await self._receive()
        # The page fills itself when a browser says that it has drawn it.
        await self._tell("document_ready")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the page as a browser does."""
        if self._socket is not None:
            self._socket.close()

    async def see(self, text: str) -> None:
        """Return once the server has sent this text."""
        while text not in self.told:
            await self._receive()

    async def press(self, label: str) -> None:
        """Press the newest button with this label, and forget what was told before."""
        button = next(one for one in reversed(self.parts) if _label(one) == label)
        self.told = ""
        await self._tell("dom_event", model={"id": button["id"]}, node="click", data={})

    async def _tell(self, event: str, **values: Any) -> None:
        entries = [[key, one] for key, one in values.items()]
        told = {"type": "event", "name": event, "values": {"type": "map", "entries": entries}}
        message = {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": told}
        await self._send("PATCH-DOC", {"events": [message]})

    async def _send(self, kind: str, content: dict[str, Any]) -> None:
        assert self._socket is not None
        header = {"msgid": uuid4().hex, "msgtype": kind}
        for fragment in (header, {}, content):
            await self._socket.write_message(json.dumps(fragment))

    async def _receive(self) -> None:
        header = json.loads(await self._fragment())
        await self._fragment()
        content = await self._fragment()
        for _ in range(2 * header.get("num_buffers", 0)):
            await self._fragment()
        self.told += str(content)
        self.parts += _objects(json.loads(content))

    async def _fragment(self) -> str | bytes:
        assert self._socket is not None
        told = await self._socket.read_message()
        if told is None:
            raise CutOffError
        return told


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every model in a message."""
    if isinstance(value, dict):
        if value.get("type") == "object" and "id" in value:
            yield value
        for one in value.values():
            yield from _objects(one)
    elif isinstance(value, list):
        for one in value:
            yield from _objects(one)


def _label(part: dict[str, Any]) -> str | None:
    attributes = part.get("attributes", {})
    data = attributes.get("data", {}) if attributes.get("class_name") == "Button" else {}
    return data.get("attributes", {}).get("label") if isinstance(data, dict) else None
