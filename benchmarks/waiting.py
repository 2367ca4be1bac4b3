"""What a waiting container is worth: warm, cold and stock trials in turn with bare containers."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from prefect.client.schemas.actions import DeploymentUpdate

from benchmarks.figures import Figure, bounded
from benchmarks.stand import (
    BARE_TINY,
    TINY,
    Stand,
    bare,
    deploy_tiny,
    inputs,
    stand,
    worker_processes,
)
from benchmarks.trials import EXAMPLE, NAME, PREDICTION

TIMES = 7
BURST, PEOPLE = 40, 10
BURST_TIMES = 7
COLD_LOOK_EVERY_S = 0.05
"""A start from nothing needs both processors: whoever looks at it more often slows it down."""
Tell = Callable[[str], None]
NO_ENGINE = Figure(None, "times", "not measured: no Docker engine answers here")


def measure_waiting(home: Path, tell: Tell) -> dict[str, Figure]:
    """Measure the example's trials, warm, cold and many at once, beside bare containers of it."""
    del home
    from capsule_flows.releases import find_published

    published = find_published(NAME)
    if published.image is None:
        return {"warm_vs_bare": NO_ENGINE}
    with stand(tell) as at, inputs(NAME, EXAMPLE) as data:
        image = at.engine.images.get(published.image).id
        figures = _warm_and_cold(at, published.deployment_id, image, data)
        figures["waiting_container_mb"] = _memory(at, image)
        return figures | _burst(at, published.deployment_id, image, data)


def measure_on_sqlite(home: Path, tell: Tell) -> dict[str, Figure]:
    """Measure the smallest capsule: warm, stopped, beside Prefect's own worker, twenty waiting."""
    from benchmarks.stock import measure_stock
    from capsule_flows.releases import find_published

    image = find_published(NAME).image
    if image is None:
        return {"warm_vs_bare_tiny": NO_ENGINE}
    with stand(tell) as at:
        figures = measure_tiny(at, image, "SQLite", 1.5)
        tiny = at.client.read_deployment_by_name(f"{TINY}/trial")
        made = str(tiny.job_variables["image"])
        figures |= _cancelling(at, tiny.id, made)
        figures |= measure_stock(at)
        figures["worker_20_waiting_mb"] = _twenty(at, tiny.id, made, home)
        return figures


def measure_on_postgres(tell: Tell, *, there: bool) -> dict[str, Figure]:
    """Measure the smallest capsule's warm trials on a start whose Prefect server is on PostgreSQL."""
    from capsule_flows.releases import find_published

    image = find_published(NAME).image
    if image is None or not there:
        why = "not measured: no PostgreSQL or no Docker engine is here"
        return {"warm_vs_bare_tiny_postgresql": Figure(None, "times", why)}
    with stand(tell) as at:
        return measure_tiny(at, image, "PostgreSQL", 1.1)


def measure_tiny(at: Stand, base_image: str, database: str, bound: float) -> dict[str, Figure]:
    """Measure warm trials of the tiny capsule beside bare containers of it."""
    deployment, image = deploy_tiny(at, base_image)
    with inputs(TINY, _tiny_table()) as data:
        warm, alone = _in_turns(at, deployment, image, data, BARE_TINY, "tiny")
    name = "warm_vs_bare_tiny" if database == "SQLite" else "warm_vs_bare_tiny_postgresql"
    note = (
        f"submit to Completed, a model that imports nothing, on {database}: median"
        f" {median(warm):.2f} s beside {median(alone):.2f} s of docker run"
    )
    return {name: bounded(median(warm) / median(alone), "times", note, bound)}


def _tiny_table() -> Path:
    return Path(__file__).parent / "tiny" / "example.csv"


def _in_turns(
    at: Stand, deployment: UUID, image: str, data: Path, code: str, what: str
) -> tuple[list[float], list[float]]:
    warm, alone = [], []
    for turn in range(1, TIMES + 1):
        at.wait_waiting(image)
        at.wait_quiet()
        warm.append(at.timed(deployment))
        at.wait_waiting(image)
        alone.append(bare(image, data, code))
        at.tell(f"{what} {turn}: warm {warm[-1]:.2f} s, bare {alone[-1]:.2f} s")
    return warm, alone


