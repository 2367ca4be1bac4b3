"""How long a trial takes, beside the same prediction in a container without anything around it."""

import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure
from benchmarks.start import PROJECT

TIMES = 5
NAME = "tumor_malignancy"
EXAMPLE = PROJECT / "capsules" / NAME / "model" / "example.csv"
PREDICTION = f"""
import pandas as pd
from {NAME} import model
model.load()
cases = pd.read_parquet("/data/inputs.parquet").set_index("case_id").drop(columns="row")
model.predict(cases, {{"threshold": 0.5}}).to_parquet("/tmp/predictions.parquet")
"""


def measure_trials(tell: Callable[[str], None]) -> dict[str, Figure]:
    """Take the example through trials and, in turn with them, through bare containers."""
    from capsule_flows.releases import find_published

    image = find_published(NAME).image
    if image is None:
        trials = [_timed(one_trial, f"trial {turn}", tell) for turn in range(1, TIMES + 1)]
        why = "not measured: no Docker engine answers here"
        return {
            "submit_to_judged_s": _trial_figure(trials, "a local process"),
            "bare_docker_run_s": Figure(None, "s", why),
            "submit_vs_bare": Figure(None, "times", why),
        }
    trials, bare = [], []
    with tempfile.TemporaryDirectory() as scratch:
        data = inputs_of_the_example(Path(scratch))
        for turn in range(1, TIMES + 1):
            trials.append(_timed(one_trial, f"trial {turn}", tell))
            bare.append(_timed(lambda: bare_run(image, data), f"bare run {turn}", tell))
    return {
        "submit_to_judged_s": _trial_figure(trials, "a new container"),
        "bare_docker_run_s": Figure(
            round(median(bare), 3),
            "s",
            f"docker run of the same prediction in the same image, median of {TIMES}",
        ),
        "submit_vs_bare": Figure(
            round(median(trials) / median(bare), 3), "times", "the first figure by the second"
        ),
    }


def one_trial() -> None:
    """Submit the example and come back when it is judged."""
    from capsule_flows.following import wait_final
    from capsule_flows.home import resources
    from capsule_flows.releases import find_published
    from capsule_flows.settling import settle
    from capsule_flows.submitting import submit

    where = resources()
    run_id = submit(where, find_published(NAME), "example", {}, by="benchmark", door="command")
    wait_final(run_id, timeout_s=300)
    outcome = settle(where, run_id)
    if outcome is None or outcome.kind != "judged":
        message = f"The trial {run_id} was not judged: {outcome}"
        raise SystemExit(message)


def bare_run(image: str, data: Path) -> None:
    """Predict the cases in `data` in a container of its own, and remove it."""
    mount, code = f"{data}:/data:ro", ["python", "-c", PREDICTION]
    # The host's network, as a trial's container has it, so that both skip the same set-up.
    subprocess.run(
        ["docker", "run", "--rm", "--network", "host", "--volume", mount, image, *code],
        check=True,
    )


def inputs_of_the_example(scratch: Path) -> Path:
    """Write what a trial of the example is given, readable for a container; return its folder."""
    from capsule_flows.checking import check
    from capsule_flows.reading import Table, read_table
    from capsule_flows.releases import find_published

    table = read_table(EXAMPLE)
    report = check(table, find_published(NAME).manifest.contract) if type(table) is Table else None
    if report is None or report.inputs is None:
        message = f"The example {EXAMPLE} is refused by its own contract."
        raise SystemExit(message)
    data = scratch / "data"
    data.mkdir(mode=0o755)
    report.inputs.to_parquet(data / "inputs.parquet", index=False)
    return data


def _trial_figure(seconds: list[float], where: str) -> Figure:
    note = f"submit to judged, the example's cases in {where}, median of {TIMES}"
    return Figure(round(median(seconds), 3), "s", note)


def _timed(work: Callable[[], None], what: str, tell: Callable[[str], None]) -> float:
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    tell(f"{what}: {seconds:.2f} s")
    return seconds
