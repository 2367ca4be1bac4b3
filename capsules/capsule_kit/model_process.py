"""The model's own process, for a model in Python: loads the author's module once, answers one request.

It speaks the protocol of docs/protocol.md. As `python -m capsule_kit MODULE` it runs in the kit's
own Python; as a file, `python model_process.py MODULE FOLDER`, in any Python from 3.8 on that has
pandas, whatever its version: so this module imports nothing of the kit, and nothing newer.

Whatever the author's code prints goes to standard error; replies go to what was standard output.
"""

from __future__ import annotations

import csv
import gc
import importlib
import importlib.util
import os
import sys
import traceback
import types
from io import BytesIO
from pathlib import Path
from typing import IO, Any

ROWS_AT_ONCE = 100_000
"""How many rows a group of the predictions' file has; groups of a million are read slowly."""
LONGEST_ERROR = 1_000
"""How much of an error's own words is sent, in characters."""
DTYPES = {
    "number": "float64",
    "integer": "Int64",
    "yes/no": "boolean",
    "choice": "object",
    "text": "object",
}
"""How a cell of the CSV is read, by its column's kind, as it would be in the Parquet file."""


def progress(done: int, of: int) -> None:
    """Tell the expert how far `predict` is: `done` of `of` cases."""
    _Replies.current.say(f"progress {int(done)} {int(of)}")


class _Replies:
    """The pipe back to the flow; silent where there is none, as in an author's own notebook."""

    current: _Replies

    def __init__(self, pipe: IO[str] | None) -> None:
        self._pipe = pipe

    def say(self, reply: str) -> None:
        if self._pipe is not None:
            self._pipe.write(f"capsule {reply}\n")
            self._pipe.flush()


_Replies.current = _Replies(None)


def main(module_path: str, folder: str | None = None) -> int:
    """Load the model, wait for one request, predict; return the exit code.

    Args:
        module_path: The author's module.
        folder: Where its outermost package is; None where it can be imported like any other.
    """
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="backslashreplace")
    replies = _Replies.current = _Replies(pipe)
    os.dup2(2, 1)
    try:
        # Imports leave nothing to collect, and looking through them takes a seventh of their time.
        gc.disable()
        if folder is not None:
            _stand_in_for_the_kit()
            _have_package(module_path.partition(".")[0], Path(folder))
        module = importlib.import_module(module_path)
        gc.freeze()
        gc.enable()
        module.load()
        rehearse_tables()
        if folder is not None:
            _tell_packages(replies)
        replies.say("loaded")
        request = sys.stdin.readline().rstrip("\n")
        if request:
            _predict(module, Path(request))
            replies.say("predicted")
    except BaseException as error:  # noqa: BLE001  whatever the author's code raises is told, not hidden
        traceback.print_exc()
        told = " ".join(f"{type(error).__name__}: {error}"[:LONGEST_ERROR].split())
        replies.say(f"failed {told}")
        return 1
    return 0


def rehearse_tables() -> None:
    """Write and read a table, since the first time imports what the later ones have."""
    import pandas as pd

    if has_parquet():
        table = BytesIO()
        pd.DataFrame({"case_id": ["a"], "score": [0.5]}).to_parquet(table, index=False)
        pd.read_parquet(table)


def has_parquet() -> bool:
    """Say whether this Python can read and write Parquet."""
    return importlib.util.find_spec("pyarrow") is not None


def read_cases(request: Path) -> Any:
    """Return the cases of a request, their index the cases' ids, as a pandas DataFrame."""
    import pandas as pd

    if has_parquet():
        return pd.read_parquet(request / "inputs.parquet").set_index("case_id").drop(columns="row")
    with (request / "columns.csv").open(newline="", encoding="utf-8") as file:
        kinds = {row["name"]: row["kind"] for row in csv.DictReader(file)}
    cases = pd.read_csv(
        request / "inputs.csv",
        dtype={
            "case_id": "object",
            **{n: DTYPES[kind] for n, kind in kinds.items() if kind in DTYPES},
        },
        parse_dates=[name for name, kind in kinds.items() if kind == "date"],
        keep_default_na=False,
        na_values=[""],
        encoding="utf-8",
    )
    return cases.set_index("case_id")


def _predict(module: Any, request: Path) -> None:
    import json

    import pandas as pd

    cases = read_cases(request)
    settings = json.loads((request / "settings.json").read_text(encoding="utf-8"))
    out = (request / "out").resolve()
    os.chdir(str(out / "files"))
    given = module.predict(cases, settings)
    if not isinstance(given, pd.DataFrame):
        message = f"predict() returned a {type(given).__name__}, not a DataFrame"
        raise TypeError(message)
    table = given.rename_axis("case_id").reset_index()
    if has_parquet():
        table.to_parquet(out / "predictions.parquet", index=False, row_group_size=ROWS_AT_ONCE)
    else:
        table.to_csv(out / "predictions.csv", index=False)


def _stand_in_for_the_kit() -> None:
    """Let the author's code say `from capsule_kit import progress`, which is all it needs of the kit."""
    kit = types.ModuleType("capsule_kit")
    kit.progress = progress  # type: ignore[attr-defined]
    sys.modules["capsule_kit"] = kit


def _have_package(name: str, folder: Path) -> None:
    """Import the author's package from its folder, and nothing else from beside it."""
    # This file's own folder, whose names are no modules of the author's.
    sys.path.pop(0)
    start = folder / "__init__.py"
    spec = importlib.util.spec_from_file_location(
        name, str(start), submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None or not start.is_file():
        message = f"there is no package {name} in {folder}"
        raise ImportError(message)
    package = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)


def _tell_packages(replies: _Replies) -> None:
    from importlib.metadata import distributions

    replies.say(f"with Python {sys.version.split()[0]}")
    for found in distributions():
        replies.say(f"with {found.metadata['Name']} {found.version}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
