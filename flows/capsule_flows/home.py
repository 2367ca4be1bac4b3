"""Where this start keeps its state, which Prefect server it talks to, and the resources configured there."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from capsule_flows.credential import kept_credential
from capsule_flows.errors import CredentialRefused, NotStarted

if TYPE_CHECKING:
    from capsule_blocks import CaseStore, Ledger

BLOCK_NAME = "capsules"
STATE_FILE = "up.json"
MLFLOW_SETTING = "MLFLOW_TRACKING_URI"
"""MLflow's own setting of its server's address."""
QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
}
"""Nothing phones home and nothing asks questions, unless the person set it otherwise."""


@dataclass(frozen=True)
class Resources:
    """What the control side needs to take a trial from upload to judgement."""

    store: "CaseStore"
    ledger: "Ledger"
    app_url: str
    """Base URL of the app's pages, without a slash at the end."""
    prefect_ui: str
    """Base URL of Prefect's own pages, without a slash at the end."""

    def trial_url(self, flow_run_id: object) -> str:
        """Return the address of a trial's page in the app."""
        return f"{self.app_url}/trial?id={flow_run_id}"


def folder() -> Path:
    """Return the folder that holds this start's state: CAPSULES_HOME, or `.capsules` here."""
    return Path(os.environ.get("CAPSULES_HOME", ".capsules")).absolute()


def running_state() -> dict[str, str]:
    """Return what `capsules up` wrote of its addresses; empty where it is not running."""
    try:
        state = json.loads((folder() / STATE_FILE).read_text())
        running = _runs(int(state["pid"]))
    except (OSError, ValueError, KeyError):
        return {}
    # A start that was killed leaves its addresses, where another program may listen by now.
    return {str(key): str(value) for key, value in state.items()} if running else {}


def set_environment() -> None:
    """Point Prefect at this start; call before Prefect is imported, whose settings freeze then.

    Where PREFECT_API_URL is set, that server is asked, with the PREFECT_API_AUTH_STRING set beside it.
    """
    state = running_state()
    if "PREFECT_API_URL" not in os.environ:
        if folder().is_dir():
            os.environ["PREFECT_HOME"] = str(folder() / "prefect")
        if state:
            os.environ["PREFECT_API_URL"] = state["api_url"]
            # One that is set without an address belongs to another server.
            os.environ.pop("PREFECT_API_AUTH_STRING", None)
    if state:
        os.environ.setdefault("CAPSULES_APP_URL", state["app_url"])
        if "models_url" in state:
            os.environ.setdefault(MLFLOW_SETTING, state["models_url"])
        credential = kept_credential(folder())
        if credential and os.environ["PREFECT_API_URL"] == state["api_url"]:
            os.environ.setdefault("PREFECT_API_AUTH_STRING", credential)
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


def resources() -> Resources:
    """Return the store and the ledger that the Prefect server's blocks configure.

    Raises:
        NotStarted: no server answers, or it has no such blocks.
        CredentialRefused: the server does not take the credential of this process.
    """
    from httpx import HTTPError, HTTPStatusError, codes
    from prefect.settings import get_current_settings
    from prefect.utilities.asyncutils import run_coro_as_sync

    from capsule_blocks import CaseStore, Ledger

    api_url = get_current_settings().api.url
    if not api_url:
        raise NotStarted(None)
    try:
        store = run_coro_as_sync(CaseStore.aload(BLOCK_NAME))
        ledger = run_coro_as_sync(Ledger.aload(BLOCK_NAME))
    except (HTTPError, ValueError) as cause:
        if isinstance(cause, HTTPStatusError) and cause.response.status_code == codes.UNAUTHORIZED:
            raise CredentialRefused(api_url) from cause
        raise NotStarted(api_url) from cause
    return Resources(
        store=store,
        ledger=ledger,
        app_url=os.environ.get("CAPSULES_APP_URL", "http://127.0.0.1:5006").rstrip("/"),
        prefect_ui=api_url.removesuffix("/api"),
    )


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # another user's
    return True
