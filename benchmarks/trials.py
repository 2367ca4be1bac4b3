"""How long a trial takes, beside the same prediction in a container without anything around it."""

import time
from collections.abc import Callable
from statistics import median

from benchmarks.figures import Figure
from benchmarks.stand import bare, inputs
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
    trials, alone = [], []
    with inputs(NAME, EXAMPLE) as data:
        for turn in range(1, TIMES + 1):
            trials.append(_timed(one_trial, f"trial {turn}", tell))
            alone.append(bare(image, data, PREDICTION))
            tell(f"bare run {turn}: {alone[-1]:.2f} s")
    return {
        "submit_to_judged_s": _trial_figure(trials, "a new container"),
        "bare_docker_run_s": Figure(
            round(median(alone), 3),
            "s",
            f"docker run of the same prediction in the same image, median of {TIMES}",
        ),
        "submit_vs_bare": Figure(
            round(median(trials) / median(alone), 3), "times", "the first figure by the second"
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


def _trial_figure(seconds: list[float], where: str) -> Figure:
    note = f"submit to judged, the example's cases in {where}, median of {TIMES}"
    return Figure(round(median(seconds), 3), "s", note)


def _timed(work: Callable[[], None], what: str, tell: Callable[[str], None]) -> float:
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    tell(f"{what}: {seconds:.2f} s")
    return seconds
