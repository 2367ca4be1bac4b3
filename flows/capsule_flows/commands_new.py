"""The command's words about a registry's models: list them, make a capsule of one."""

from pathlib import Path
from typing import Annotated

import typer

from capsule_flows.command_words import Json, Name, say, table
from capsule_flows.home import resources

SHOWN = ("model", "version", "capsule", "of_version", "gate", "verdicts", "sentence")


From = Annotated[
    str,
    typer.Option(
        "--from", help="The model: models:/NAME/VERSION, models:/NAME@alias, a folder, or a file."
    ),
]
Sample = Annotated[
    Path | None,
    typer.Option(help="Some rows of the training's table, with the answer: CSV or Parquet."),
]
Answer = Annotated[str | None, typer.Option(help="The sample's column with the answer.")]


def new(name: Name, from_: From, sample: Sample = None, answer: Answer = None) -> int:
    """Make a capsule of a model: an ordinary folder, with what its author has to say marked."""
    from capsule_flows.new_capsule import new_capsule
    from capsule_flows.new_finding import CannotDraft, find_source
    from capsule_flows.new_sample import read_sample
    from capsule_kit.blanks import BLANK
    from capsule_kit.errors import CapsuleError

    try:
        rows = None if sample is None else read_sample(sample, str(sample))
        made = new_capsule(name, find_source(from_), rows, answer)
    except CapsuleError as cause:
        raise CannotDraft(str(cause)) from cause
    print("\n".join(map(str, made.files)))
    say(f"What only you can say is marked {BLANK} …]] in {made.folder / 'declaration.py'}.")
    for sentence in made.ask:
        say(f"- {sentence}")
    say(f"Then: capsules deploy --prefect-file {made.folder / 'prefect.yaml'}")
    return 0


def models(
    text: Annotated[str, typer.Argument(help="Only models whose name holds this.")] = "",
    as_json: Json = False,
) -> int:
    """List the registry's models beside their capsules, those first for which something waits."""
    from capsule_flows.next_preparing import being_built
    from capsule_flows.registry_connection import the_registry
    from capsule_flows.registry_overview import overview
    from capsule_flows.releases import published

    where, places = resources(), the_registry().places()
    found = overview(where.ledger, places, published(), text, building=being_built(where))
    for problem in found.problems:
        say(problem)
    rows = [
        {
            "model": one.model,
            "version": one.version,
            "address": one.address,
            "aliases": list(one.aliases),
            "at": one.at.isoformat() if one.at else None,
            "by": one.by,
            "capsule": one.capsule,
            "of_version": one.of_version,
            "release": one.release,
            "released": one.is_released,
            "gate": one.gate,
            "verdicts": one.verdicts,
            "sentence": one.sentence,
        }
        for one in found.lines
    ]
    shown = [{**row, **{key: row[key] or "" for key in SHOWN}} for row in rows]
    table(as_json, rows if as_json else shown, SHOWN)
    return int(bool(found.problems))
