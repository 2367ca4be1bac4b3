"""The model at an address: a version in a registry, a folder or a file.

No model is opened here, a pickle least of all: what is read are names, and the texts beside it.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from capsule_blocks.model_card import CARD_FILE, Card, requirement_lines
from capsule_blocks.model_folders import card_in, copy_model
from capsule_flows.errors import FlowsError
from capsule_flows.new_source import Kind, Source
from capsule_flows.registry_connection import NoRegistry, the_registry

KINDS: dict[str, Kind] = {
    ".pkl": "pickle",
    ".pickle": "pickle",
    ".joblib": "joblib",
    ".onnx": "onnx",
    ".r": "r",
    ".py": "python",
}
REGISTERED = re.compile(r"models:/(?P<model>[^/@:]+)(?:/(?P<version>\d+)|(?P<alias>@[\w-]+))")
REQUIREMENTS = "requirements.txt"
ASSUMED: dict[Kind, tuple[str, ...]] = {
    "pickle": ("scikit-learn",),
    "joblib": ("joblib", "scikit-learn"),
    "onnx": ("onnxruntime",),
    "r": (),
    "python": (),
    "mlflow": ("mlflow-skinny",),
}
"""What such a model needs where nothing says so."""


class CannotDraft(FlowsError):
    """No capsule can be made of what was given."""

    exit_code = 64


def find_source(address: str) -> Source:
    """Return what stands at an address.

    Args:
        address: models:/NAME/VERSION, models:/NAME@ALIAS, or the path of a folder or a file.

    Raises:
        CannotDraft: nothing is there, it is no model, or no registry is connected.
        CapsuleError: the registry does not answer, or has no such version.
    """
    if address.startswith("models:"):
        return _registered(address)
    place = Path(address)
    if place.is_file():
        return _with_requirements(_file(place, address), [place.with_name(REQUIREMENTS)])
    if place.is_dir():
        return _with_requirements(_folder(place, address), [place / REQUIREMENTS])
    raise CannotDraft(
        f"There is nothing at {address}: give a folder, a file, or models:/NAME/VERSION."
    )


def _registered(address: str) -> Source:
    asked = REGISTERED.fullmatch(address)
    if asked is None:
        raise CannotDraft(
            f"{address} names no version: write models:/NAME/3 or models:/NAME@alias."
        )
    try:
        server = the_registry().server()
    except NoRegistry as cause:
        raise CannotDraft(str(cause)) from cause
    if server is None:
        raise CannotDraft(str(NoRegistry()))
    version = server.version(asked["model"], asked["version"] or asked["alias"])
    # An alias moves; a release is of one version for ever.
    pinned = f"models:/{version.model}/{version.version}"
    return Source(
        "mlflow",
        pinned,
        server.card(version),
        lambda to: server.copy(version, to),
        version=version,
        lineage=server.lineage(version),
        registered=pinned,
    )


def _file(place: Path, address: str) -> Source:
    kind = KINDS.get(place.suffix.lower())
    if kind is None:
        known = ", ".join(sorted(KINDS))
        raise CannotDraft(
            f"{address} is no model that is known here: its name ends in none of {known}."
        )
    found = Source(kind, place.name, Card(), lambda to: copy_model(place, to), place.name)
    return _python(found, place, [place]) if kind == "python" else found


def _folder(place: Path, address: str) -> Source:
    def copy(to: Path) -> None:
        copy_model(place, to)

    # The folder's own name: where it lies on this machine is nobody's business.
    told = place.resolve().name
    if (place / CARD_FILE).is_file():
        return Source("mlflow", told, card_in(place), copy)
    models = [one for one in sorted(place.iterdir()) if one.suffix.lower() in KINDS]
    others = [one for one in models if one.suffix.lower() != ".py"]
    if len(others) == 1:
        return Source(KINDS[others[0].suffix.lower()], told, Card(), copy, others[0].name)
    if not others:
        return _python(Source("python", told, Card(), copy), place, models)
    names = ", ".join(one.name for one in others)
    raise CannotDraft(f"{address} holds several models ({names}): give one of these files.")


def _python(found: Source, place: Path, files: Sequence[Path]) -> Source:
    """Return the source whose main file is the one module that defines `predict`; nothing is imported."""
    defining = {file: count for file in files if (count := _takes(file)) is not None}
    if len(defining) != 1:
        said = "none defines" if not defining else "several define"
        raise CannotDraft(
            f"{place} is no model that is known here: it holds no MLmodel, pickle, ONNX file or R"
            f" script, and of its modules {said} a function predict(cases) or predict(cases, settings)."
        )
    (file, count), *_ = defining.items()
    return replace(found, main=file.name, takes_settings=count > 1)


def _takes(file: Path) -> int | None:
    """Return how many arguments the function `predict` of a module takes; None where it has none."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, OSError) as cause:
        raise CannotDraft(f"{file} is no Python that can be read: {cause}.") from cause
    for one in tree.body:
        if isinstance(one, ast.FunctionDef) and one.name == "predict" and one.args.args:
            return len(one.args.args)
    return None


def _with_requirements(found: Source, places: Sequence[Path]) -> Source:
    if found.card.requirements:
        return found
    for place in places:
        if place.is_file():
            lines = requirement_lines(place.read_text(encoding="utf-8", errors="replace"))
            return replace(found, card=replace(found.card, requirements=lines))
    assumed = ASSUMED[found.kind]
    if not assumed:
        return found
    gap = (
        f"No {REQUIREMENTS} lies beside the model, so its Python gets {' and '.join(assumed)} as they"
        " come: write the versions that it was trained with."
    )
    gaps = tuple(one for one in found.card.gaps if REQUIREMENTS not in one)
    return replace(found, card=replace(found.card, requirements=assumed, gaps=(*gaps, gap)))
