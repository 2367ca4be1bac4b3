"""The server: the pages and the plain doors, on one port."""

import signal

import panel as pn
from capsule_panel.pages import capsule, compare, listing, mine, trial
from capsule_panel.report_door import ReportHandler
from capsule_panel.upload import HealthHandler, TemplateHandler, UploadHandler

LOOPBACK = "127.0.0.1"
PAGES = {
    "/": listing.view,
    "/capsule": capsule.view,
    "/trial": trial.view,
    "/mine": mine.view,
    "/compare": compare.view,
}
TITLES = {
    "/": "Capsules",
    "/capsule": "Capsule",
    "/trial": "Trial",
    "/mine": "My cases",
    "/compare": "Two trials",
}


class CannotServe(Exception):
    """The app cannot be reached where it was asked to be."""

    def __init__(self, address: str, port: int) -> None:
        super().__init__(
            f"The app cannot listen at {address}:{port}. Stop what uses this port, or choose"
            " another with --port."
        )


def serve(port: int, address: str = LOOPBACK) -> None:
    """Serve until the process is told to stop; print one line once pages can be opened.

    Raises:
        CannotServe: the port or the address cannot be had.
    """
    pn.extension("tabulator", reconnect=True, notifications=False)
    origins = {f"{host}:{port}" for host in (address, LOOPBACK, "localhost")}
    try:
        server = pn.io.server.get_server(
            PAGES,
            port=port,
            address=address,
            websocket_origin=sorted(origins),
            title=TITLES,
            extra_patterns=[
                (r"/upload", UploadHandler, {"origins": origins}),
                (r"/template", TemplateHandler),
                (r"/report", ReportHandler),
                (r"/health", HealthHandler),
            ],
            xsrf_cookies=True,
            compress_response=True,
        )
    except OSError as cause:
        raise CannotServe(address, port) from cause
    signal.signal(
        signal.SIGTERM,
        lambda *_: server.io_loop.add_callback_from_signal(server.io_loop.stop),
    )
    server.start()
    print(f"The app serves at http://{address}:{port}", flush=True)
    server.io_loop.start()
    server.stop()
