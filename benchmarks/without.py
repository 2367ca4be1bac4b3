"""What each mechanism is worth: warm trials of the smallest capsule on copies of the code that lack one.

`python -m benchmarks without`.
"""

from pathlib import Path
from statistics import median

from benchmarks.figures import Figure
from benchmarks.mechanisms import MECHANISMS
from benchmarks.stand import Stand, deploy_tiny, stand

TIMES = 7


def measure_without(name: str, code: Path) -> dict[str, Figure]:
    """Measure on a start that runs the copy in `code`."""
    with stand(print) as at:
        seconds = _warm(at, code, waits=name != "waiting")
    told = "with everything" if MECHANISMS[name] is None else f"without {name.replace('_', ' ')}"
    note = f"{told}: submit to Completed, the smallest capsule, median of {TIMES}"
    return {f"without_{name}_s": Figure(round(median(seconds), 3), "s", note)}


def _warm(at: Stand, code: Path, *, waits: bool) -> list[float]:
    from capsule_flows.releases import find_published

    image = find_published("tumor_malignancy").image
    deployment, made = deploy_tiny(at, str(image), code / "capsules" / "capsule_kit")
    seconds = []
    for _ in range(TIMES):
        at.wait_quiet()
        if waits:
            at.wait_waiting(made)
        seconds.append(at.timed(deployment))
    return seconds
