"""What tests may need of the machine: Docker, a browser, PostgreSQL, S3, MLflow; skipped with the reason where absent."""

import contextvars
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from capsule_flows.engine import docker_answers
from capsule_flows.home import Resources
from machine import FAULT_SEED, browser_path
from private_mlflow import MlflowHere, environment, private_mlflow
from private_postgres import PostgresServer, binaries, private_postgres
from private_s3 import S3Server, lacking, private_s3

END_TO_END = "tests/e2e/"
"""These tests share one start, and wait more than they compute."""
MOST_PROCESSES = 4

if TYPE_CHECKING:
    from capsule_blocks import Ledger
# What imports Prefect is imported by the fixtures: pure tests start without it, in a third of the time.


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks."""
    config.addinivalue_line("markers", "docker: needs a Docker engine")
    config.addinivalue_line("markers", "browser: needs Chromium")
    # Every process of a run draws the same faults.
    os.environ.setdefault(FAULT_SEED, str(SystemRandom().randrange(1 << 32)))
    # On a busy machine an example takes long now and then, which says nothing of the code.
    settings.register_profile("ours", deadline=None)
    settings.load_profile("ours")
    # Where a shell started us in the background, all that we start would ignore Ctrl-C too.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Run two processes of tests, more where there are cores for them."""
    return min(max(os.cpu_count() or 1, 2), MOST_PROCESSES)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep in one process what shares a start, and else what stands in a file."""
    from xdist.scheduler import LoadScopeScheduling

    class ByStart(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", maxsplit=1)[0]
            return END_TO_END if file.startswith(END_TO_END) else file

    config.option.loadscopereorder = False
    return ByStart(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run, unless it is required to; what takes longest comes first."""
    items.sort(key=lambda item: not item.nodeid.startswith(END_TO_END))
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


@pytest.fixture(scope="session")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowHere]:
    """An MLflow server of the tests' own, with registered models."""
    python = environment(tmp_path_factory.mktemp("mlflow-environment"))
    if isinstance(python, str):
        if os.environ.get("CAPSULES_REQUIRE_MLFLOW") == "1":
            pytest.fail(python)
        pytest.skip(python)
    with private_mlflow(python, tmp_path_factory.mktemp("mlflow")) as server:
        yield server


@pytest.fixture(scope="session")
def freesolv() -> Iterator[Path]:
    """The package with the chemist's data, unpacked; skipped where no registry of packages is reached."""
    with unpacked("hydration_free_energy") as package:
        yield package


@pytest.fixture(scope="session")
def pbmc() -> Iterator[Path]:
    """The package with the cell biologist's data, unpacked; skipped likewise."""
    with unpacked("cell_type") as package:
        yield package


@contextmanager
def unpacked(capsule: str) -> Iterator[Path]:
    """Hold the package with an example's data."""
    from capsule_kit import NoDataPackage, data_package

    try:
        with data_package(Path(__file__).parents[1] / "capsules" / capsule / "data.txt") as package:
            yield package
    except NoDataPackage as cause:
        if os.environ.get("CAPSULES_REQUIRE_DATA") == "1":
            pytest.fail(str(cause))
        pytest.skip(str(cause))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger on SQLite, migrated once, to be copied."""
    from capsule_blocks import Ledger

    path = tmp_path_factory.mktemp("migrated") / "ledger.db"
    made = Ledger(url=f"sqlite:///{path}")
    made.migrate()
    made.close()
    return path


@pytest.fixture
def ledger(migrated: Path, tmp_path: Path) -> Iterator["Ledger"]:
    """An empty ledger of the test's own."""
    from capsule_blocks import Ledger

    made = Ledger(url=f"sqlite:///{shutil.copy(migrated, tmp_path / 'ledger.db')}")
    yield made
    made.close()


@pytest.fixture
def resources(ledger: "Ledger", tmp_path: Path) -> Resources:
    """An empty ledger and an empty store of the test's own."""
    from capsule_blocks import CaseStore

    return Resources(CaseStore(root=tmp_path / "store"), ledger, "http://app", "http://prefect")


@pytest.fixture(scope="session")
def prefect_url() -> Iterator[str]:
    """The address of a Prefect server, started once: that takes 13 s."""
    from prefect.settings import PREFECT_API_URL
    from prefect.testing.utilities import prefect_test_harness

    # Beside the tests' own settings, which are to know nothing of it unless they ask.
    beside = contextvars.copy_context()
    server = prefect_test_harness(server_startup_timeout=180)
    beside.run(server.__enter__)
    yield str(beside.run(PREFECT_API_URL.value))
    beside.run(server.__exit__, None, None, None)


@pytest.fixture
def prefect(prefect_url: str) -> Iterator[None]:
    """Have this test talk to that server."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from capsule_flows.prefect_api import prefect_api

    with temporary_settings({PREFECT_API_URL: prefect_url}):
        yield
    prefect_api.cache_clear()
