"""What a run is given, and what is done with a run nobody follows: pure, without server or engine."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.responses import DeploymentResponse

from capsule_blocks.staging import Staged
from capsule_flows.containers import End
from capsule_flows.containment import Berth, Limits, Recipe, options
from capsule_flows.docker_jobs import CapsuleDockerJobConfiguration, recipe_for
from capsule_flows.ends import ended_state
from capsule_flows.orphans import Mend, Orphan, Trace, mend_for
from capsule_flows.staged_runs import only_for_a_run
from capsule_flows.worker_process import process_environment

FOLDERS = Staged(Path("/store/run"))


API = "http://127.0.0.1:4200/api"
RECIPE = Recipe(
    image="sha256:ab",
    entrypoint="one.declaration.flow",
    module="one.model",
    capsule=True,
    environment={"PREFECT_API_URL": API},
    limits=Limits(memory=1 << 30, cpus=1.5, processes=200, seconds=60, work_bytes=1 << 20),
)
BERTH = Berth(
    kit_user=65533,
    model_user=30001,
    data=Path("/store/open/data"),
    results=Path("/store/open/results"),
    door=Path("/tmp/door"),
    kit=None,
    labels={"mine": "yes"},
)


def test_a_container_sees_its_own_cases_alone_and_has_no_rights() -> None:
    """It is closed but for two folders and the door to the API; root may only part the users."""
    made = options(RECIPE, BERTH)
    assert made["volumes"] == [
        "/store/open/data:/data:ro",
        "/store/open/results:/results:rw",
        "/tmp/door:/run/capsule:ro",
    ]
    assert made["network_mode"] == "none"
    assert made["read_only"] is True
    assert made["security_opt"] == ["no-new-privileges"]
    assert (made["cap_drop"], made["cap_add"]) == (["ALL"], ["SETUID", "SETGID"])
    assert (made["mem_limit"], made["memswap_limit"]) == (1 << 30, 1 << 30)
    assert (made["nano_cpus"], made["pids_limit"]) == (1_500_000_000, 200)
    assert "size=1048576" in made["tmpfs"]["/work"]
    assert "uid=30001" in made["tmpfs"]["/work"]
    assert "privileged" not in made


@pytest.mark.parametrize(
    "way", ["mounts", "volumes", "volumes_from", "devices", "cap_add", "user", "network_mode"]
)
def test_a_deployment_can_loosen_nothing(way: str) -> None:
    """What is not in the short list of harmless keywords is left out."""
    asked = {way: "loosened", "shm_size": "64m"}
    configuration = CapsuleDockerJobConfiguration(
        image="sha256:" + "a" * 64, container_create_kwargs=asked
    )
    recipe = recipe_for(configuration, deployment(), {"PREFECT_API_URL": API}, str)
    assert recipe is not None
    made = options(recipe, BERTH)
    assert made["shm_size"] == "64m"
    assert made.get(way) != "loosened"


def deployment() -> DeploymentResponse:
    return DeploymentResponse(
        id=uuid4(), name="trial", flow_id=uuid4(), entrypoint="one.declaration.flow"
    )


@pytest.mark.parametrize(
    ("outside", "inside", "host", "sysctl"),
    [
        (API, API, None, False),
        ("http://localhost:4200/api", "http://localhost:4200/api", None, False),
        ("http://10.0.0.7:4200/api", "http://127.0.0.1:4200/api", None, False),
        ("https://prefect.test/api", "https://prefect.test/api", "prefect.test", True),
    ],
)
def test_the_api_is_found_where_its_address_says_without_a_network(
    outside: str, inside: str, host: str | None, *, sysctl: bool
) -> None:
    """A name leads to the container's own loopback, so that the certificate still fits it."""
    made = options(replace(RECIPE, environment={"PREFECT_API_URL": outside}), BERTH)
    assert made["environment"]["PREFECT_API_URL"] == inside
    assert made.get("extra_hosts") == ({host: "127.0.0.1"} if host else None)
    assert ("sysctls" in made) == sysctl


def test_containers_that_differ_in_anything_do_not_stand_in_for_each_other() -> None:
    """How many wait is no difference; image, limits, network and environment are."""
    assert replace(RECIPE, waiting=9, idle=1).key == RECIPE.key
    others = [
        replace(RECIPE, image="sha256:cd"),
        replace(RECIPE, limits=replace(RECIPE.limits, memory=2)),
        replace(RECIPE, network="open"),
        replace(RECIPE, environment={"PREFECT_API_URL": API, "MORE": "1"}),
    ]
    assert len({RECIPE.key, *(other.key for other in others)}) == 5


def test_a_run_gets_no_secret_of_the_control_side() -> None:
    """Of the worker's settings only those that reach the API go on."""
    settings = {
        "PREFECT_API_URL": "http://127.0.0.1:4200/api",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": "postgresql://user:secret@host/db",
    }
    assert only_for_a_run(settings) == {"PREFECT_API_URL": "http://127.0.0.1:4200/api"}


def test_a_trial_process_does_not_learn_where_the_ledger_is() -> None:
    """A capsule's process has a minimal environment; a control flow's also has CAPSULES_* and AWS_*."""
    outer = {
        "PATH": "/bin",
        "CAPSULES_HOME": "/home/x/.capsules",
        "AWS_SECRET_ACCESS_KEY": "s",
    }
    trial = process_environment(outer, {}, FOLDERS)
    control = process_environment(outer, {}, None)
    assert "CAPSULES_HOME" not in trial
    assert "AWS_SECRET_ACCESS_KEY" not in trial
    assert control["AWS_SECRET_ACCESS_KEY"] == "s"
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
        (StateType.PENDING, Trace.ENDED, 60, True, Mend.PUT_BACK),
        (StateType.PENDING, Trace.ENDED, 1, True, None),
        (StateType.PENDING, Trace.ELSEWHERE, 60, True, Mend.CRASH),
    ],
)
def test_a_run_nobody_follows_is_mended_only_where_its_end_is_certain(
    state: StateType, trace: Trace, seconds: float, *, alone: bool, mend: Mend | None
) -> None:
    """Alive is left alone, gone is crashed or cancelled, never begun is put back once."""
    assert mend_for(Orphan(state, trace, seconds, alone)) is mend


@pytest.mark.parametrize(
    ("end", "kind", "said"),
    [
        (End(137, out_of_memory=True), "ModelFailed", "out of memory, of which it may use 1024 MB"),
        (End(137), "Crashed", "ended by SIGKILL; run it again"),
        (End(-1), "Crashed", "removed before it had ended"),
        (End(1, last_lines="a\x1b[31m"), "Crashed", "exit code 1"),
    ],
)
def test_a_containers_end_is_told_as_the_models_failure_only_where_it_is(
    end: End, kind: str, said: str
) -> None:
    """Memory is the model's; a container that was killed or broke is the infrastructure's."""
    state = ended_state(end, RECIPE.limits)
    assert state.name == kind
    assert said in str(state.message)
    assert "\x1b" not in str(state.message)
