"""A ledger of the tests' own, the real server on a port of its own, and people who come to it."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from capsule_blocks import Ledger
from capsule_blocks.tables import now
from capsule_flows.accounts import APP_URL, CLIENT, SETTING
from capsule_flows.home import Resources
from capsule_flows.people import add_person
from capsule_flows.sharing import share_by_link, share_with
from capsule_flows.sign_ins import sign_in, sign_in_by_link
from capsule_panel import (
    access,
    entrance,
    files,
    frame,
    invited,
    openid,
    report_door,
    signing_in,
    upload,
)
from capsule_panel.entrance import SESSION
from capsule_panel.serving import make_server
from machine import free_port

XSRF = re.compile(r'name="_xsrf" value="([^"]+)"')
SOON = now() + timedelta(days=1)


@pytest.fixture
def here(resources: Resources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Have the app use this ledger and this store, in a home of its own, with nothing set."""
    for module in (
        access,
        entrance,
        files,
        frame,
        invited,
        openid,
        report_door,
        signing_in,
        upload,
    ):
        monkeypatch.setattr(module, "control", lambda: resources, raising=False)
    monkeypatch.setenv("CAPSULES_HOME", str(tmp_path))
    for name in (SETTING, CLIENT, APP_URL):
        monkeypatch.delenv(name, raising=False)
    return resources.ledger


@pytest.fixture
async def app(here: Ledger, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Serve the app to people with passwords; give its address."""
    monkeypatch.setenv(SETTING, "passwords")
    port = free_port()
    server = make_server(port)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def cookies(ledger: Ledger) -> dict[str, str | None]:
    """Give the cookie of each kind of visitor to the capsule `tumor`."""
    eve = add_person(ledger, "eve", name="Eve", role="author", by="test")
    ada = add_person(ledger, "ada", name="Ada", role="expert", by="test")
    ben = add_person(ledger, "ben", name="Ben", role="expert", by="test")
    share_with(ledger, "tumor", "ada", until=SOON, by="eve")
    link, _ = share_by_link(ledger, "tumor", until=SOON, by="eve")
    ended, _ = share_by_link(ledger, "tumor", until=now(), by="eve")
    return {
        "author": sign_in(ledger, eve)[1],
        "expert, shared": sign_in(ledger, ada)[1],
        "expert, not shared": sign_in(ledger, ben)[1],
        "by link": sign_in_by_link(ledger, link, "Cy")[1],
        "by ended link": sign_in_by_link(ledger, ended, "Di")[1],
        "nobody": None,
    }


def browser(app: str, cookie: str | None = None) -> httpx.AsyncClient:
    """Return a browser, with a cookie where somebody has come in with it."""
    return httpx.AsyncClient(
        base_url=app,
        headers={"Origin": app},
        cookies={SESSION: cookie} if cookie else {},
        follow_redirects=False,
        timeout=60,
    )


async def sent(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    """Open a page with a form, fill it and send it."""
    page = await client.get(path)
    found = XSRF.search(page.text)
    assert found, page.text
    return await client.post(path, data={"_xsrf": found[1], **fields})
