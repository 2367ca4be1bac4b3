"""One open connection to the Prefect API for everything that this process asks of it."""

import atexit
from functools import cache

from prefect.client.orchestration import SyncPrefectClient, get_client

from capsule_kit.patience import Patient


@cache
def prefect_api() -> SyncPrefectClient:
    """Return the client of this process; any thread may use it.

    A new client for each question would connect and compare versions each time, which takes longer
    than the question.
    """
    client = get_client(sync_client=True, httpx_settings={"transport": Patient()})
    client.__enter__()
    atexit.register(client.__exit__, None, None, None)
    return client
