"""What the subcommands have in common: their words, their exit codes, and how they print."""

import getpass
import json
import sys
from collections.abc import Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from capsule_flows.trial_words import (
    CANCELLED,
    DATA_REFUSED_KIND,
    INFRASTRUCTURE_FAILED,
    JUDGED,
    MODEL_FAILED_KIND,
)


class Exit(IntEnum):
    """What the exit code of `try` and `check` means."""

    JUDGED = 0
    DATA_REFUSED = 2
    MODEL_FAILED = 3
    INFRASTRUCTURE_FAILED = 4
    USAGE = 64


EXIT_OF_KIND = {
    JUDGED: Exit.JUDGED,
    DATA_REFUSED_KIND: Exit.DATA_REFUSED,
    MODEL_FAILED_KIND: Exit.MODEL_FAILED,
    INFRASTRUCTURE_FAILED: Exit.INFRASTRUCTURE_FAILED,
    CANCELLED: Exit.INFRASTRUCTURE_FAILED,
}

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
By = Annotated[str, typer.Option(help="Who brings or asks.")]
Name = Annotated[str, typer.Argument(help="The capsule's name.")]
File = Annotated[
    Path,
    typer.Argument(
        help="A table: CSV, TSV, XLSX, XLS, ODS or Parquet; or a ZIP archive or a folder of one table and"
        " the files it names."
    ),
]
Files = Annotated[
    Path | None, typer.Option("--files", help="The folder of the files that the table names.")
]


def me() -> str:
    """Return who is at this terminal."""
    return getpass.getuser()


def table(as_json: bool, rows: list[dict[str, Any]], columns: Sequence[str]) -> None:
    """Print rows as a table of these columns, or whole as JSON."""
    widths = {name: max([len(name), *(len(str(row[name])) for row in rows)]) for name in columns}

    def line(row: Mapping[str, Any]) -> str:
        return "  ".join(str(row[name]).ljust(widths[name]) for name in columns).rstrip()

    out(as_json, rows, [line({name: name for name in columns}), *map(line, rows)])


def out(as_json: bool, document: object, lines: Sequence[str]) -> None:
    """Print the document as JSON, or the lines."""
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        print("\n".join(lines))


def say(line: str) -> None:
    """Print what is no result, beside it."""
    print(line, file=sys.stderr, flush=True)
