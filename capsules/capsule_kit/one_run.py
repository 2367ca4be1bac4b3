"""One flow run in this very process, with all that it needs imported before it is known."""

import asyncio
import os
from typing import Any

from prefect.client.schemas.objects import FlowRun
from prefect.context import SyncClientContext
from prefect.engine import handle_engine_signals
from prefect.flow_engine import run_flow
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.logging.loggers import flow_run_logger
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.utilities.asyncutils import run_coro_as_sync

from capsule_kit.model_process import rehearse_tables
from capsule_kit.models import of_text, package_of
from capsule_kit.patience import Patient
from capsule_kit.provenance import foresee

SILENT_HEART = temporary_settings(updates={PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})
"""The worker itself sees the container end; a heart that beats for it costs a websocket and up to 1 s."""


class OneRun:
    """A flow that is loaded, and will be run once."""

    def __init__(self, entrypoint: str) -> None:
        """Import the flow of a module path, `package.module.flow`."""
        self._flow: Flow[..., Any] = load_flow_from_entrypoint(
            entrypoint, use_placeholder_flow=False
        )
        # Held, not closed: the engine takes the open connection over.
        self._opened = SyncClientContext(httpx_settings={"transport": Patient()})
        self._opened.__enter__()

    def warm_up(self) -> None:
        """Pay now for what a first run would pay for."""
        self._flow.validate_parameters({})
        # A question by POST, so that the server's token against forged requests is fetched too.
        self._opened.client.read_flows(limit=1)
        run_coro_as_sync(asyncio.sleep(0))
        if model := os.environ.get("CAPSULE_MODULE"):
            foresee(package_of(of_text(model)))
            rehearse_tables()

    def execute(self, order: dict[str, Any]) -> int:
        """Run the flow run that the worker sent; return the exit code.

        `order` has `flow_run`, as the API gives it, and `environment`, this run's own variables.
        """
        os.environ.update(order["environment"])
        flow_run = FlowRun.model_validate(order["flow_run"])
        # A trial is never suspended, and an observer of that costs a websocket of 0.1 s. The
        # engine sets one up for runs of a deployment only, and reads the run again afterwards.
        unobserved = flow_run.model_copy(update={"deployment_id": None})
        try:
            with SILENT_HEART, handle_engine_signals(flow_run.id):
                run_flow(
                    self._flow,
                    flow_run=unobserved,
                    error_logger=flow_run_logger(flow_run=flow_run),  # type: ignore[arg-type]
                )
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else 1
        return 0
