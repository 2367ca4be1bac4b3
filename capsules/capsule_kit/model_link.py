"""The flow's end of the pipe to the model's process: start it, ask once, hear progress, tell how it died.

Where the model's process is another user's, nothing that it sends is believed before it is looked at.
What the two say to each other is written down in docs/protocol.md.
"""

import math
import os
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, Full, Queue
from subprocess import TimeoutExpired
from typing import Any, Self

from capsule_kit.columns import Column
from capsule_kit.errors import CapsuleError, ModelFailed
from capsule_kit.model_words import counts, how_it_ended, plain
from capsule_kit.models import Model, as_text
from capsule_kit.request_folder import lay_out, predictions_of
from capsule_kit.starting import start

SAYS = "capsule "
"""How a line of the model's begins that is meant for the flow."""
LAST_LINES = 20
DYING_S = 5.0
"""How long a process that said it failed may take to end, in seconds."""
LONGEST_LINE = 1 << 16
"""How much of one line of the model's process is read at a time, in characters."""
MOST_TOLD = 5_000
"""How much of its last lines is told, in characters."""
MOST_FORWARDED = 1 << 20
"""How much of its output is passed on in all, in characters."""
MOST_UNREAD = 1_000
"""How many of its lines wait to be heeded, before it has to wait."""
MOST_PACKAGES = 2_000
"""How many packages a model may say that it runs with."""
REQUEST_VARIABLE = "CAPSULE_REQUEST"
"""The folder in which the flow may lay out what a model of another user is asked."""
SECONDS_VARIABLE = "CAPSULE_SECONDS"
"""How long the model may load, and how long it may predict, in seconds; for ever where it is not set."""


