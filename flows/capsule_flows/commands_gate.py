"""The command's words about the gate: ask it, work a decision out again, let a release through against it."""

from enum import IntEnum
from pathlib import Path
from typing import Annotated

import typer

from capsule_flows.command_words import Json, Name, me, out, say
from capsule_flows.home import resources


class GateExit(IntEnum):
    """What the exit code of `gate` means; a refusal of the command itself has another."""

    GO = 0
    NO_GO = 1
    INCONCLUSIVE = 2


def gate(
    name: Name,
    as_json: Json = False,
    markdown: Annotated[
        Path | None, typer.Option(help="Write the answer to this file, for a pull request.")
    ] = None,
    again: Annotated[
        str, typer.Option(help="A decision's id: work it out again from its record.")
    ] = "",
) -> int:
    """Ask whether the deployed release may go into use; exit 0 GO, 1 NO-GO, 2 INCONCLUSIVE."""
    from capsule_flows import deciding, gate_words
    from capsule_flows.releases import find_published

    where = resources()
    given = (
        deciding.again(where.ledger, name, again)
        if again
        else deciding.ask_the_gate(where, find_published(name), by=me())
    )
    if markdown is not None:
        _write(markdown, gate_words.markdown(given))
    out(as_json, gate_words.document(given), list(gate_words.lines(given)))
    return GateExit[given.row.answer.replace("-", "_")]


def override(
    name: Name,
    by: Annotated[str, typer.Option(help="Your name; it is shown for ever.")],
    reason: Annotated[str, typer.Option(help="Why it goes all the same; it is shown for ever.")],
) -> int:
    """Let the deployed release through against the gate's newest answer on it."""
    from capsule_flows import deciding
    from capsule_flows.releases import find_published

    if not (by.strip() and reason.strip()):
        message = "An override takes a name and a reason: --by NAME --reason WHY."
        raise typer.BadParameter(message)
    row = deciding.let_through(
        resources(), find_published(name), by=by.strip(), reason=reason.strip()
    )
    say(f"{name}, release {row.release_id[:8]}, is the champion by {row.by}'s word: {row.reason}")
    return 0


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as cause:
        message = f"{file} cannot be written: {cause.strerror}."
        raise typer.BadParameter(message) from cause
