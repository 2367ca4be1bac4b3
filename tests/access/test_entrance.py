"""Who stands before the door, at a real server: pages, websockets, doors and forms."""

import re
from urllib.parse import urljoin

import httpx
import pytest
from bokeh.util.token import generate_jwt_token, get_token_payload
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from access.conftest import XSRF, browser, sent
from capsule_blocks import Ledger
from capsule_flows.people import add_person, choose_password, invite
from capsule_flows.throttle import TRIES_AN_ACCOUNT
from capsule_panel.entrance import SESSION, SIGN_IN
from capsule_panel.signing_in import NOT_KNOWN

PASSWORD = "seven grey herons"
TOKEN = re.compile(r'"token":"([^"]+)"')
Cookies = dict[str, str | None]


@pytest.fixture
def ada(ledger: Ledger) -> str:
    made = add_person(ledger, "ada@clinic.example", name="Ada Lovelace", role="expert", by="Eve")
    choose_password(ledger, invite(ledger, made, by="Eve"), PASSWORD)
    return made.login


def session_of(answer: httpx.Response) -> str:
    """Return the header that gives the browser its session."""
    return next(one for one in answer.headers.get_list("set-cookie") if one.startswith(SESSION))


async def token_of(client: httpx.AsyncClient, path: str = "/") -> str:
    """Return the token that a page holds."""
    page = await client.get(path)
    found = TOKEN.search(page.text)
    assert found, page.text[:2000]
    return found[1]


async def opened(app: str, token: str, cookie: str | None, origin: str | None = None) -> int:
    """Open a page's websocket; return 101 where it opened, the status where it was refused."""
    request = HTTPRequest(
        app.replace("http", "ws") + "/ws",
        headers={"Origin": origin or app, **({"Cookie": f"{SESSION}={cookie}"} if cookie else {})},
    )
    try:
        connection = await websocket_connect(request, subprotocols=["bokeh", token])
    except HTTPClientError as refused:
        return refused.code
    closed = await connection.read_message() is None
    connection.close()
    return 1000 if closed else 101


async def test_the_right_password_lets_her_in_with_a_cookie_that_no_script_reads(
    app: str, ada: str
) -> None:
    async with browser(app) as client:
        answer = await sent(client, "/login?next=/capsule%3Fname%3Dx", login=ada, password=PASSWORD)
        assert (answer.status_code, answer.headers["location"]) == (302, "/capsule?name=x")
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(session_of(answer).split("; "))
        assert (await client.get("/")).status_code == 200


@pytest.mark.parametrize(("login", "password"), [("ada@clinic.example", "x"), ("nobody", PASSWORD)])
async def test_a_wrong_password_and_an_unknown_login_are_told_alike(
    app: str, ada: str, login: str, password: str
) -> None:
    async with browser(app) as client:
        answer = await sent(client, "/login", login=login, password=password)
        assert answer.status_code == 401
        assert NOT_KNOWN in answer.text
        assert SESSION not in client.cookies


async def test_after_ten_tries_even_the_right_password_waits(app: str, ada: str) -> None:
    async with browser(app) as client:
        for _ in range(TRIES_AN_ACCOUNT):
            await sent(client, "/login", login=ada, password="x")
        answer = await sent(client, "/login", login=ada.upper(), password=PASSWORD)
        assert answer.status_code == 429
        assert "Wait 15 minutes" in answer.text


@pytest.mark.parametrize("path", ["/login", "/logout", "/join/x", "/s/x"])
async def test_a_form_that_another_site_sends_is_refused(app: str, ada: str, path: str) -> None:
    async with browser(app) as client:
        answer = await client.post(path, data={"login": ada, "password": PASSWORD})
        assert answer.status_code == 403
        assert "Open this page again" in answer.text
        assert SESSION not in client.cookies


@pytest.mark.parametrize(
    "asked",
    [
        "https://elsewhere.example",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "javascript:x",
        "x",
    ],
)
async def test_signing_in_never_leads_elsewhere(app: str, ada: str, asked: str) -> None:
    async with browser(app) as client:
        page = await client.get("/login")
        found = XSRF.search(page.text)
        assert found
        answer = await client.post(
            "/login",
            params={"next": asked},
            data={"_xsrf": found[1], "login": ada, "password": PASSWORD},
        )
        assert answer.headers["location"] == "/"


@pytest.mark.parametrize("path", ["/", "/capsule?name=tumor", "/trial?id=x"])
async def test_who_has_not_signed_in_is_sent_to_the_login_and_back(app: str, path: str) -> None:
    async with browser(app) as client:
        answer = await client.get(path)
        there = urljoin(f"{app}{path}", answer.headers["location"])
        assert there.startswith(f"{app}/login?next=%2F")
        assert (await client.get(there)).status_code == 200


