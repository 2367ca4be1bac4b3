"""A newer version of its model, written into a capsule's folder: which texts change, and what its author is told."""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from capsule_blocks.model_card import Card
from capsule_blocks.model_folders import card_in
from capsule_flows import new_image, next_fitting
from capsule_flows.errors import FlowsError
from capsule_flows.new_declaration import literal
from capsule_flows.new_model import ARTIFACT
from capsule_flows.new_source import Source

ADDRESS = re.compile(r"models:/[^/@:]+/\d+")
DECLARATION, MODEL, REQUIREMENTS = "declaration.py", "model.py", "requirements.txt"


class CannotTake(FlowsError):
    """A newer version cannot be written into a capsule's folder."""

    exit_code = 65


@dataclass(frozen=True)
class Taking:
    """What changes in a capsule's folder beside the model's own files."""

    texts: Mapping[str, str]
    """By the files' names in the folder, those that change."""
    said: tuple[str, ...] = ()
    """What its author has to see to, a sentence each."""


def registered_in(folder: Path) -> str:
    """Return the version that the declaration in a capsule's folder names.

    Raises:
        CannotTake: there is no such folder, or its declaration does not say so in so many words.
    """
    return str(_registered(folder, _text(folder, DECLARATION)).value)


def taking(folder: Path, source: Source) -> Taking:
    """Return what changes in a capsule's folder when its model becomes this version.

    Raises:
        CannotTake: the version does not fit the capsule, or the folder is not as `capsules new` writes it.
    """
    declaration = _text(folder, DECLARATION)
    before = _registered(folder, declaration)
    if not (folder / ARTIFACT).is_dir():
        raise CannotTake(
            f"There is no folder {ARTIFACT} in {folder}, in which `capsules new` keeps the model's own files:"
            " put the version in by hand."
        )
    card, (model, version) = card_in(folder / ARTIFACT), _parts(source.registered)
    if differs := next_fitting.misfits(card.signature, source.card.signature):
        raise CannotTake(next_fitting.sentence(model, version, differs))
    texts = {DECLARATION: _with(declaration, before, literal(source.registered))}
    if (folder / MODEL).is_file():
        opening = '"""The model: {},'
        old, now = opening.format(before.value), opening.format(source.registered)
        texts[MODEL] = _text(folder, MODEL).replace(old, now, 1)
    needs, said = _requirements(folder, card, source)
    texts |= needs
    changed = {name: text for name, text in texts.items() if text != _text(folder, name)}
    return Taking(changed, (*said, *new_image.other_python(source)))


def _requirements(
    folder: Path, card: Card, source: Source
) -> tuple[Mapping[str, str], Sequence[str]]:
    """Return the requirements where they change, and what is said where they are the author's own."""
    drafted = new_image.requirements(Source("mlflow", "", card, source.copy))
    wanted = new_image.requirements(source)
    there = _text(folder, REQUIREMENTS) if (folder / REQUIREMENTS).is_file() else None
    if wanted is None or wanted in (there, drafted):
        return {}, ()
    if there == drafted:
        return {REQUIREMENTS: wanted}, ()
    listed = ", ".join(wanted.split())
    return {}, (f"{folder / REQUIREMENTS} is your own and stays; the version asks for {listed}.",)


def _registered(folder: Path, text: str) -> ast.Constant:
    try:
        tree = ast.parse(text)
    except SyntaxError as cause:
        raise CannotTake(
            f"{folder / DECLARATION} is no Python that can be read: {cause}."
        ) from cause
    found = [
        word.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for word in call.keywords
        if word.arg == "registered"
    ]
    if len(found) == 1 and isinstance(found[0], ast.Constant):
        value = found[0].value
        if isinstance(value, str) and ADDRESS.fullmatch(value):
            return found[0]
    raise CannotTake(
        f'{folder / DECLARATION} does not say registered="models:/NAME/VERSION" once and in so many words:'
        " write the version there."
    )


def _with(text: str, before: ast.Constant, now: str) -> str:
    """Return a module's text with this literal in another one's place, all else as its author wrote it."""
    lines = text.encode().splitlines(keepends=True)
    assert before.end_lineno is not None
    assert before.end_col_offset is not None
    head = b"".join(lines[: before.lineno - 1]) + lines[before.lineno - 1][: before.col_offset]
    tail = lines[before.end_lineno - 1][before.end_col_offset :]
    return (head + now.encode() + tail + b"".join(lines[before.end_lineno :])).decode()


def _parts(address: str) -> tuple[str, str]:
    model, _, version = re.sub("^models:/", "", address).rpartition("/")
    return model, version


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_bytes().decode()
    except (OSError, ValueError) as cause:
        raise CannotTake(
            f"There is no {folder / name} that can be read here: call this, and `capsules up`, in the"
            " project's folder."
        ) from cause
