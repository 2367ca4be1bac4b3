"""Versions of a model as MLflow saves them, written by hand: what is compared and copied, and no model."""

import json
from collections.abc import Sequence
from pathlib import Path

from capsule_blocks.model_card import CARD_FILE
from capsule_blocks.model_folders import card_in
from capsule_flows.new_source import Source

INPUTS = (("size_mm", "double"), ("site", "string"))
NEEDS = ("mlflow==3.1.0", "numpy==2.3.1")
CARD = """
flavors:
  python_function: {{loader_module: mlflow.pyfunc.model, python_version: 3.11.4}}
signature:
  inputs: '{inputs}'
  outputs: '{outputs}'
"""


def version(
    folder: Path,
    number: int,
    inputs: Sequence[tuple[str, str]] = INPUTS,
    needs: Sequence[str] = NEEDS,
) -> Source:
    """Return a version of the model `nodule` whose files are written to a folder."""
    place = folder / f"version-{number}"
    place.mkdir(parents=True)
    columns = json.dumps([{"name": name, "type": kind} for name, kind in inputs])
    given = json.dumps([{"name": "diagnosis", "type": "string"}])
    (place / CARD_FILE).write_text(CARD.format(inputs=columns, outputs=given))
    (place / "requirements.txt").write_text("".join(f"{one}\n" for one in needs))
    (place / "weights.bin").write_bytes(bytes([number]))
    address = f"models:/nodule/{number}"

    def copy(to: Path) -> None:
        for file in place.iterdir():
            (to / file.name).write_bytes(file.read_bytes())

    return Source("mlflow", address, card_in(place), copy, registered=address)
