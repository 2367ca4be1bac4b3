"""A model's process as it is started: its words, its user, its environment, its folder (docs/protocol.md)."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from capsule_kit import limiting, model_process
from capsule_kit.errors import ModelFailed, ProgramMissing
from capsule_kit.models import Command, Model, OtherPython, package_of
from capsule_kit.provenance import IMAGE_VARIABLE

PROTOCOL = "1"
"""The version of what is said between flow and model; another where an older model would not understand."""
PROTOCOL_VARIABLE = "CAPSULE_PROTOCOL"
KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "HOME", "TMPDIR")
"""All of the environment that the model's process sees: no API address, no credential."""
FOR_THE_KITS_PYTHON = ("PYTHONPATH", "VIRTUAL_ENV")
"""And what it sees of it where it runs in the kit's own Python."""
LETTERS = "C.UTF-8"
"""The language of a model's process where none is set, so that its letters are UTF-8."""
MOST_PROCESSES = 128
"""How many processes and threads a model under a user of its own may have."""
WORK_VARIABLE = "CAPSULE_WORK"
"""The folder in which such a model may write."""


def start(model: Model, user: int | None) -> subprocess.Popen[str]:
    """Start a model's process.

    Args:
        model: What is started.
        user: The number of the user that the process is to be; None for this one's own.

    Raises:
        ModelFailed: it cannot be run, or the image has no such program.
        ProgramMissing: this machine has none, and the capsule runs outside its image.
    """
    words, where = _words(model), _where(model, user)
    if not _is_program(words[0], where):
        if IMAGE_VARIABLE not in os.environ:
            raise ProgramMissing(words[0])
        raise ModelFailed(
            f"its image has no program {words[0]}, by which the declaration has it started;"
            " install it in the Dockerfile"
        )
    if user is not None:
        words = (sys.executable, "-I", limiting.__file__, str(MOST_PROCESSES), *words)
    try:
        return subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(model, user),
            cwd=where,
            encoding="utf-8",
            errors="replace",
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
    except OSError as problem:
        raise ModelFailed(f"{words[0]} cannot be run ({problem.strerror})") from problem


def _words(model: Model) -> tuple[str, ...]:
    match model:
        case str():
            return sys.executable, "-m", "capsule_kit", model
        case OtherPython():
            # As a file: the other Python need not have what importing the kit takes.
            return model.python, model_process.__file__, model.module, str(_folder_of(model))
        case Command():
            return model.words


def _folder_of(model: Model) -> Path:
    """Return the folder of the outermost package that the model is in, without importing it."""
    package = package_of(model).partition(".")[0]
    spec = find_spec(package) if package else None
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places else Path.cwd()


def _where(model: Model, user: int | None) -> Path | None:
    """Return where the process is started; None for where this one is."""
    if not isinstance(model, str):
        # The words of a command may name files that lie beside the declaration.
        return _folder_of(model)
    return None if user is None else Path(os.environ[WORK_VARIABLE])


def _environment(model: Model, user: int | None) -> dict[str, str]:
    names = (*KEPT_ENVIRONMENT, *(FOR_THE_KITS_PYTHON if isinstance(model, str) else ()))
    kept = {name: os.environ[name] for name in names if name in os.environ}
    if not {"LANG", "LC_ALL"} & kept.keys():
        kept["LANG"] = LETTERS
    if user is not None:
        kept["HOME"] = os.environ[WORK_VARIABLE]
    return {**kept, PROTOCOL_VARIABLE: PROTOCOL}


def _is_program(word: str, where: Path | None) -> bool:
    return shutil.which(Path(where or "", word) if "/" in word else word) is not None
