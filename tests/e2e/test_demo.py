"""`capsules demo --once` from nothing, and what a start says of what stands in its way."""

import os
import socket
import subprocess
import sys
from pathlib import Path

from e2e.conftest import PROJECT, Started, free_port

NO_ENGINE = "unix:///nowhere/docker.sock"


def capsules(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command `capsules` with a home of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return subprocess.run(
        [sys.executable, "-m", "capsule_flows.commands", *words],
        cwd=PROJECT,
        env={**kept, "CAPSULES_HOME": str(home), **more},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


def test_without_an_engine_the_demo_says_so_and_judges_the_example(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ports = ["--api-port", str(free_port()), "--app-port", str(free_port())]
    done = capsules(home, "demo", "--once", *ports, DOCKER_HOST=NO_ENGINE)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert said.count("No Docker engine answers") == 1
    assert "Judged: It agreed with you on" in said
    assert "/trial?id=" in said
    assert not (home / "up.json").exists()


def test_a_second_start_beside_a_running_one_is_refused_with_its_address(started: Started) -> None:
    ports = ["--api-port", str(free_port()), "--app-port", str(free_port())]
    done = capsules(started.home, "up", *ports)
    assert done.returncode not in (0, None)
    assert done.stderr.strip().splitlines() == [done.stderr.strip()]
    assert "running already" in done.stderr
    assert started.app in done.stderr


def test_a_taken_port_is_refused_naming_it_and_the_option(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        for option in ("--api-port", "--app-port"):
            rest = {"--api-port", "--app-port"} - {option}
            words = [option, port, rest.pop(), str(free_port())]
            done = capsules(tmp_path / "home", "up", *words, DOCKER_HOST="unix:///nowhere.sock")
            assert done.returncode not in (0, None)
            last = done.stderr.strip().splitlines()[-1]
            assert f"Port {port}" in last
            assert option in last
