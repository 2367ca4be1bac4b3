"""The examples beside the first are deployed by one command, built, and judged on cases kept out of their training."""

import os
from pathlib import Path
from typing import Any

import pytest

from e2e.conftest import PROJECT, Started

CHEMIST, EPIDEMIOLOGIST = "hydration_free_energy", "breast_cancer_recurrence"
BIOLOGIST = "cell_type"
IN_R = "breast_cancer_recurrence_in_r"


@pytest.fixture(scope="module", autouse=True)
def deployed(started: Started, freesolv: Path) -> None:
    """All, by the command that the docs tell."""
    assert freesolv.is_dir(), "the packages with the data can be fetched here"
    started.capsules("deploy", "--prefect-file", "capsules/examples.yaml")


def tried(started: Started, name: str, kind: str) -> dict[str, Any]:
    """Return the judgement of a capsule's own example, every case predicted and judged."""
    example = PROJECT / "capsules" / name / "model" / "example.csv"
    told = started.json("try", name, os.fspath(example))
    judgement: dict[str, Any] = told["judgement"]
    assert (told["kind"], judgement["kind"], judgement["unpredicted"]) == ("judged", kind, 0)
    assert judgement["judged"] == len(example.read_text().splitlines()) - 1
    return judgement


def test_the_chemists_capsule_is_deployed_and_tried(started: Started) -> None:
    """Within 1 kcal/mol at least as often as the published simulation of the same measurements, 52 %."""
    assert tried(started, CHEMIST, "number")["rate"]["share"] > 0.52


def test_the_cell_biologists_table_has_a_column_for_each_of_765_genes(started: Started) -> None:
    """Of ten kinds it names more than seven in ten cells right; the commonest kind alone is 34 %."""
    assert tried(started, BIOLOGIST, "class")["rate"]["share"] > 0.7


@pytest.mark.docker
def test_the_epidemiologists_model_has_a_python_of_its_own(started: Started) -> None:
    """Its pandas is older than the capsule's; it foretells the women's order about as well as is published, 0.68."""
    judgement = tried(started, EPIDEMIOLOGIST, "time")
    assert judgement["order"]["estimate"]["value"] > 0.62


@pytest.mark.docker
def test_the_same_model_in_r_says_the_same(started: Started) -> None:
    """Fitted and asked by R through the protocol, it orders the women as the one in Python does."""
    in_python, in_r = (tried(started, name, "time") for name in (EPIDEMIOLOGIST, IN_R))
    said = [one["order"]["estimate"]["value"] for one in (in_python, in_r)]
    assert said[0] == pytest.approx(said[1], abs=1e-3)
