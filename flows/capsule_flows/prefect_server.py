"""`python -m capsule_flows.prefect_server server start …`: the command `prefect`, garbage collected by a thread.

The server's loop must never collect garbage. A cursor that is collected takes its connection's mutex,
and that connection may be waiting, up to 60 s, for SQLite's write lock; whoever holds the lock needs the
loop to give it back. Under a burst of writes all of them were seen to wait out these 60 s, again and
again; in a thread the collecting waits alone.
"""

import gc
import runpy
import sys
import threading
import time

EVERY_S = 1.0
FULL_EVERY = 60
"""Each so many times everything is looked through, else what is young."""


def main() -> None:
    """Run the command `prefect` with the words that were given."""
    gc.disable()
    threading.Thread(target=_collect, name="garbage", daemon=True).start()
    sys.argv[0] = "prefect"
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)


def _collect() -> None:
    turn = 0
    while True:
        time.sleep(EVERY_S)
        turn += 1
        gc.collect(1 if turn % FULL_EVERY else 2)


if __name__ == "__main__":
    main()
