"""A start's Prefect API answers those who hold the start's credential, and nobody else."""

import asyncio
import json
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page
from prefect.events.clients import get_events_subscriber
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from capsule_flows.planning import plan_start
from e2e.conftest import Started


@pytest.fixture
def judged(started: Started) -> str:
    """The id of a judged trial, so that every part of the start has talked to the server."""
    run = submitted(started)
    assert started.settled(run)["kind"] == "judged"
    return run


def submitted(started: Started) -> str:
    """Submit a trial; return its id."""
    asked = {"parameters": {"cases": "example", "settings": {"threshold": 0.5}}}
    deployment = started.get("/deployments/name/tumor_malignancy/trial")
    return str(started.post(f"/deployments/{deployment['id']}/create_flow_run", asked)["id"])


@pytest.mark.parametrize("auth", [None, ("capsules", ""), ("capsules", "guessed")])
def test_without_the_credential_the_api_answers_nothing(
    started: Started, auth: tuple[str, str] | None
) -> None:
    url = f"{started.api}/flow_runs/filter"
    assert httpx.post(url, json={}, auth=auth, timeout=30).status_code == 401
    assert started.ask("POST", "/flow_runs/filter", {}).status_code == 200


async def test_events_come_with_the_credential_alone(started: Started) -> None:
    stream = started.api.replace("http", "ws", 1) + "/events/out"
    async with connect(stream, subprotocols=[Subprotocol("prefect")]) as socket:
        await socket.send(json.dumps({"type": "auth", "token": "guessed"}))
        with pytest.raises(ConnectionClosed, match="Invalid token"):
            await socket.recv()
    settings = {PREFECT_API_URL: started.api, PREFECT_API_AUTH_STRING: started.credential}
    with temporary_settings(settings):
        async with get_events_subscriber() as events, asyncio.timeout(120):
            run = await asyncio.to_thread(submitted, started)
            async for event in events:
                if event.resource.id == f"prefect.flow-run.{run}":
                    break


def test_only_the_user_can_read_where_it_is_kept(started: Started) -> None:
    for name in ("prefect-credential", "profiles.toml"):
        assert stat.S_IMODE((started.home / name).stat().st_mode) == 0o600


def test_no_command_line_and_no_log_tells_it(started: Started, judged: str) -> None:
    secret = started.credential.partition(":")[2].encode()
    assert len(secret) > 40
    lines = list(command_lines())
    assert any(str(started.api_port).encode() in line for line in lines)
    assert [line for line in lines if secret in line] == []
    logs = [started.home / "up.log", *(started.home / "logs").iterdir()]
    assert [file.name for file in logs if secret in file.read_bytes()] == []
    body = {"logs": {"flow_run_id": {"any_": [judged]}}, "limit": 200}
    assert secret.decode() not in str(started.post("/logs/filter", body))


def test_a_later_start_keeps_it_and_takes_it_from_others_who_could_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAPSULES_HOME", str(tmp_path))
    first = plan_start(api_port=0, app_port=0, with_docker=False)
    kept = tmp_path / "prefect-credential"
    kept.chmod(0o644)
    second = plan_start(api_port=0, app_port=0, with_docker=False)
    assert first.credential == second.credential == kept.read_text().strip()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert first.credential not in repr(first)


def test_a_credential_for_another_server_does_not_stand_in_the_way(started: Started) -> None:
    started.extra["PREFECT_API_AUTH_STRING"] = "somebody:else"
    try:
        assert started.json("trials") is not None
        started.extra["PREFECT_API_URL"] = started.api
        assert "does not take this credential" in started.capsules("trials", code=4, told=True)
        del started.extra["PREFECT_API_AUTH_STRING"]
        assert started.json("trials") is not None
    finally:
        started.extra.clear()


def test_only_the_server_learns_what_is_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAPSULES_HOME", str(tmp_path))
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_USER", "x")
    monkeypatch.setenv("PREFECT_API_DATABASE_PASSWORD", "y")
    plan = plan_start(api_port=0, app_port=0, with_docker=False)
    own = plan.server_environment().keys() - plan.environment().keys()
    assert own == {
        "PREFECT_SERVER_API_AUTH_STRING",
        "PREFECT_SERVER_DATABASE_USER",
        "PREFECT_API_DATABASE_PASSWORD",
        "PREFECT_SERVER_UI_STATIC_DIRECTORY",
    }


@pytest.mark.browser
def test_prefects_page_of_a_trial_asks_once_and_then_opens(
    started: Started, judged: str, page: Page
) -> None:
    address = f"http://127.0.0.1:{started.api_port}/v2/runs/flow-run/{judged}"
    name = started.get(f"/flow_runs/{judged}")["name"]
    page.goto(address)
    page.get_by_role("textbox").fill(started.credential)
    page.keyboard.press("Enter")
    page.get_by_text(name).first.wait_for()
    page.goto(address)
    page.get_by_text(name).first.wait_for()


def command_lines() -> Iterator[bytes]:
    """Give the command line of every process of this machine."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int(entry.name) != os.getpid():
                yield (entry / "cmdline").read_bytes()
