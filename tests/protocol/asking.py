"""A model in any language, asked as a trial asks it: with a process of its own, its folder, its request."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from capsule_kit.answers import Answer, NumberAnswer
from capsule_kit.columns import Column
from capsule_kit.model_link import ModelLink
from capsule_kit.models import Model
from capsule_kit.predictions import read_predictions
from capsule_kit.request_folder import as_parquet

PACKAGE = "thing"
SIZE = Column(name="size", kind="number", unit="mm", meaning="Its size.", example="3")
NOTE = Column(name="note", kind="text", required=False, meaning="A note.", example="x")
COLUMNS = (SIZE, NOTE)
DOUBLE = NumberAnswer(column="double", unit="mm", tolerance=0.1, meaning="Twice.", example=6)


@dataclass
class Asked:
    """What came of a request."""

    predictions: pd.DataFrame
    packages: dict[str, str]
    files: dict[str, str]
    told: list[tuple[int, int]] = field(default_factory=list)


@contextmanager
def package(place: Path, **files: str) -> Iterator[Path]:
    """Hold a capsule's package with these files, importable by the kit's Python."""
    folder = place / PACKAGE
    folder.mkdir()
    (folder / "__init__.py").touch()
    for name, text in files.items():
        stem, _, ending = name.rpartition("_")
        (folder / f"{stem}.{ending}").write_text(text)
    before = os.environ.get("PYTHONPATH")
    sys.path.insert(0, str(place))
    os.environ["PYTHONPATH"] = str(place)
    try:
        yield folder
    finally:
        sys.path.remove(str(place))
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before


def table(size: list[float], note: list[str | None]) -> pd.DataFrame:
    """Return cases of the contract COLUMNS."""
    ids = [f"{number:016x}" for number in range(len(size))]
    rows = range(2, len(size) + 2)
    return pd.DataFrame({"case_id": ids, "row": rows, "size": size, "note": pd.array(note, "str")})


def ask(
    model: Model,
    place: Path,
    cases: pd.DataFrame,
    settings: dict[str, Any] | None = None,
    answer: Answer = DOUBLE,
    on_start: Callable[[ModelLink], object] = lambda _: None,
) -> Asked:
    """Start the model, ask it once, and read what it left."""
    out = place / "out"
    (out / "files").mkdir(parents=True)
    cases.to_parquet(place / "inputs.parquet", index=False)
    told: list[tuple[int, int]] = []
    with ModelLink(model) as link:
        on_start(link)
        raw = link.predict(
            inputs=place / "inputs.parquet",
            settings=settings or {},
            columns=COLUMNS,
            out=out,
            on_progress=lambda done, of: told.append((done, of)),
        )
        packages = dict(link.packages)
    if raw.suffix == ".csv":
        as_parquet(raw, place / "made.parquet")
        raw = place / "made.parquet"
    files = {one.name: one.read_text() for one in (out / "files").iterdir()}
    return Asked(read_predictions(raw, cases["case_id"], answer), packages, files, told)
