"""What tests may need of the machine: Docker, a browser, PostgreSQL, S3; skipped with the reason where absent."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from capsule_flows.engine import docker_answers
from machine import browser_path
from private_postgres import PostgresServer, binaries, private_postgres
from private_s3 import S3Server, lacking, private_s3

END_TO_END = Path(__file__).parent / "e2e"
MOST_PROCESSES = 4


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks."""
    config.addinivalue_line("markers", "docker: needs a Docker engine")
    config.addinivalue_line("markers", "browser: needs Chromium")
    # Where a shell started us in the background, all that we start would ignore Ctrl-C too.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers() -> int:
    """Run two processes of tests, more where there are cores for them."""
    return min(max(os.cpu_count() or 1, 2), MOST_PROCESSES)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run, unless it is required to; say which tests stay in one process.

    End-to-end tests share one start, take longest and wait most, so they begin first in a process of
    their own; of the others a file stays together, for what its tests share.
    """
    items.sort(key=lambda item: item.path.parent != END_TO_END)
    for item in items:
        alone = item.path.parent != END_TO_END
        item.add_marker(pytest.mark.xdist_group(item.path.stem if alone else "end to end"))
    lacking = {
        "docker": None
        if os.environ.get("CAPSULES_REQUIRE_DOCKER") == "1" or docker_answers()
        else "no Docker engine answers here",
        "browser": None
        if os.environ.get("CAPSULES_REQUIRE_BROWSER") == "1" or browser_path()
        else "there is no Chromium here",
    }
    for item in items:
        for mark, reason in lacking.items():
            if reason and item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of the tests' own."""
    programs = binaries()
    if programs is None:
        reason = "there is no PostgreSQL here (initdb is not found)"
        if os.environ.get("CAPSULES_REQUIRE_POSTGRES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with private_postgres(programs) as server:
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """An S3 server of the tests' own."""
    reason = lacking()
    if reason:
        if os.environ.get("CAPSULES_REQUIRE_S3") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with private_s3() as server:
        yield server
