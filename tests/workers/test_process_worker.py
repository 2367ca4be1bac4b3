"""The process worker, against a real server: runs complete, stop when cancelled, and are settled."""

import os
import signal

from capsule_flows.worker_process import start_time
from capsule_kit.answers import ClassAnswer
from capsule_kit.columns import Column
from capsule_kit.contract import Contract
from capsule_kit.manifest import Manifest, Page

from .conftest import Server, StartWorker, until

CAPSULE = Manifest(
    name="tiny",
    title="Is it so?",
    contract=Contract(
        columns=(Column(name="size", kind="number", unit="mm", meaning="its size", example="1"),),
        answer=ClassAnswer(column="so", classes=("yes", "no"), meaning="whether it is so"),
    ),
    criteria=(),
    costs=(),
    page=Page(does="Says so.", needs="A size.", limits="None known."),
)


def _leader(record: dict[str, object]) -> int:
    return int(str(record["infrastructure_pid"]).rsplit(":", 2)[1])


def test_a_run_completes_and_leaves_no_process(server: Server, start_worker: StartWorker) -> None:
    """A flow named by its module runs in a process of its own, which is gone afterwards."""
    start_worker()
    run = server.run(server.deploy("quick"))
    record = server.wait(run, "COMPLETED", "FAILED", "CRASHED")
    assert record["state_type"] == "COMPLETED"
    until(
        lambda: start_time(_leader(server.record(run))) is None,
        10,
        "the end of the process",
    )


def test_a_running_run_is_stopped_when_cancelled(server: Server, start_worker: StartWorker) -> None:
    """A cancelled run's process is killed, and only then is the run Cancelled."""
    start_worker()
    run = server.run(server.deploy("endless"))
    server.wait(run, "RUNNING")
    leader = _leader(server.record(run))
    server.cancel(run)
    record = server.wait(run, "CANCELLED", "CRASHED")
    assert record["state_type"] == "CANCELLED"
    assert start_time(leader) is None


def test_a_new_worker_settles_what_a_killed_one_left(
    server: Server, start_worker: StartWorker
) -> None:
    """After kill -9 a living run is left alone; once its process is gone too, it is Crashed."""
    first = start_worker()
    run = server.run(server.deploy("endless"))
    server.wait(run, "RUNNING")
    leader = _leader(server.record(run))
    first.kill()
    first.wait()
    start_worker()
    assert start_time(leader) is not None
    os.killpg(leader, signal.SIGKILL)
    record = server.wait(run, "CRASHED")
    assert "ended without saying so" in str(record["state"])


def test_an_orphan_is_stopped_when_cancelled(server: Server, start_worker: StartWorker) -> None:
    """A run whose worker was killed is still stopped, by the next worker, when it is cancelled."""
    first = start_worker()
    run = server.run(server.deploy("endless"))
    server.wait(run, "RUNNING")
    leader = _leader(server.record(run))
    first.kill()
    first.wait()
    server.cancel(run)
    start_worker()
    server.wait(run, "CANCELLED")
    assert start_time(leader) is None


def test_a_run_whose_cases_cannot_be_laid_out_is_refused(
    server: Server, start_worker: StartWorker
) -> None:
    """`cases: 5` names no case set: the run is Failed as DataRefused, in one sentence."""
    start_worker()
    schema = {"type": "object", "properties": {"cases": CAPSULE.as_schema_keys()}}
    run = server.run(server.deploy("quick", schema), {"cases": 5})
    record = server.wait(run, "COMPLETED", "FAILED", "CRASHED")
    assert (record["state_type"], record["state_name"]) == ("FAILED", "DataRefused")
    assert "no name of a case set" in str(record["state"])
