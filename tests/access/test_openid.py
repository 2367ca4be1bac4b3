"""Signing in through a real OpenID Connect provider, which runs beside the app."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from access.conftest import browser
from capsule_blocks import Ledger
from capsule_flows.accounts import CLIENT, SETTING, Accounts
from capsule_flows.people import add_person, change_account, person
from capsule_panel.entrance import SESSION
from capsule_panel.openid import NotProven, prove
from capsule_panel.serving import make_server
from machine import free_port, until

PEOPLE = (
    {"sub": "ada-1", "email": "Ada@clinic.example", "email_verified": True},
    {"sub": "mallory-1", "email": "ada@clinic.example", "email_verified": False},
    {"sub": "mallory-2", "email": "ada@clinic.example", "email_verified": True},
)


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Run the provider as a process of its own; give its address."""
    port = free_port()
    claims = [word for one in PEOPLE for word in ("--user-claims", json.dumps(one))]
    running = subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "-n", "true", *claims],
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(f"{url}/.well-known/openid-configuration").is_success
        except httpx.TransportError:
            return False

    until(answers, 30, "the provider's answer")
    yield url
    running.terminate()
    running.wait(10)


@pytest.fixture
async def app(here: Ledger, provider: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Serve the app to people whom the provider knows; Ada has an account."""
    add_person(here, "ada@clinic.example", name="Ada", role="expert", by="Eve")
    monkeypatch.setenv(SETTING, provider)
    monkeypatch.setenv(CLIENT, "capsules:secret")
    port = free_port()
    server = make_server(port)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


async def there(client: httpx.AsyncClient, subject: str, page: str = "/") -> str:
    """Go to the provider and say there who one is; return the address of the way back."""
    away = await client.get("/openid", params={"next": page})
    assert away.status_code == 302
    async with httpx.AsyncClient() as elsewhere:
        said = await elsewhere.post(away.headers["location"], data={"sub": subject})
    assert said.status_code == 302, said.text
    return str(said.headers["location"])


async def test_who_has_an_account_comes_in_and_stands_where_she_wanted_to(app: str) -> None:
    async with browser(app) as client:
        assert "Sign in with your organisation" in (await client.get("/login?next=/mine")).text
        answer = await client.get(await there(client, "ada-1", "/mine"))
        assert (answer.status_code, answer.headers["location"]) == (302, "/mine")
        assert (await client.get("/")).status_code == 200


async def test_the_account_belongs_from_then_on_to_whom_it_was_first_proven(
    app: str, ledger: Ledger
) -> None:
    async with browser(app) as client:
        await client.get(await there(client, "ada-1"))
    bound = person(ledger, "ada@clinic.example")
    assert bound is not None
    assert str(bound.subject).endswith(" ada-1")
    async with browser(app) as client:
        refused = await client.get(await there(client, "mallory-2"))
        assert refused.status_code == 403
        assert SESSION not in client.cookies


@pytest.mark.parametrize("subject", ["mallory-1", "stranger@elsewhere.example"])
async def test_an_address_that_is_not_verified_or_not_known_stays_outside(
    app: str, subject: str
) -> None:
    async with browser(app) as client:
        refused = await client.get(await there(client, subject))
        assert refused.status_code == 403
        assert "Ask the author of the model to add you." in refused.text
        assert SESSION not in client.cookies


async def test_a_closed_account_stays_outside(app: str, ledger: Ledger) -> None:
    stands = person(ledger, "ada@clinic.example")
    assert stands is not None
    change_account(ledger, stands, by="Eve", closed=True)
    async with browser(app) as client:
        assert (await client.get(await there(client, "ada-1"))).status_code == 403


async def test_a_way_back_that_another_browser_began_lets_nobody_in(app: str) -> None:
    """Else somebody could have her sign in as himself, and read what she brings."""
    async with browser(app) as mallory:
        back = await there(mallory, "ada-1")
    async with browser(app) as client:
        assert (await client.get(back)).status_code == 400
        await client.get("/openid")
        assert (await client.get(back)).status_code == 400
        assert SESSION not in client.cookies


async def test_a_way_back_serves_once(app: str) -> None:
    async with browser(app) as client:
        back = await there(client, "ada-1")
        assert (await client.get(back)).status_code == 302
        assert (await client.get(back)).status_code == 400


async def test_who_says_no_there_is_told_so_here(app: str) -> None:
    async with browser(app) as client:
        away = await client.get("/openid")
        async with httpx.AsyncClient() as elsewhere:
            said = await elsewhere.post(away.headers["location"], data={"action": "deny"})
        assert (await client.get(said.headers["location"])).status_code == 400


async def test_a_token_for_another_application_or_another_browser_is_not_taken(
    app: str, provider: str
) -> None:
    us = Accounts("openid", provider, "capsules", "secret")
    async with browser(app) as client:
        for asked, who in (({"nonce": "another"}, us), ({}, replace(us, client_id="others"))):
            away = await client.get("/openid")
            query = parse_qs(urlsplit(away.headers["location"]).query)
            async with httpx.AsyncClient() as elsewhere:
                said = await elsewhere.post(away.headers["location"], data={"sub": "ada-1"})
            code = parse_qs(urlsplit(said.headers["location"]).query)["code"][0]
            given = {"nonce": query["nonce"][0], "verifier": "x" * 43, **asked}
            with pytest.raises(NotProven):
                prove(who, f"{app}/openid/back", code, given)


async def test_a_provider_that_does_not_answer_is_one_sentence(
    app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, f"http://127.0.0.1:{free_port()}")
    async with browser(app) as client:
        answer = await client.get("/openid")
        assert answer.status_code == 503
        assert "does not answer" in answer.text


async def test_no_password_lets_anybody_in_beside_the_provider(app: str) -> None:
    async with browser(app) as client:
        assert 'type="password"' not in (await client.get("/login")).text
