"""The flow's end of the pipe to the model's process: start it, ask once, hear progress, tell how it died.

Where the model's process is another user's, nothing that it sends is believed before it is looked at.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from capsule_kit.errors import ModelFailed

LAST_LINES = 20
DYING_S = 5.0
"""How long a process that said it failed may take to end, in seconds."""
MEMORY_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""Where the kernel tells a container's limit, in bytes: control groups version 2 and 1."""
NO_LIMIT_MB = 1 << 40
KEPT_ENVIRONMENT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "HOME",
    "TMPDIR",
    "PYTHONPATH",
    "VIRTUAL_ENV",
)
"""All of the environment that the model's process sees: no API address, no credential."""


LONGEST_LINE = 1 << 16
"""How much of one line of the model's process is read at a time, in characters."""
LONGEST_TOLD = 1_000
"""How much of a line of its is told, in characters."""
MOST_TOLD = 5_000
"""How much of its last lines is told, in characters."""
MOST_CASES = 1 << 40
MOST_FORWARDED = 1 << 20
"""How much of its output is passed on in all, in characters."""
MOST_PROCESSES = 128
"""How many processes and threads a model under a user of its own may have."""
WORK_VARIABLE = "CAPSULE_WORK"
"""The folder in which such a model may write."""


class ModelLink:
    """One model process, for one trial; a context manager that leaves nothing running."""

    def __init__(self, module_path: str, user: int | None = None) -> None:
        """Start the process, which begins to load the author's module at once.

        `user` is the number of the user that the process is to be; None for this one's own.
        """
        self._parted = user is not None
        arguments = [module_path, str(MOST_PROCESSES)] if self._parted else [module_path]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "capsule_kit", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment(),
            cwd=os.environ[WORK_VARIABLE] if self._parted else None,
            text=True,
            errors="replace",
            user=user,
            group=user,
            extra_groups=[] if self._parted else None,
        )
        self._said: deque[str] = deque(maxlen=LAST_LINES)
        self._loaded_at: datetime | ModelFailed | None = None
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._parted:
            # Another user's process cannot be killed from here; it ends with this container.
            return
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._listener.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()

    def wait_loaded(self) -> datetime:
        """Return when the model was loaded, once it is.

        Raises:
            ModelFailed: it could not be loaded.
        """
        if self._loaded_at is None:
            try:
                self._reply("loaded", "it could not be loaded")
                self._loaded_at = datetime.now(UTC)
            except ModelFailed as failure:
                self._loaded_at = failure
        if isinstance(self._loaded_at, ModelFailed):
            raise self._loaded_at
        return self._loaded_at

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
        pipe = self._process.stdout
        while pipe and (line := pipe.readline(LONGEST_LINE)):
            op, told = _told(line)
            if op == wanted:
                return
            if op == "failed":
                raise self._death(f"{failing} ({plain(str(told.get('error')))})")
            if op == "progress" and on_progress:
                on_progress(_count(told.get("done")), _count(told.get("of")))
        raise self._death("its process ended without an answer")

    def _death(self, problem: str) -> ModelFailed:
        try:
            code = self._process.wait(DYING_S)
        except subprocess.TimeoutExpired:
            return ModelFailed(problem, self._last_lines())
        self._listener.join(DYING_S)
        if code < 0:
            problem += f", killed by {signal.Signals(-code).name}"
            if -code == signal.SIGKILL:
                problem += f" ({out_of_memory()})"
        return ModelFailed(problem, self._last_lines())

    def _last_lines(self) -> str:
        lines = "\n".join(plain(line.rstrip("\n")) for line in self._said).rstrip()
        return lines if len(lines) <= MOST_TOLD else f"… {lines[-MOST_TOLD:]}"

    def _listen(self) -> None:
        pipe, left = self._process.stderr, MOST_FORWARDED
        while pipe and (line := pipe.readline(LONGEST_LINE)):
            self._said.append(line)
            if left > 0:
                sys.stderr.write(line)
                left -= len(line)
                if left <= 0:
                    sys.stderr.write("The model goes on writing; the rest is left out.\n")

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        return {**kept, "HOME": os.environ[WORK_VARIABLE]} if self._parted else kept


_ahead: dict[str, ModelLink] = {}


def start_ahead(module_path: str, user: int | None) -> None:
    """Start the model's process before the trial is known that will ask it."""
    _ahead[module_path] = ModelLink(module_path, user)


def wait_ahead() -> None:
    """Return when every process that was started ahead is loaded, or has failed to."""
    for link in _ahead.values():
        with suppress(ModelFailed):
            link.wait_loaded()


def model_link(module_path: str) -> ModelLink:
    """Return the link to the process that was started ahead, or else to a new one."""
    return _ahead.pop(module_path, None) or ModelLink(module_path)


def out_of_memory() -> str:
    """Return what is known of why the kernel killed a process of this container."""
    for limit in MEMORY_LIMITS:
        with suppress(OSError, ValueError):
            size = int(limit.read_text()) / (1 << 20)
            if size < NO_LIMIT_MB:
                return f"out of memory is the usual reason; its limit is {size:.0f} MB"
    return "out of memory is the usual reason"


def _told(line: str) -> tuple[str, dict[str, Any]]:
    """Return what a line says; nothing where it is none of ours."""
    try:
        told = json.loads(line)
        return str(told["op"]), told
    except (ValueError, TypeError, KeyError, RecursionError):
        return "", {}


def _count(told: object) -> int:
    return min(max(told, 0), MOST_CASES) if isinstance(told, int) else 0


def plain(told: str) -> str:
    """Return a stranger's words as every page and database can take them, and not too many."""
    kept = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in told)
    return kept if len(kept) <= LONGEST_TOLD else f"{kept[:LONGEST_TOLD]} …"
