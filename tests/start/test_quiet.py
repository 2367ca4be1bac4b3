"""Nothing that the product stands on phones home, unless the person who starts it says so."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
PREFECT = """
from capsule_flows.home import set_environment
set_environment()
from prefect.analytics import is_telemetry_enabled
from prefect.settings import get_current_settings
told = {"client": is_telemetry_enabled(), "server": get_current_settings().server.analytics_enabled}
"""
CHECK = """
from capsule_flows.checking import check
from checks.contracts import CONTRACT, table
told["refuses"] = [one.mistake for one in check(table(radius=["400", "9", "12"]), CONTRACT).findings]
"""
WATCHED = """
import json, sys
reached = []
def watch(event, facts):
    if event in ("socket.connect", "socket.getaddrinfo"):
        reached.append(repr(facts))
sys.addaudithook(watch)
{program}
print(json.dumps({{**told, "reached": reached}}))
"""


def told_by(program: str, home: Path, **said: str) -> dict[str, Any]:
    """Return what a process of its own tells of Prefect's settings, and whom it tried to reach."""
    # Prefect sends nothing where it takes the machine for a CI's; this one is a person's.
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "CAPSULES_HOME": str(home),
        **said,
    }
    done = subprocess.run(
        [sys.executable, "-c", WATCHED.format(program=program)],
        cwd=TESTS,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_neither_prefect_nor_great_expectations_asks_anybody_while_a_table_is_checked(
    tmp_path: Path,
) -> None:
    told = told_by(PREFECT + CHECK, tmp_path)
    assert told == {"client": False, "server": False, "refuses": ["bounds"], "reached": []}


def test_whoever_wants_to_be_counted_says_so(tmp_path: Path) -> None:
    said = {"DO_NOT_TRACK": "0", "PREFECT_SERVER_ANALYTICS_ENABLED": "true"}
    told = told_by(PREFECT, tmp_path, **said)
    assert (told["client"], told["server"]) == (True, True)