class ModelLink:
    """One model process, for one trial; a context manager that leaves nothing running."""

    def __init__(self, model: Model, user: int | None = None) -> None:
        """Start the process, which begins to load the author's code at once.

        Args:
            model: What is started.
            user: The number of the user that the process is to be; None for this one's own.

        Raises:
            ModelFailed: it cannot be run, or the image has no such program.
            ProgramMissing: this machine has none, and the capsule runs outside its image.
        """
        self._parted = user is not None
        self._in_own_python = isinstance(model, str)
        self.packages: dict[str, str] = {}
        """What the model said that it runs with; nothing where that is the kit's own Python."""
        self._process = start(model, user)
        self._said: deque[str] = deque(maxlen=LAST_LINES)
        self._forwarded = MOST_FORWARDED
        self._replies: Queue[tuple[str, str] | None] = Queue(MOST_UNREAD)
        self._loaded_at: datetime | ModelFailed | None = None
        self._over = threading.Event()
        self._listeners = [
            threading.Thread(target=listen, daemon=True) for listen in (self._hear, self._overhear)
        ]
        for listener in self._listeners:
            listener.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._parted:
            # Another user's process cannot be killed from here; it ends with this container.
            return
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for listener in self._listeners:
            listener.join(DYING_S)
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
        columns: Sequence[Column],
        out: Path,
        on_progress: Callable[[int, int], None],
    ) -> Path:
        """Have the model predict the cases of `inputs`; return the file with its predictions.

        Args:
            inputs: The checked cases, without answers, as Parquet.
            settings: The values of the form, as JSON.
            columns: The contract's columns.
            out: The folder in which the model writes, with `files` in it, which is handed over.
            on_progress: Called with cases done and cases in all.

        Raises:
            ModelFailed: it raised, died, took too long, or stopped without an answer.
        """
        self.wait_loaded()
        with tempfile.TemporaryDirectory(
            prefix="request-", dir=os.environ.get(REQUEST_VARIABLE)
        ) as place:
            # Others may look into it where the model is another user.
            Path(place).chmod(0o755 if self._parted else 0o700)
            lay_out(
                Path(place),
                inputs=inputs.resolve(),
                settings=settings,
                columns=columns,
                out=out.resolve(),
                with_csv=not self._in_own_python,
            )
            self._ask(place)
            self._reply("predicted", "it failed while predicting", on_progress)
        return predictions_of(out)

    def _ask(self, place: str) -> None:
        pipe = self._process.stdin
        if pipe is None:
            raise ModelFailed("its process takes no requests")
        try:
            pipe.write(f"{place}\n")
            pipe.close()
        except BrokenPipeError:
            raise self._death("it ended before it was asked") from None

    def _reply(
        self,
        wanted: str,
        failing: str,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> None:
        seconds = _seconds()
        until = time.monotonic() + (seconds or math.inf)
        while True:
            left = until - time.monotonic()
            try:
                # What waits to be heeded is given even when no time is left.
                told = self._replies.get(timeout=max(0.0, left) if seconds else None)
            except Empty:
                left = 0.0
            if left <= 0:
                problem = f"it was still at work after {seconds:g} s, its time limit"
                raise ModelFailed(problem, self._last_lines())
            if told is None:
                raise self._death("its process ended without an answer")
            op, words = told
            if op == wanted:
                return
            if op == "failed":
                raise self._death(f"{failing} ({plain(words)})")
            if op == "progress" and on_progress:
                on_progress(*counts(words))
            if op == "with" and len(self.packages) < MOST_PACKAGES:
                name, _, version = plain(words).rpartition(" ")
                self.packages[name or version] = version if name else ""

    def _death(self, problem: str) -> ModelFailed:
        try:
            code = self._process.wait(DYING_S)
        except TimeoutExpired:
            return ModelFailed(problem, self._last_lines())
        for listener in self._listeners:
            listener.join(DYING_S)
        return ModelFailed(problem + how_it_ended(code), self._last_lines())

    def _last_lines(self) -> str:
        lines = "\n".join(plain(line.rstrip("\n")) for line in self._said).rstrip()
        return lines if len(lines) <= MOST_TOLD else f"… {lines[-MOST_TOLD:]}"

    def _hear(self) -> None:
        """Put what the model says to the flow in line; everything else is its own words."""
        pipe = self._process.stdout
        while pipe and (line := pipe.readline(LONGEST_LINE)):
            if line.startswith(SAYS):
                op, _, words = line.removeprefix(SAYS).rstrip("\n").partition(" ")
                self._put((op, words))
            else:
                self._remember(line)
        self._put(None)

    def _put(self, told: tuple[str, str] | None) -> None:
        while not self._over.is_set():
            try:
                return self._replies.put(told, timeout=DYING_S)
            except Full:
                continue
        return None

    def _overhear(self) -> None:
        pipe = self._process.stderr
        while pipe and (line := pipe.readline(LONGEST_LINE)):
            self._remember(line)

    def _remember(self, line: str) -> None:
        self._said.append(line)
        if self._forwarded > 0:
            sys.stderr.write(line)
            self._forwarded -= len(line)
            if self._forwarded <= 0:
                sys.stderr.write("The model goes on writing; the rest is left out.\n")


def _seconds() -> float | None:
    told = os.environ.get(SECONDS_VARIABLE)
    return float(told) if told else None


_ahead: dict[str, ModelLink | CapsuleError] = {}


def start_ahead(model: Model, user: int | None) -> None:
    """Start the model's process before the trial is known that will ask it."""
    try:
        _ahead[as_text(model)] = ModelLink(model, user)
    except CapsuleError as failure:
        _ahead[as_text(model)] = failure


def wait_ahead() -> None:
    """Return when every process that was started ahead is loaded, or has failed to."""
    for link in _ahead.values():
        if isinstance(link, ModelLink):
            with suppress(ModelFailed):
                link.wait_loaded()


def model_link(model: Model) -> ModelLink:
    """Return the link to the process that was started ahead, or else to a new one.

    Raises:
        ModelFailed: it could not be started.
        ProgramMissing: this machine lacks what the image has.
    """
    link = _ahead.pop(as_text(model), None) or ModelLink(model)
    if isinstance(link, CapsuleError):
        raise link
    return link
