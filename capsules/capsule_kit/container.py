"""Process 1 of a container: makes everything ready, then runs exactly one flow run and ends.

Run as `python -m capsule_kit.container`. Standard input brings JSON lines: first the flow run,
later perhaps the wish to stop. Its end before a flow run came means that nobody will send one.
Standard output says, as a JSON line, that the container is ready; all else goes to standard error.
"""

import gc
import json
import os
import sys
import threading
import time
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

from capsule_kit import model_link
from capsule_kit.api_door import serve_api_door
from capsule_kit.handing_over import hand_over
from capsule_kit.models import of_text
from capsule_kit.starting import WORK_VARIABLE

ENTRYPOINT_VARIABLE = "CAPSULE_ENTRYPOINT"
"""Module path of the flow, as the deployment has it."""
MODULE_VARIABLE = "CAPSULE_MODULE"
"""The author's model, as `models.as_text` writes it; empty for a flow that is no capsule."""
KIT_USER_VARIABLE = "CAPSULE_KIT_USER"
"""Number of the user that the flow runs as."""
MODEL_USER_VARIABLE = "CAPSULE_MODEL_USER"
"""Number of the user that the model runs as."""
DOOR_VARIABLE = "CAPSULE_API_DOOR"
"""The Unix socket behind which the Prefect API is; unset where the container has a network."""
READY = "ready"
STOP = "stop"


class Orders:
    """What the worker sends on standard input: one flow run, and perhaps a stop."""

    def __init__(self, lines: IO[str]) -> None:
        self._lines = lines
        self._first: SimpleQueue[dict[str, Any]] = SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def wait(self) -> dict[str, Any]:
        """Return the flow run to be run, once it is sent."""
        return self._first.get()

    def _listen(self) -> None:
        line = self._lines.readline()
        if not line.strip():
            os._exit(0)
        self._first.put(json.loads(line))
        for later in self._lines:
            if json.loads(later).get("op") == STOP:
                _stop()


def _stop() -> None:
    """Keep what the model has written so far, and end at once, whatever it is doing."""
    work, results = os.environ.get(WORK_VARIABLE), os.environ.get("CAPSULE_RESULTS")
    try:
        if work and results:
            hand_over(Path(work, "files"), Path(results, "files"))
    finally:
        os._exit(0)


def part_users() -> None:
    """Give up every right that this process began with, for good.

    Starting as root it may only change users; having done so it may do nothing any more.
    """
    number = os.environ.get(KIT_USER_VARIABLE)
    if number is None or os.geteuid() != 0:
        return
    user = int(number)
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def main() -> int:
    """Make ready, wait for the flow run, run it; return the exit code."""
    # Imports leave nothing to collect, and looking through them takes a seventh of their time.
    gc.disable()
    began = time.monotonic()
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    orders = Orders(os.fdopen(os.dup(0), encoding="utf-8"))
    # Python's own `exit` closes standard input, and would wait for whoever is reading from it.
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    if model := os.environ.get(MODULE_VARIABLE):
        model_link.start_ahead(of_text(model), _model_user())
    part_users()
    if door := os.environ.get(DOOR_VARIABLE):
        serve_api_door(os.environ["PREFECT_API_URL"], Path(door))
    from capsule_kit.one_run import OneRun

    run = OneRun(os.environ[ENTRYPOINT_VARIABLE])
    run.warm_up()
    gc.freeze()
    gc.enable()
    model_link.wait_ahead()
    replies.write(json.dumps({"op": READY, "seconds": round(time.monotonic() - began, 3)}) + "\n")
    return run.execute(orders.wait())


def _model_user() -> int | None:
    number = os.environ.get(MODEL_USER_VARIABLE)
    return int(number) if number and os.geteuid() == 0 else None


if __name__ == "__main__":
    sys.exit(main())
