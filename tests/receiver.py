"""Somebody who gets what a webhook of Prefect's posts."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

Received = tuple[str, list[dict[str, str]]]
"""The address, and what was posted there."""


class Receiver(BaseHTTPRequestHandler):
    """Keeps what is posted to it."""

    got: list[dict[str, str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append(json.loads(body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def receiving() -> Iterator[Received]:
    """Listen for a while."""
    handler = type("Here", (Receiver,), {"got": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", handler.got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
