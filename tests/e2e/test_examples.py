"""The examples beside the first are deployed by one command, built, and judged on cases kept out of their training."""

import os
from pathlib import Path

from e2e.conftest import PROJECT, Started

CHEMIST = "hydration_free_energy"


def test_the_chemists_capsule_is_deployed_and_tried(started: Started, freesolv: Path) -> None:
    """Within 1 kcal/mol at least as often as the published simulation of the same measurements, 52 %."""
    assert freesolv.is_dir(), "the package with the data can be fetched here"
    started.capsules("deploy", "--prefect-file", "capsules/examples.yaml")
    example = PROJECT / "capsules" / CHEMIST / "model" / "example.csv"
    told = started.json("try", CHEMIST, os.fspath(example))
    judgement = told["judgement"]
    assert (told["kind"], judgement["kind"], judgement["unpredicted"]) == ("judged", "number", 0)
    assert judgement["judged"] == len(example.read_text().splitlines()) - 1
    assert judgement["rate"]["share"] > 0.52