async def test_the_way_in_is_found_from_a_nested_address_too(app: str, cookies: Cookies) -> None:
    """Panel makes the redirect relative to the page, which breaks on nested routes."""
    async with browser(app) as client:
        answer = await client.get("/capsule/autoload.js?bokeh-autoload-element=1")
        assert urljoin(str(answer.url), answer.headers["location"]).startswith(f"{app}/login")


@pytest.mark.parametrize("path", ["/", "/capsule"])
@pytest.mark.parametrize("who", ["nobody", "by ended link"])
async def test_no_side_entrance_gives_a_page_to_who_is_not_let_in(
    app: str, cookies: Cookies, path: str, who: str
) -> None:
    base = path.rstrip("/")
    async with browser(app, cookies[who]) as client:
        for side in ("", "/autoload.js?bokeh-autoload-element=1", "/metadata"):
            answer = await client.get(f"{base}{side}" or "/")
            assert answer.status_code == 302, side
            assert "token" not in answer.text


async def test_nobodys_websocket_is_refused_before_it_opens(app: str, cookies: Cookies) -> None:
    async with browser(app, cookies["author"]) as client:
        token = await token_of(client)
    assert await opened(app, token, cookies["author"]) == 101
    assert await opened(app, token, None) == 403
    assert await opened(app, token, "guessed") == 403


async def test_a_pages_websocket_opens_to_whom_the_page_was_made_for_alone(
    app: str, cookies: Cookies
) -> None:
    async with browser(app, cookies["author"]) as client:
        token = await token_of(client)
    assert await opened(app, token, cookies["expert, shared"]) == 403


async def test_a_token_that_somebody_made_up_opens_no_page(app: str, cookies: Cookies) -> None:
    """Unsigned, a visitor could write into her page's token that she is the author."""
    async with browser(app, cookies["expert, shared"]) as client:
        payload = get_token_payload(await token_of(client))
    made_up = generate_jwt_token(
        "chosen",
        signed=False,
        extra_payload={name: payload[name] for name in ("cookies", "headers")},
    )
    assert await opened(app, made_up, cookies["expert, shared"]) == 1000


async def test_another_site_cannot_open_her_websocket(app: str, cookies: Cookies) -> None:
    async with browser(app, cookies["author"]) as client:
        token = await token_of(client)
    origin = "https://elsewhere.example"
    assert await opened(app, token, cookies["author"], origin) == 403


@pytest.mark.parametrize("asked", ["bokeh-session-id=abc", "bokeh-token=abc"])
async def test_nobody_asks_for_anothers_session_by_its_id(
    app: str, cookies: Cookies, asked: str
) -> None:
    async with browser(app, cookies["expert, shared"]) as client:
        assert (await client.get(f"/?{asked}")).status_code == 302


async def test_the_cookie_that_lets_her_in_is_nowhere_in_the_page(
    app: str, cookies: Cookies
) -> None:
    """Bokeh copies a page's cookies and headers into a token in its HTML, where a script could read it."""
    cookie = cookies["expert, shared"]
    assert cookie
    async with browser(app, cookie) as client:
        page = await client.get("/")
        found = TOKEN.search(page.text)
        assert found
        payload = get_token_payload(found[1])
    assert cookie not in page.text
    assert cookie not in str(payload)
    assert set(payload["cookies"]) == {SIGN_IN, "capsules_name"}


async def test_who_she_is_is_never_taken_from_her_browser(app: str, cookies: Cookies) -> None:
    async with browser(app, cookies["expert, shared"]) as client:
        mine = get_token_payload(await token_of(client))["cookies"]
        client.cookies.set(SIGN_IN, "00000000-0000-4000-8000-000000000000")
        client.cookies.set("capsules_name", "Eve")
        assert get_token_payload(await token_of(client))["cookies"] == mine
        assert mine["capsules_name"] == "Ada"


async def test_signing_out_ends_the_cookie_for_whoever_has_a_copy(
    app: str, cookies: Cookies
) -> None:
    cookie = cookies["expert, shared"]
    async with browser(app, cookie) as client:
        assert (await client.get("/logout")).status_code == 200
        assert (await client.get("/")).status_code == 200
        assert "You are signed out" in (await sent(client, "/logout")).text
    async with browser(app, cookie) as client:
        assert (await client.get("/")).status_code == 302


async def test_the_pages_outside_ask_nothing_of_anybody_else(app: str) -> None:
    async with browser(app) as client:
        page = await client.get("/login")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert re.findall(r"(?:src|href)=\"(?!/)", page.text) == []
    assert "<script" not in page.text
