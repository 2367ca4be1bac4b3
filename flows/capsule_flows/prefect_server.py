"""`python -m capsule_flows.prefect_server server start …`: the command `prefect`, and a server that waits well.

The server's loop must never collect garbage. A cursor that is collected takes its connection's mutex,
and that connection may be waiting, up to 60 s, for SQLite's write lock; whoever holds the lock needs the
loop to give it back. Under a burst of writes all of them were seen to wait out these 60 s, again and
again; in a thread the collecting waits alone.

A transaction that is to write takes SQLite's write lock as it begins. Prefect's own takes it only at its
first write, and is turned away at once where another has written since it first read: the answer is 503,
in 5 of 400 calls on a server that has nothing else to do, and Prefect's own clients, its pages among
them, then wait 2 s or tell the person that it failed. Begun with the lock, it waits for some milliseconds.
"""

import gc
import runpy
import sys
import threading
import time
from contextlib import AbstractAsyncContextManager
from typing import Any

EVERY_S = 1.0
FULL_EVERY = 60
"""Each so many times everything is looked through, else what is young."""


def main() -> None:
    """Run the command `prefect` with the words that were given."""
    gc.disable()
    threading.Thread(target=_collect, name="garbage", daemon=True).start()
    _lock_before_reading()
    sys.argv[0] = "prefect"
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)


def _lock_before_reading() -> None:
    # Imported here: Prefect reads its settings as it is imported.
    from prefect.server.database.configurations import AioSqliteConfiguration

    begin_transaction = AioSqliteConfiguration.begin_transaction

    def begin_with_the_lock(
        self: AioSqliteConfiguration, session: Any, *_: Any, **__: Any
    ) -> AbstractAsyncContextManager[Any]:
        return begin_transaction(self, session, with_for_update=True)

    AioSqliteConfiguration.begin_transaction = begin_with_the_lock  # type: ignore[method-assign, assignment]


def _collect() -> None:
    turn = 0
    while True:
        time.sleep(EVERY_S)
        turn += 1
        gc.collect(1 if turn % FULL_EVERY else 2)


if __name__ == "__main__":
    main()
