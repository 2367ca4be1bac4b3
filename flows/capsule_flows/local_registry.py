"""A model registry of a start's own: an MLflow server on this machine, in an environment of its own.

MLflow demands older packages than the capsules' images have, so its environment is made with uv, from
a lock, the first time somebody asks for it.
"""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from capsule_flows.errors import FlowsError

LOCK = Path(__file__).with_name("mlflow.txt")
PLACE = "registry"
"""The folder of a start that holds it."""
MADE = "made-of"
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "GIT_PYTHON_REFRESH": "quiet"}


class NoLocalRegistry(FlowsError):
    """MLflow cannot be installed here."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The model registry cannot be made: {problem}. Start without --models, or set"
            " MLFLOW_TRACKING_URI to a server that is there."
        )


def make_registry(home: Path, tell: Callable[[str], None]) -> None:
    """Make the registry's environment, unless it is there and of the same lock.

    Raises:
        NoLocalRegistry: uv is missing, or the packages cannot be had.
    """
    folder, lock = home / PLACE, hashlib.sha256(LOCK.read_bytes()).hexdigest()
    made = folder / MADE
    if made.is_file() and made.read_text() == lock:
        return
    tell("Installing the model registry, MLflow, once; this takes a minute or two.")
    uv, environment = Path(sys.executable).with_name("uv"), folder / "env"
    if not uv.is_file():
        raise NoLocalRegistry(f"there is no {uv.name} beside this Python")
    folder.mkdir(parents=True, exist_ok=True)
    for words in (
        ("venv", "--quiet", "--clear", "--python", sys.executable, environment),
        ("pip", "install", "--quiet", "--require-hashes", "--python", environment, "-r", LOCK),
    ):
        done = subprocess.run([uv, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["uv said nothing"]
            raise NoLocalRegistry(said[-1].strip().rstrip("."))
    # Last: an installation that was broken off is made again.
    made.write_text(lock)


def registry_command(home: Path, port: int) -> list[str]:
    """Return the registry's command; it keeps models, and everything of theirs, in the start's folder."""
    folder = home / PLACE
    return [
        *(str(folder / "env" / "bin" / "python"), "-m", "mlflow", "server"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
        *("--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}"),
        *("--artifacts-destination", str(folder / "artifacts")),
    ]
