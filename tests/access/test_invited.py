"""Coming in by what somebody sent: an invitation, a link; at a real server."""

from datetime import timedelta

from access.conftest import SOON, browser, sent
from capsule_blocks import Ledger
from capsule_blocks.tables import now
from capsule_flows.people import add_person, by_password, invite
from capsule_flows.sharing import open_to, revoke, share_by_link
from capsule_flows.sign_ins import sign_in_of, visitor_of
from capsule_panel.entrance import SESSION

Cookies = dict[str, str | None]


async def test_an_invitation_asks_for_a_password_and_lets_her_in_once(
    app: str, ledger: Ledger
) -> None:
    token = invite(ledger, add_person(ledger, "ada", name="Ada", role="expert", by="e"), by="e")
    async with browser(app) as client:
        assert "at least 12" in (await sent(client, f"/join/{token}", password="short")).text
        answer = await sent(client, f"/join/{token}", password="seven grey herons")
        assert (answer.status_code, answer.headers["location"]) == (302, "/")
        assert (await client.get(f"/join/{token}")).status_code == 410
    assert by_password(ledger, "ada", "seven grey herons") is not None


async def test_a_link_asks_for_a_name_and_opens_the_capsule_in_this_browser(
    app: str, ledger: Ledger
) -> None:
    _, token = share_by_link(ledger, "tumor", until=SOON, by="Eve")
    async with browser(app) as client:
        page = await client.get(f"/s/{token}")
        assert "Eve" in page.text
        assert "refused files too" in page.text
        assert (await sent(client, f"/s/{token}", name=" ")).status_code == 200
        answer = await sent(client, f"/s/{token}", name="Ada <b>")
        assert answer.headers["location"] == "/capsule?name=tumor"
        found = sign_in_of(ledger, client.cookies[SESSION])
        assert found is not None
        visitor = visitor_of(ledger, found)
        assert visitor is not None
        assert visitor.name == "Ada <b> (by link)"
        # Coming back by the same link, she goes straight on.
        assert (await client.get(f"/s/{token}")).headers["location"] == "/capsule?name=tumor"
        assert "<b> (by link)" not in (await client.get("/logout")).text


async def test_a_second_link_opens_beside_the_first(app: str, ledger: Ledger) -> None:
    _, first = share_by_link(ledger, "tumor", until=SOON, by="Eve")
    _, second = share_by_link(ledger, "bones", until=SOON, by="Eve")
    async with browser(app) as client:
        await sent(client, f"/s/{first}", name="Ada")
        cookie = client.cookies[SESSION]
        await sent(client, f"/s/{second}")
        assert client.cookies[SESSION] == cookie
    found = sign_in_of(ledger, cookie)
    assert found is not None
    visitor = visitor_of(ledger, found)
    assert visitor is not None
    assert set(visitor.lent or {}) == {"tumor", "bones"}


async def test_a_person_with_an_account_takes_a_link_up(
    app: str, ledger: Ledger, cookies: Cookies
) -> None:
    _, token = share_by_link(ledger, "tumor", until=SOON, by="Eve")
    async with browser(app, cookies["expert, not shared"]) as client:
        assert "Open it as Ben" in (await client.get(f"/s/{token}")).text
        await sent(client, f"/s/{token}")
    assert [one.capsule for one in open_to(ledger, "ben")] == ["tumor"]


async def test_an_ended_link_says_so_with_its_day_and_lets_nobody_in(
    app: str, ledger: Ledger
) -> None:
    _, past = share_by_link(ledger, "tumor", until=now() - timedelta(days=1), by="Eve")
    share, taken = share_by_link(ledger, "tumor", until=SOON, by="Eve")
    async with browser(app) as client:
        await sent(client, f"/s/{taken}", name="Ada")
        revoke(ledger, share, by="Eve")
        for path, said in ((f"/s/{past}", "was open until"), (f"/s/{taken}", "was taken back")):
            page = await client.get(path)
            assert page.status_code == 410
            assert said in page.text
            assert "Ask Eve for another" in page.text
        # Whoever came by it before is told the same, wherever she goes on.
        assert (await client.get("/")).status_code == 302
        assert "was taken back" in (await client.get("/login")).text


async def test_a_link_that_is_none_opens_nothing(app: str) -> None:
    async with browser(app) as client:
        assert (await client.get("/s/guessed")).status_code == 404
