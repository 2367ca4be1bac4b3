"""The worker that Prefect brings, with its default settings, beside a waiting container."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from uuid import UUID

from prefect.client.schemas.actions import WorkPoolCreate
from prefect_docker.worker import DockerWorker

from benchmarks.figures import Figure, bounded
from benchmarks.stand import TINY, Stand

STOCK = "stock"
TIMES = 7
STOP_WITHIN_S = 15


def measure_stock(at: Stand) -> dict[str, Figure]:
    """Measure the tiny model on both; the tiny capsule is deployed already."""
    tiny = at.client.read_deployment_by_name(f"{TINY}/trial")
    image = str(tiny.job_variables["image"])
    stock, warm = [], []
    with stock_worker():
        deployment = _deploy(at, image)
        for turn in range(1, TIMES + 1):
            stock.append(at.timed(deployment))
            at.wait_waiting(image)
            at.wait_quiet()
            warm.append(at.timed(tiny.id))
            at.tell(f"tiny {turn}: stock worker {stock[-1]:.2f} s, waiting {warm[-1]:.2f} s")
    note = (
        f"Prefect's Docker worker as it comes, {median(stock):.2f} s, by a waiting container,"
        f" {median(warm):.2f} s, medians of {TIMES}"
    )
    ratio = median(stock) / median(warm)
    return {"stock_vs_warm": bounded(ratio, "times", note, 12, at_least=True)}


@contextmanager
def stock_worker() -> Iterator[None]:
    """Hold a worker of Prefect's own type, which makes its pool itself."""
    command = [sys.executable, "-m", "prefect", "worker", "start"]
    command += ["--pool", STOCK, "--type", "docker", "--name", STOCK]
    process = subprocess.Popen(
        command, env=dict(os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _deploy(at: Stand, image: str) -> UUID:
    from tiny.plain import doubled

    at.client.create_work_pool(
        WorkPoolCreate(
            name=STOCK,
            type="docker",
            base_job_template=DockerWorker.get_default_base_job_template(),
        ),
        overwrite=True,
    )
    return at.client.create_deployment(
        flow_id=at.client.create_flow(doubled),
        name=STOCK,
        entrypoint="tiny.plain.doubled",
        enforce_parameter_schema=False,
        work_pool_name=STOCK,
        pull_steps=[],
        job_variables={
            "image": image,
            "image_pull_policy": "Never",
            # The image's user has no home.
            "env": {"HOME": "/tmp", "PREFECT_HOME": "/tmp/prefect"},
        },
    )
