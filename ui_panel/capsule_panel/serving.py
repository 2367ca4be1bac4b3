"""The server: pages and plain doors on one port, and who may come in."""

import signal
from collections.abc import Callable, Mapping
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from tornado.routing import Rule

import panel as pn
from capsule_flows.accounts import LOOPBACK as LOOPBACK_NAMES
from capsule_flows.accounts import Accounts, accounts, public_url
from capsule_flows.credential import app_secret
from capsule_flows.home import folder
from capsule_flows.suites import make_ready
from capsule_flows.throttle import Throttle
from capsule_panel.entrance import SESSION, Entrance
from capsule_panel.files import CasesHandler, ComparedHandler, FileHandler
from capsule_panel.host import ForeignHost, WrongHostHandler
from capsule_panel.invited import InvitationHandler, LinkHandler
from capsule_panel.openid import ON_THE_WAY, OpenIdBackHandler, OpenIdHandler
from capsule_panel.pages import author, capsule, compare, listing, make, mine, trial
from capsule_panel.report_door import ReportHandler
from capsule_panel.signing_in import LoginHandler, LogoutHandler
from capsule_panel.upload import HealthHandler, TemplateHandler, UploadHandler

LOOPBACK = "127.0.0.1"
PAGES: Mapping[str, tuple[str, Callable[[], Any]]] = {
    "/": ("Capsules", listing.view),
    "/capsule": ("Capsule", capsule.view),
    "/trial": ("Trial", trial.view),
    "/mine": ("My cases", mine.view),
    "/compare": ("Two trials", compare.view),
    "/author": ("For authors", author.view),
    "/make": ("Make a capsule", make.view),
}
"""Each page's title and what makes it."""


class CannotServe(Exception):
    """The app cannot be reached where it was asked to be."""


def serve(port: int, address: str = LOOPBACK) -> None:
    """Serve until the process is told to stop; print one line once pages can be opened.

    Raises:
        CannotServe: the port or the address cannot be had, or would be open to everybody.
        AccountsUnusable: the setting that says who comes in cannot be used.
    """
    if address not in {LOOPBACK, "localhost"} and not accounts().needed:
        raise CannotServe(
            f"At {address} others would reach the app without signing in."
            " Set CAPSULES_ACCOUNTS to `passwords` or to your OpenID Connect provider first."
        )
    try:
        server = make_server(port, address)
    except OSError as cause:
        raise CannotServe(
            f"The app cannot listen at {address}:{port}. Stop what uses this port, or choose"
            " another with --port."
        ) from cause
    signal.signal(
        signal.SIGTERM,
        lambda *_: server.io_loop.add_callback_from_signal(server.io_loop.stop),
    )
    server.start()
    # Nobody's first file waits for the check to be imported.
    Thread(target=make_ready, daemon=True).start()
    print(f"The app serves at http://{address}:{port}", flush=True)
    server.io_loop.start()
    server.stop()


def make_server(port: int, address: str = LOOPBACK) -> Any:
    """Return the server, listening but not serving yet."""
    pn.extension("tabulator", reconnect=True, notifications=False)
    who, outside = accounts(), public_url()
    origins = {f"{host}:{port}" for host in (address, LOOPBACK, "localhost")}
    if outside:
        origins.add(urlsplit(outside).netloc)
    server = pn.io.server.get_server(
        {path: view for path, (_, view) in PAGES.items()},
        port=port,
        address=address,
        websocket_origin=sorted(origins),
        title={path: title for path, (title, _) in PAGES.items()},
        extra_patterns=[
            (r"/upload", UploadHandler, {"origins": origins}),
            (r"/template", TemplateHandler),
            (r"/report", ReportHandler),
            (r"/file", FileHandler),
            (r"/cases", CasesHandler),
            (r"/compared", ComparedHandler),
            (r"/health", HealthHandler),
            *(_ways_in(who, outside or f"http://{LOOPBACK}:{port}") if who.needed else []),
        ],
        xsrf_cookies=True,
        compress_response=True,
        **(_closed(outside) if who.needed else {}),
    )
    if not who.needed:
        rule = Rule(ForeignHost({address, *LOOPBACK_NAMES}), WrongHostHandler)
        # Bokeh hands its application out under no other name.
        server._tornado.default_router.rules.insert(0, rule)  # noqa: SLF001
    return server


def _ways_in(who: Accounts, url: str) -> list[tuple[Any, ...]]:
    ways: list[tuple[Any, ...]] = [
        (r"/login", LoginHandler, {"throttle": Throttle()}),
        (r"/logout", LogoutHandler),
        (r"/join/([\w-]{1,100})", InvitationHandler),
        (r"/s/([\w-]{1,100})", LinkHandler),
    ]
    if who.kind == "openid":
        back = {"back": f"{url}/openid/back"}
        ways += [(r"/openid", OpenIdHandler, back), (r"/openid/back", OpenIdBackHandler, back)]
    return ways


def _closed(outside: str | None) -> dict[str, Any]:
    secret = app_secret(folder())
    return {
        "auth_provider": Entrance(),
        # What a page's token says of who is here is believed, so nobody else may write one.
        "sign_sessions": True,
        "secret_key": secret.encode(),
        "cookie_secret": secret,
        "exclude_cookies": [SESSION, ON_THE_WAY, "_xsrf"],
        # Where no cookie is left to be told, the server would tell this header whole.
        "exclude_headers": ["Cookie", "Authorization"],
        "xsrf_cookie_kwargs": {
            "httponly": True,
            "samesite": "Lax",
            "secure": (outside or "").startswith("https:"),
        },
        # Behind a proxy, the address that is counted is the visitor's, as the proxy gives it.
        "use_xheaders": outside is not None,
    }