def _warm_and_cold(at: Stand, deployment: UUID, image: str, data: Path) -> dict[str, Figure]:
    warm, alone = _in_turns(at, deployment, image, data, PREDICTION, "example")
    cold = []
    with Altered(at, deployment, waiting_containers=0):
        while at.waiting(image):
            time.sleep(0.2)
        for turn in range(1, TIMES + 1):
            at.wait_quiet()
            cold.append(at.timed(deployment, COLD_LOOK_EVERY_S))
            at.tell(f"example {turn}: cold {cold[-1]:.2f} s")
    beside = f"beside {median(alone):.2f} s of docker run, medians of {TIMES}"
    return {
        "warm_vs_bare": bounded(
            median(warm) / median(alone),
            "times",
            f"submit to Completed in a waiting container, {median(warm):.2f} s, {beside}",
            0.5,
        ),
        "cold_vs_bare": bounded(
            median(cold) / median(alone),
            "times",
            f"submit to Completed with no container waiting, {median(cold):.2f} s, {beside}",
            1.8,
        ),
    }


class Altered:
    """A deployment with other job variables for a while."""

    def __init__(self, at: Stand, deployment: UUID, **variables: Any) -> None:
        self._at, self._id, self._variables = at, deployment, variables
        self._before = dict(at.client.read_deployment(deployment).job_variables)

    def __enter__(self) -> None:
        self._set({**self._before, **self._variables})

    def __exit__(self, *_: object) -> None:
        self._set(self._before)

    def _set(self, variables: dict[str, Any]) -> None:
        update = DeploymentUpdate(job_variables=variables)
        self._at.client.update_deployment(self._id, update)


def _burst(at: Stand, deployment: UUID, image: str, data: Path) -> dict[str, Figure]:
    ratios = []
    for _ in range(BURST_TIMES):
        at.wait_waiting(image)
        start = time.perf_counter()
        runs = [at.submit(deployment, by=f"expert {n % PEOPLE}") for n in range(BURST)]
        at.wait_all(runs)
        ours = time.perf_counter() - start
        for run in runs:
            at.forget(run)
        at.wait_waiting(image)
        start = time.perf_counter()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: bare(image, data, PREDICTION), range(BURST)))
        alone = time.perf_counter() - start
        ratios.append(alone / ours)
        at.tell(f"burst of {BURST}: {ours:.1f} s, bare, four at a time, {alone:.1f} s")
    note = (
        f"{BURST} trials by {PEOPLE} experts at once, none lost, by bare containers four at a time"
    )
    return {"burst_throughput_vs_bare": bounded(median(ratios), "times", note, 0.8, at_least=True)}


def _memory(at: Stand, image: str) -> Figure:
    at.wait_waiting(image)
    stats = at.waiting(image)[0].stats(stream=False)["memory_stats"]
    kept = stats["usage"] - stats["stats"].get("total_inactive_file", 0)
    return Figure(round(kept / 1e6, 1), "MB", "one waiting container of the example")


def _cancelling(at: Stand, deployment: UUID, image: str) -> dict[str, Figure]:
    figures = {}
    for deed, name, bound in (
        ("sleep", "cancel_confirmed_s", 1.5),
        ("hang", "cancel_hung_confirmed_s", 3.0),
    ):
        seconds = []
        for turn in range(1, TIMES + 1):
            at.wait_waiting(image)
            at.wait_quiet()
            run = at.submit(deployment, deed=deed)
            seconds.append(at.cancelled(run, at.at_work(run)))
            at.tell(f"stop of a model that would {deed} {turn}: {seconds[-1]:.2f} s")
        note = f"Stop until the container is gone and the state told, a model that would {deed}"
        figures[name] = bounded(median(seconds), "s", note, bound)
    return figures


def _twenty(at: Stand, deployment: UUID, image: str, home: Path) -> Figure:
    with Altered(at, deployment, waiting_containers=20, mem_limit="256m", work_limit="32m"):
        at.wait_waiting(image, 20)
        kilobytes = 0
        for pid in worker_processes(home):
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS"):
                    kilobytes += int(line.split()[1])
    return Figure(round(kilobytes / 1e3, 1), "MB", "the worker's own memory with 20 waiting")
