"""A start of the product for one measurement: `capsules up` in a folder and on ports of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).parents[1]
START_WITHIN_S = 600.0
STOP_WITHIN_S = 60.0
SERVING = "Serving until"


@contextmanager
def everything_running(home: Path, **environment: str) -> Iterator[None]:
    """Hold a start whose state is in `home`; this process then talks to it, and to no other.

    `environment` is what this start is set up with beside what this process has.
    """
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]
    os.environ["CAPSULES_HOME"] = str(home)
    ports = ["--api-port", str(free_port()), "--app-port", str(free_port())]
    log = home / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "capsule_flows.commands", "up", *ports],
            cwd=PROJECT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        _wait_serving(process, log)
        from capsule_flows.home import set_environment

        set_environment()
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=STOP_WITHIN_S)


def _wait_serving(process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_WITHIN_S
    while SERVING not in log.read_text():
        if process.poll() is not None or time.monotonic() > until:
            message = f"`capsules up` did not come to serve:\n{log.read_text()}"
            raise SystemExit(message)
        time.sleep(0.2)


def free_port() -> int:
    """Return a loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
