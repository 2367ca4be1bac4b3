"""What a run is given, and what is done with a run nobody follows: pure, without server or engine."""

from pathlib import Path

import pytest
from prefect.client.schemas.objects import StateType

from capsule_flows.run_watch import Mend, Orphan, Trace, mend_for
from capsule_flows.staged_runs import StagedFolders, only_for_a_run
from capsule_flows.worker_docker import Containment, containment
from capsule_flows.worker_process import process_environment

FOLDERS = StagedFolders(data=Path("/store/run/data"), results=Path("/store/run/results"))


def test_a_container_sees_its_own_cases_alone_and_has_no_rights() -> None:
    """The whole plan of a container, for a deployment that asks for nothing."""
    assert containment("sha256:ab", "1000:1000", {"GIVEN": "yes"}, {}, FOLDERS) == Containment(
        image="sha256:ab",
        env={
            "GIVEN": "yes",
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
            "HOME": "/tmp",
            "PREFECT_HOME": "/tmp/prefect",
            "CAPSULE_IMAGE_ID": "sha256:ab",
            "CAPSULE_DATA": "/data",
            "CAPSULE_RESULTS": "/results",
        },
        volumes=["/store/run/data:/data:ro", "/store/run/results:/results:rw"],
        container_create_kwargs={
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "pids_limit": 256,
            "user": "1000:1000",
            "tmpfs": {"/tmp": "size=512m,mode=1777"},
            "init": True,
        },
    )


@pytest.mark.parametrize("way", ["mounts", "volumes", "volumes_from", "devices", "cap_add"])
def test_a_deployment_can_mount_nothing_of_its_own(way: str) -> None:
    """A limit may be changed by job variables, but the sealed answers cannot be mounted."""
    asked = {way: ["/store/sealed:/answers"], "pids_limit": 32}
    made = containment("sha256:ab", "1:1", {}, asked, FOLDERS).container_create_kwargs
    assert way not in made
    assert made["pids_limit"] == 32


def test_a_run_gets_no_secret_of_the_control_side() -> None:
    """Of the worker's settings only those that reach the API go on."""
    settings = {
        "PREFECT_API_URL": "http://127.0.0.1:4200/api",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": "postgresql://user:secret@host/db",
    }
    assert only_for_a_run(settings) == {"PREFECT_API_URL": "http://127.0.0.1:4200/api"}


def test_a_trial_process_does_not_learn_where_the_ledger_is() -> None:
    """A capsule's process has a minimal environment; a control flow's also has CAPSULES_*."""
    outer = {
        "PATH": "/bin",
        "CAPSULES_HOME": "/home/x/.capsules",
        "AWS_SECRET_ACCESS_KEY": "s",
    }
    trial = process_environment(outer, {}, FOLDERS)
    control = process_environment(outer, {}, None)
    assert "CAPSULES_HOME" not in trial
    assert "AWS_SECRET_ACCESS_KEY" not in trial | control
    assert trial["CAPSULE_DATA"] == "/store/run/data"
    assert control["CAPSULES_HOME"] == "/home/x/.capsules"


@pytest.mark.parametrize(
    ("state", "trace", "seconds", "alone", "mend"),
    [
        (StateType.RUNNING, Trace.ALIVE, 999, True, None),
        (StateType.RUNNING, Trace.ENDED, 0, False, Mend.CRASH),
        (StateType.RUNNING, Trace.UNSEEN, 999, False, None),
        (StateType.RUNNING, Trace.ELSEWHERE, 999, False, None),
        (StateType.RUNNING, Trace.ELSEWHERE, 999, True, Mend.CRASH),
        (StateType.CANCELLING, Trace.ALIVE, 0, False, Mend.CANCEL),
        (StateType.CANCELLING, Trace.ENDED, 0, True, Mend.CANCEL),
        (StateType.PENDING, Trace.UNSEEN, 1, True, None),
        (StateType.PENDING, Trace.UNSEEN, 60, True, Mend.PUT_BACK),
        (StateType.PENDING, Trace.UNSEEN, 60, False, None),
        (StateType.PENDING, Trace.ENDED, 0, True, Mend.CRASH),
    ],
)
def test_a_run_nobody_follows_is_mended_only_where_its_end_is_certain(
    state: StateType, trace: Trace, seconds: float, *, alone: bool, mend: Mend | None
) -> None:
    """Alive is left alone, gone is crashed or cancelled, never begun is put back once."""
    assert mend_for(Orphan(state, trace, seconds, alone)) is mend
