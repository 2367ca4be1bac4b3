"""A scheduled run becomes a started one, in half as many calls to the server as Prefect's own worker makes.

Not made are: a second reading of the deployment, a state `Submitting` that lasts for a moment, and
labels that repeat what tags and deployment say. Each costs 10 to 30 ms.
"""

import asyncio
from typing import Any

import anyio.abc
import prefect
from prefect.client.schemas.objects import FlowRun
from prefect.workers.base import BaseJobConfiguration, BaseWorker

TRIED = "3.8."
"""The versions of Prefect of whose worker this knows the inside; any other does it its own way."""
Worker = BaseWorker[Any, Any, Any]


class NotToBeRun(Exception):
    """The server wants the run to stay as it is: another has it, or its release is at its limit."""


class _Told:
    """Says once that a run has its container, however often it is told."""

    def __init__(self, status: anyio.abc.TaskStatus[Any]) -> None:
        self._status: anyio.abc.TaskStatus[Any] | None = status

    def started(self, value: object = None) -> None:
        if self._status:
            self._status.started(value)
            self._status = None


async def submit_run(worker: Worker, flow_run: FlowRun) -> None:
    """Have the server set a run Pending, and run it in the worker's background.

    Returns once the run has its container, or will not have one.
    """
    if not prefect.__version__.startswith(TRIED):
        await BaseWorker._submit_run(worker, flow_run)
        return
    tasks = worker._runs_task_group
    if tasks is None:
        return
    try:
        _, configuration = await asyncio.gather(
            _propose_pending(worker, flow_run), _configuration(worker, flow_run)
        )
        await tasks.start(_run_and_tell, worker, flow_run, configuration)
    except NotToBeRun:
        worker._release_limit_slot(flow_run.id)
    except Exception as problem:
        worker._logger.exception("Flow run %s could not be started", flow_run.id)
        await worker._propose_crashed_state(flow_run, f"It could not be started: {problem}")
        worker._release_limit_slot(flow_run.id)
    finally:
        worker._submitting_flow_run_ids.discard(flow_run.id)


async def _propose_pending(worker: Worker, flow_run: FlowRun) -> None:
    if not await worker._propose_pending_state(flow_run):
        raise NotToBeRun


async def _configuration(worker: Worker, flow_run: FlowRun) -> BaseJobConfiguration:
    resolved: BaseJobConfiguration = await worker.job_configuration.resolve_for_flow_run(
        flow_run,
        client=worker.client,
        work_pool=worker.work_pool,
        worker_name=worker.name,
        worker_id=worker.backend_id,
    )
    return resolved


async def _run_and_tell(
    worker: Worker,
    flow_run: FlowRun,
    configuration: BaseJobConfiguration,
    *,
    task_status: anyio.abc.TaskStatus[Any],
) -> None:
    told = _Told(task_status)
    try:
        result = await worker.run(flow_run, configuration, told)
        if result.status_code:
            message = f"Its container ended with exit code {result.status_code}."
            await worker._propose_crashed_state(flow_run, message)
    except Exception as problem:
        worker._logger.exception("Flow run %s could not be run", flow_run.id)
        await worker._propose_crashed_state(flow_run, f"It could not be run: {problem}")
    finally:
        told.started()
        worker._release_limit_slot(flow_run.id)
