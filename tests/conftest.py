"""What tests may need of the machine: a Docker engine or a browser, skipped with the reason where absent."""

import os

import pytest

from capsule_flows.engine import docker_answers
from machine import browser_path


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks."""
    config.addinivalue_line("markers", "docker: needs a Docker engine")
    config.addinivalue_line("markers", "browser: needs Chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run, unless it is required to."""
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
