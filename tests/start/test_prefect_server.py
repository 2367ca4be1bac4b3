"""The Prefect server is the command `prefect` as it is, but that its loop collects no garbage."""

import subprocess
import sys

ASKED = """
import gc, runpy, sys, threading

def see(name, **_):
    print(name, sys.argv, gc.isenabled(), [one.name for one in threading.enumerate()])

runpy.run_module = see
from capsule_flows import prefect_server
prefect_server.main()
"""


def said(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout


def test_it_is_the_command_prefect() -> None:
    assert said("-m", "capsule_flows.prefect_server", "--version") == said(
        "-m", "prefect", "--version"
    )


def test_garbage_is_collected_in_a_thread_and_not_on_the_loop() -> None:
    told = said("-c", ASKED, "server", "start")
    assert told == "prefect ['prefect', 'server', 'start'] False ['MainThread', 'garbage']\n"
