"""The model's own process: loads the author's module once, answers one request, and knows nothing else.

Run as `python -m capsule_kit MODULE [PROCESSES]`; with the number it limits itself first. It
speaks JSON lines: requests come on standard input, replies go to the pipe that was standard
output; whatever the author's code prints goes to standard error, where the flow keeps the last
lines.
"""

import gc
import importlib
import json
import os
import resource
import sys
import traceback
from io import BytesIO
from pathlib import Path
from typing import IO, Any

PROGRESS = "progress"
ROWS_AT_ONCE = 100_000
"""How many rows a group of the predictions' file has; groups of a million are read slowly."""
LONGEST_ERROR = 1_000
"""How much of an error's own words is sent, in characters."""


def progress(done: int, of: int) -> None:
    """Tell the expert how far `predict` is: `done` of `of` cases."""
    _Replies.current.say({"op": PROGRESS, "done": int(done), "of": int(of)})


class _Replies:
    """The pipe back to the flow; silent where there is none, as in an author's own notebook."""

    current: "_Replies"

    def __init__(self, pipe: IO[str] | None) -> None:
        self._pipe = pipe

    def say(self, reply: dict[str, Any]) -> None:
        if self._pipe is not None:
            self._pipe.write(json.dumps(reply) + "\n")
            self._pipe.flush()


_Replies.current = _Replies(None)


def limit_myself(processes: int) -> None:
    """Bound what this process may become, before the author's code runs in it.

    Args:
        processes: How many processes and threads its user may have.
    """
    resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Where memory runs out, it is this process that ends, and the flow can say so.
    Path("/proc/self/oom_score_adj").write_text("1000")


def main(module_path: str) -> int:
    """Load the model, wait for one request, predict; return the exit code."""
    replies = _Replies.current = _Replies(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)
    try:
        # Imports leave nothing to collect, and looking through them takes a seventh of their time.
        gc.disable()
        module = importlib.import_module(module_path)
        gc.freeze()
        gc.enable()
        module.load()
        rehearse_tables()
        replies.say({"op": "loaded"})
        line = sys.stdin.readline()
        if not line:
            return 0
        request = json.loads(line)
        predictions = _predict(module, request)
        replies.say({"op": "predicted", "path": str(predictions)})
    except BaseException as error:  # noqa: BLE001  whatever the author's code raises is told, not hidden
        traceback.print_exc()
        told = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
        replies.say({"op": "failed", "error": told})
        return 1
    return 0


def rehearse_tables() -> None:
    """Write and read a table, since the first time imports what the later ones have."""
    import pandas as pd

    table = BytesIO()
    pd.DataFrame({"case_id": ["a"], "score": [0.5]}).to_parquet(table, index=False)
    pd.read_parquet(table)


def _predict(module: Any, request: dict[str, Any]) -> Path:
    import pandas as pd

    cases = pd.read_parquet(request["inputs"]).set_index("case_id").drop(columns="row")
    Path(request["files"]).mkdir(exist_ok=True)
    os.chdir(request["files"])
    given = module.predict(cases, request["settings"])
    if not isinstance(given, pd.DataFrame):
        message = f"predict() returned a {type(given).__name__}, not a DataFrame"
        raise TypeError(message)
    path = Path(request["predictions"])
    given.rename_axis("case_id").reset_index().to_parquet(
        path, index=False, row_group_size=ROWS_AT_ONCE
    )
    return path
