"""An MLflow server of the tests' own, with models that MLflow's own client registered.

MLflow has an environment of its own, made from `registry/mlflow.txt`: it demands an older pyarrow than the
capsules' images have. Server and client run on a free loopback port, in a folder of their own, gone afterwards.
"""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from machine import free_port, until

HERE = Path(__file__).parent / "registry"
UV = Path(sys.executable).with_name("uv")
ANSWERS_WITHIN_S = 120.0
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "DO_NOT_TRACK": "1",
    "GIT_PYTHON_REFRESH": "quiet",
}


@dataclass(frozen=True)
class MlflowHere:
    """A running server and the environment that has its client."""

    url: str
    python: Path
    """A Python with MLflow, scikit-learn, skl2onnx and onnxruntime."""


def environment(folder: Path) -> Path | str:
    """Make MLflow's environment and return its Python, or why that cannot be done here."""
    python = folder / "bin" / "python"
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    install = [UV, "pip", "install", "--quiet", "--require-hashes", "--python", python]
    made = subprocess.run(
        [*install, "-r", HERE / "mlflow.txt"],
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
    )
    return f"MLflow cannot be installed here: {made.stderr[-300:]}" if made.returncode else python


@contextmanager
def private_mlflow(python: Path, folder: Path) -> Iterator[MlflowHere]:
    """Run a server with the models that `registry/register.py` registers."""
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        *(python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--workers", "1"),
        *("--port", url.rpartition(":")[2]),
        *("--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}"),
        *("--artifacts-destination", folder / "artifacts"),
    ]
    inherited = {**os.environ, **QUIET}
    with (folder / "server.log").open("wb") as log:
        # A group of its own: the server starts others, which end with it.
        server = subprocess.Popen(
            command, cwd=folder, env=inherited, stdout=log, stderr=log, start_new_session=True
        )
    try:
        until(lambda: _answers(url), ANSWERS_WITHIN_S, "the MLflow server")
        done = subprocess.run(
            [python, HERE / "register.py", url],
            cwd=folder,
            env=inherited,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        yield MlflowHere(url, python)
    finally:
        os.killpg(server.pid, 15)
        server.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
