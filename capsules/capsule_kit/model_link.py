"""The flow's end of the pipe to the model's process: start it, ask once, hear progress, tell how it died."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from capsule_kit.errors import ModelFailed

LAST_LINES = 20
KEPT_ENVIRONMENT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "HOME",
    "TMPDIR",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "CAPSULE_MODEL",
)
"""All of the environment that the model's process sees: no API address, no credential."""


class ModelLink:
    """One model process, for one trial; a context manager that leaves nothing running."""

    def __init__(self, module_path: str) -> None:
        """Start the process, which begins to load the author's module at once."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "capsule_kit", module_path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ},
            text=True,
            errors="replace",
        )
        self._said: deque[str] = deque(maxlen=LAST_LINES)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._listener.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()

    def wait_loaded(self) -> None:
        """Return once the model is loaded.

        Raises:
            ModelFailed: it could not be loaded.
        """
        self._reply("loaded", "it could not be loaded")

    def predict(
        self,
        *,
        inputs: Path,
        settings: dict[str, Any],
        files: Path,
        predictions: Path,
        on_progress: Callable[[int, int], None],
    ) -> None:
        """Have the model predict the cases of `inputs` and write `predictions`.

        Args:
            inputs: The checked cases, without answers.
            settings: The values of the form, as JSON.
            files: The folder in which the model works; what it writes there is handed over.
            predictions: Where the predictions go, as Parquet.
            on_progress: Called with cases done and cases in all.

        Raises:
            ModelFailed: it raised, died, or stopped without an answer.
        """
        request = {
            "inputs": str(inputs),
            "settings": settings,
            "files": str(files),
            "predictions": str(predictions),
        }
        pipe = self._process.stdin
        if pipe is None:
            raise ModelFailed("its process takes no requests")
        try:
            pipe.write(json.dumps(request) + "\n")
            pipe.close()
        except BrokenPipeError:
            raise self._death("it ended before it was asked") from None
        self._reply("predicted", "it raised an error while predicting", on_progress)

    def _reply(
        self, wanted: str, failing: str, on_progress: Callable[[int, int], None] | None = None
    ) -> None:
        for line in self._process.stdout or ():
            reply = json.loads(line)
            if reply["op"] == wanted:
                return
            if reply["op"] == "failed":
                raise self._death(f"{failing} ({reply['error']})")
            if reply["op"] == "progress" and on_progress:
                on_progress(reply["done"], reply["of"])
        raise self._death("its process ended without an answer")

    def _death(self, problem: str) -> ModelFailed:
        code = self._process.wait()
        self._listener.join()
        if code < 0:
            problem += f", killed by {signal.Signals(-code).name}"
            if -code == signal.SIGKILL:
                problem += " (out of memory is the usual reason)"
        return ModelFailed(problem, "".join(self._said).rstrip())

    def _listen(self) -> None:
        for line in self._process.stderr or ():
            self._said.append(line)
            sys.stderr.write(line)
