"""Folders on this machine as a place where models are kept: each folder or file in them is a model.

Nothing is opened but the texts that MLflow saves beside a model.
"""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from capsule_blocks.model_card import CARD_FILE, Card, card_of, neighbours
from capsule_blocks.registered_models import (
    Lineage,
    ModelFileMissing,
    ModelsUnreachable,
    RegisteredModel,
    Unknown,
    UnknownModel,
    Version,
)

MODEL_FILES = (".pkl", ".pickle", ".joblib", ".onnx", ".r")
"""Endings of files that are models by themselves, in small letters."""
LEFT_OUT = ("__pycache__", ".git", ".ipynb_checkpoints")


class FolderModels:
    """The models in some folders."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Remember the folders; nothing is looked at yet."""
        self._folders = tuple(folders)

    def models(self) -> Sequence[RegisteredModel]:
        """Return what lies in the folders and is a model, by name."""
        found = [_version(place) for place in self._places()]
        return [
            RegisteredModel(name=one.model, changed_at=one.at, newest=one)
            for one in sorted(found, key=lambda one: one.model)
        ]

    def versions(self, model: str) -> Sequence[Version]:
        """Return the one version of a model that a folder has; raises UnknownModel."""
        for place in self._places():
            if place.name == model:
                return [_version(place)]
        raise UnknownModel(", ".join(map(str, self._folders)), model)

    def version(self, model: str, version: str) -> Version:
        """Return that version, where it still is what was asked for; raises UnknownModel."""
        found = self.versions(model)[0]
        if version != found.version:
            raise UnknownModel(str(Path(found.address).parent), f"{model}, version {version}")
        return found

    def lineage(self, version: Version) -> Lineage | Unknown:
        """Return that nothing is known of how it came about."""
        return Unknown(f"Nobody wrote down how {version.address} came about.")

    def card(self, version: Version) -> Card:
        """Return what stands beside a model."""
        return card_in(Path(version.address))

    def copy(self, version: Version, to: Path) -> None:
        """Copy a model's files into an empty folder; raises ModelFileMissing."""
        copy_model(Path(version.address), to)

    def _places(self) -> Iterator[Path]:
        for folder in self._folders:
            try:
                entries = sorted(folder.iterdir())
            except OSError as cause:
                raise ModelsUnreachable(str(folder), cause.strerror or str(cause)) from cause
            yield from (place for place in entries if _is_model(place))


def card_in(place: Path) -> Card:
    """Return what the files in a model's folder say of it; what is missing is said in the card."""
    text = _text(place / CARD_FILE)
    if text is None:
        return Card(gaps=("There is no MLmodel beside it: nothing says which columns it takes.",))
    beside = {name: _text(place / name) for name in neighbours(text) if _is_inside(name)}
    return card_of(text, {name: one for name, one in beside.items() if one is not None})


def copy_model(place: Path, to: Path) -> None:
    """Copy a model's file or folder into an empty folder, links and caches left out.

    Raises:
        ModelFileMissing: it is gone, or cannot be read.
    """
    try:
        for file in files_of(place):
            name = file.relative_to(place) if place.is_dir() else Path(file.name)
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, to / name)
    except OSError as cause:
        raise ModelFileMissing(str(place), cause.strerror or str(cause)) from cause


def files_of(place: Path) -> list[Path]:
    """Return a model's own files, sorted; those that a link leads to are not among them."""
    if place.is_file():
        return [place]
    return sorted(
        file
        for file in place.rglob("*")
        if file.is_file() and not file.is_symlink() and not {*file.parts} & {*LEFT_OUT}
    )


def content_hash(place: Path) -> str:
    """Return the SHA-256 over names and bytes of a model's files, as 64 hexadecimal digits."""
    whole = hashlib.sha256()
    for file in files_of(place):
        name = file.relative_to(place).as_posix() if place.is_dir() else file.name
        with file.open("rb") as stream:
            bytes_hash = hashlib.file_digest(stream, "sha256").hexdigest()
        whole.update(f"{name}\n{bytes_hash}\n".encode())
    return whole.hexdigest()


def _version(place: Path) -> Version:
    changed = max((file.stat().st_mtime for file in files_of(place)), default=0.0)
    return Version(
        model=place.name,
        version=content_hash(place)[:12],
        address=str(place),
        at=datetime.fromtimestamp(changed, UTC),
        source=str(place),
    )


def _is_model(place: Path) -> bool:
    if place.is_file():
        return place.suffix.lower() in MODEL_FILES
    return (place / CARD_FILE).is_file() or any(place.glob("*.py"))


def _is_inside(name: str) -> bool:
    return not Path(name).is_absolute() and ".." not in Path(name).parts


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
