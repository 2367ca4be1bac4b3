"""A command finds the start of its folder, and gives the credential to no other server."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from capsule_flows.credential import make_credential
from capsule_flows.home import STATE_FILE, set_environment

API = "http://127.0.0.1:4321/api"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a start, with its credential."""
    environment = {"CAPSULES_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    monkeypatch.setattr(os, "environ", environment)
    make_credential(tmp_path)
    return tmp_path


def written_by(pid: int, home: Path) -> None:
    state = {"api_url": API, "app_url": "http://127.0.0.1:5432", "pid": pid}
    (home / STATE_FILE).write_text(json.dumps(state))


def test_the_running_start_is_found_with_its_credential(home: Path) -> None:
    written_by(os.getpid(), home)
    os.environ["PREFECT_API_AUTH_STRING"] = "another:server's"
    set_environment()
    assert os.environ["PREFECT_API_URL"] == API
    assert os.environ["PREFECT_API_AUTH_STRING"] == make_credential(home)
    assert os.environ["PREFECT_HOME"] == str(home / "prefect")


def test_what_a_killed_start_left_is_no_address_for_the_credential(home: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    written_by(ended.pid, home)
    set_environment()
    assert "PREFECT_API_URL" not in os.environ
    assert "PREFECT_API_AUTH_STRING" not in os.environ


@pytest.mark.parametrize("own", [None, "their:own"])
def test_another_servers_address_gets_the_credential_set_beside_it_alone(
    home: Path, own: str | None
) -> None:
    written_by(os.getpid(), home)
    os.environ["PREFECT_API_URL"] = "https://prefect.example/api"
    if own:
        os.environ["PREFECT_API_AUTH_STRING"] = own
    set_environment()
    assert os.environ["PREFECT_API_URL"] == "https://prefect.example/api"
    assert os.environ.get("PREFECT_API_AUTH_STRING") == own


def test_this_starts_address_set_by_hand_gets_its_credential(home: Path) -> None:
    written_by(os.getpid(), home)
    os.environ["PREFECT_API_URL"] = API
    set_environment()
    assert os.environ["PREFECT_API_AUTH_STRING"] == make_credential(home)
