"""A capsule made of a model: drafted, written as an ordinary folder, and what its author still has to say."""

import csv
import io
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from capsule_flows import new_declaration, new_image, new_model
from capsule_flows.new_draft import Draft, draft_of
from capsule_flows.new_finding import CannotDraft
from capsule_flows.new_source import Source

CAPSULES = Path("capsules")
TESTS = Path("tests", "capsules")
NAME_OF_CAPSULE = re.compile(r"[a-z][a-z0-9_]*")
TEST = '''"""The capsule {name}: its declaration stands, and its example keeps its own contract."""

from pathlib import Path

{imports}

EXAMPLE = Path(__file__).parents[2] / "capsules" / "{name}" / "example.csv"


def test_the_example_keeps_the_contract() -> None:
    table = read_table(EXAMPLE)
    assert isinstance(table, Table)
    report = check(table, capsule.manifest.contract)
    assert report.inputs is not None, report.findings
'''
OF_THE_TEST = {
    "capsule_flows.checking": "check",
    "capsule_flows.reading": "Table, read_table",
}


@dataclass(frozen=True)
class NewCapsule:
    """A capsule that was written."""

    folder: Path
    files: tuple[Path, ...]
    """All that was written, the model's own files apart."""
    ask: tuple[str, ...]
    """What its author has to decide, a sentence each."""


def new_capsule(
    name: str, source: Source, sample: pd.DataFrame | None = None, answer: str | None = None
) -> NewCapsule:
    """Write a capsule's folder in the project that this is called in.

    Args:
        name: The capsule's name.
        source: The model.
        sample: Some rows of its training's table, the answer among them.
        answer: The sample's column with the answer.

    Raises:
        CannotDraft: the name is none or taken, this is no project, or the sample has no such column.
        ModelFileMissing: a file of the model cannot be had.
    """
    _refuse_bad_place(name)
    if answer is not None and (sample is None or answer not in sample):
        raise CannotDraft(
            f"The sample has no column {answer!r}: --answer names one of its columns."
        )
    if answer is None and sample is not None and source.card.signature is None:
        there = ", ".join(map(str, sample))
        raise CannotDraft(
            "Nothing tells the answer from what the model is given: say --answer COLUMN; the sample has"
            f" {there}."
        )
    draft = draft_of(source.card, sample, answer=answer)
    texts = texts_of(name, source, draft)
    folder = CAPSULES / name
    with tempfile.TemporaryDirectory(dir=CAPSULES, prefix=".new-") as scratch:
        made = Path(scratch, name)
        artifact = made / new_model.ARTIFACT
        artifact.mkdir(parents=True)
        source.copy(artifact)
        inside = {place for place in texts if place.is_relative_to(folder)}
        for place in inside:
            _write(made / place.relative_to(folder), texts[place])
        # Whole or not at all.
        shutil.move(made, folder)
    for place in texts.keys() - inside:
        _write(place, texts[place])
    ask = (*draft.ask, *new_image.other_python(source))
    return NewCapsule(folder, tuple(texts), ask)


def texts_of(name: str, source: Source, draft: Draft) -> Mapping[Path, str]:
    """Return the texts of a capsule by their paths in the project; the model's own files are not among them."""
    folder = CAPSULES / name
    words = new_model.words_of(name, source)
    texts = {
        "__init__.py": f'"""A capsule: {name}."""\n',
        "declaration.py": new_declaration.declaration(name, draft, words, source.registered),
        "model.py": new_model.model(source, draft),
        "requirements.txt": new_image.requirements(source),
        "Dockerfile": new_image.dockerfile(name, source),
        "prefect.yaml": new_image.deployment(name),
        "example.csv": _table(draft.rows),
    }
    found = {folder / file: text for file, text in texts.items() if text is not None}
    return {**found, **({TESTS / f"test_{name}.py": _test(name)} if draft.rows else {})}


def _write(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def _test(name: str) -> str:
    named = {**OF_THE_TEST, f"{name}.declaration": "capsule"}
    imports = [f"from {module} import {names}" for module, names in sorted(named.items())]
    return TEST.format(name=name, imports="\n".join(imports))


def _refuse_bad_place(name: str) -> None:
    if not NAME_OF_CAPSULE.fullmatch(name):
        raise CannotDraft(
            f"{name!r} is no name for a capsule: use small letters, digits and underscores."
        )
    if not (CAPSULES / "capsule_kit").is_dir():
        raise CannotDraft(
            "There is no capsules/capsule_kit here: call this in the project's folder."
        )
    if (CAPSULES / name).exists():
        raise CannotDraft(f"capsules/{name} is there already: take another name, or remove it.")


def _table(rows: Sequence[Mapping[str, Any]]) -> str | None:
    if not rows:
        return None
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
