"""A page that is closed leaves no document on the server; one that comes back in time finds its own."""

import gc
import threading
import weakref
from collections.abc import Iterator, Sequence

import httpx
import panel_material_ui as pmui
import pytest
from bokeh.client import ClientSession, pull_session
from bokeh.document import Document
from bokeh.models import ImportedStyleSheet
from bokeh.server.server import Server
from panel.viewable import Viewable
from tornado.ioloop import IOLoop

import panel as pn
from capsule_panel.frame import html, page, section
from capsule_panel.upload import HealthHandler
from machine import free_port, until

PEOPLE = 6
KEPT_MS = 300
"""How long a page without a connection is kept here; the app keeps it for 15 s."""


DOCUMENTS: list["weakref.ref[Document]"] = []
"""Every page view's document; what is dead here is forgotten by the server too."""


def view() -> pmui.Page:
    DOCUMENTS.append(weakref.ref(pn.state.curdoc))

    async def fill() -> Sequence[Viewable]:
        return [section(html("<p>here</p>"), pmui.Button(label="Run"))]

    return page("Capsule", fill)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of one page, in a thread of its own."""
    pn.extension("tabulator", reconnect=True)
    made: list[Server] = []
    ready = threading.Event()

    def serve() -> None:
        loop = IOLoop(make_current=True)
        made.append(
            pn.io.server.get_server(
                {"/": view},
                port=free_port(),
                address="127.0.0.1",
                extra_patterns=[(r"/health", HealthHandler)],
                check_unused_sessions_milliseconds=100,
                unused_session_lifetime_milliseconds=KEPT_MS,
            )
        )
        made[0].start()
        loop.add_callback(ready.set)
        loop.start()
        loop.close(all_fds=True)

    thread = threading.Thread(target=serve)
    thread.start()
    assert ready.wait(30)
    yield made[0]
    loop = made[0].io_loop

    def end() -> None:
        made[0].stop()
        loop.stop()

    loop.add_callback(end)
    thread.join(30)
    assert not thread.is_alive()


def opened(server: Server, session_id: str | None = None) -> ClientSession:
    return pull_session(url=f"http://127.0.0.1:{server.port}/", session_id=session_id)


def test_closed_pages_leave_no_documents(server: Server) -> None:
    for _ in range(PEOPLE):
        opened(server).close()
    until(lambda: not server.get_sessions("/"), 20, "the end of every session")

    def held() -> int:
        gc.collect()
        return sum(one() is not None for one in DOCUMENTS)

    assert len(DOCUMENTS) >= PEOPLE
    # The last one served may still be named by a local of the loop.
    until(lambda: held() <= 1 or None, 10, "the end of every document")


def test_health_tells_how_many_pages_are_held(server: Server) -> None:
    def told() -> object:
        return httpx.get(f"http://127.0.0.1:{server.port}/health").json()

    assert told() == {"status": "ok", "pages": 0}
    session = opened(server)
    assert told() == {"status": "ok", "pages": 1}
    session.close()


def test_a_page_that_comes_back_in_time_finds_its_own_session(server: Server) -> None:
    first = opened(server)
    (kept,) = server.get_sessions("/")
    first.close()
    again = opened(server, first.id)
    assert server.get_sessions("/") == [kept]
    again.close()


def test_a_page_without_a_first_request_takes_its_styles_from_here(server: Server) -> None:
    """So it is where a session ended before the browser's socket came, and the socket makes another."""
    session = opened(server)
    sheets = {one.url for one in session.document.select({"type": ImportedStyleSheet})}
    session.close()
    assert sheets
    assert [url for url in sheets if "://" in url] == []
