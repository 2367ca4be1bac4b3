"""The command's words about trials: list them, show one, put two side by side, write a report."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from capsule_flows.command_words import Json, me, out, say, table
from capsule_flows.errors import UnknownTrial
from capsule_flows.home import Resources, resources

if TYPE_CHECKING:
    from capsule_blocks import Ledger
    from capsule_blocks.tables import Outcome, Trial


def trials(
    capsule: Annotated[str | None, typer.Option(help="One capsule only.")] = None,
    as_json: Json = False,
) -> None:
    """List the trials, newest first."""
    ledger = resources().ledger
    found = ledger.trials(capsule)
    outcomes = ledger.outcomes([one.flow_run_id for one in found])
    rows = []
    for one in found:
        outcome = outcomes.get(one.flow_run_id)
        rows.append(
            {
                "trial": str(one.flow_run_id),
                "capsule": one.capsule,
                "case_set": one.case_set_name,
                "door": one.door,
                "by": one.by,
                "at": one.at.isoformat(),
                "kind": outcome.kind if outcome else "going on",
                "sentence": _told(ledger, one, outcome),
            }
        )
    table(as_json, rows, ("trial", "capsule", "case_set", "by", "kind", "sentence"))


def show(
    trial: Annotated[str, typer.Argument(help="The trial's id.")], as_json: Json = False
) -> None:
    """Show one trial with its judgement."""
    show_trial(resources(), _run_id(trial), as_json)


def compare(
    before: Annotated[str, typer.Argument(help="The earlier trial's id.")],
    after: Annotated[str, typer.Argument(help="The later trial's id.")],
    as_json: Json = False,
) -> int:
    """Put two trials of a capsule side by side; exit 1 where a case broke."""
    from capsule_flows.sealed_shelf import insist_open
    from capsule_flows.side_by_side import document, side_by_side

    where, ids = resources(), (_run_id(before), _run_id(after))
    for one in ids:
        insist_open(where.ledger, where.ledger.trial(one))
    pair = side_by_side(where, *ids)
    differ = [f"  {one.what}: {one.before} → {one.after}" for one in pair.differs]
    changed = pair.cases[pair.cases["change"].isin(["broken", "fixed"])]
    flips = [
        f"  {one['change']}{', critical' if one['critical'] else ''}: {one['case']};"
        f" answer {one['answer']}, before {one['before']}, after {one['after']}"
        for one in changed.to_dict("records")
    ]
    said = ["What differs:" if differ else "Nothing differs but the time.", *differ]
    out(as_json, document(pair), [*pair.weighed.sentences, *flips, *said])
    return int(pair.weighed.comparison.broken > 0)


def report(
    trial: Annotated[str, typer.Argument(help="The trial's id.")],
    out: Annotated[Path, typer.Option(help="A file ending in .html, .json, .csv or .zip.")],
    answers: Annotated[
        bool | None,
        typer.Option(
            help="Whether the answers are in it; without a word all but the crate have them."
        ),
    ] = None,
) -> None:
    """Write the report of a judged trial: HTML to mail, JSON, all cases as CSV, or an RO-Crate as zip."""
    from capsule_flows.crate import written
    from capsule_flows.sealed_shelf import insist_open

    where, run_id = resources(), _run_id(trial)
    insist_open(where.ledger, where.ledger.trial(run_id))
    made = written(where, run_id, out.suffix.removeprefix("."), made_by=me(), answers=answers)
    if made is None:
        message = f"{out} says no form: end it in .html, .json, .csv or .zip."
        raise typer.BadParameter(message)
    try:
        out.write_bytes(made)
    except OSError as cause:
        message = f"{out} cannot be written: {cause.strerror}."
        raise typer.BadParameter(message) from cause
    say(f"Written to {out}.")


def show_trial(resources: Resources, run_id: UUID, as_json: bool) -> None:
    """Print one trial with its judgement."""
    trial = _trial(resources, run_id)
    url = resources.trial_url(run_id)
    criteria = (trial["judgement"] or {}).get("criteria", ())
    lines = [f"{trial['kind'].capitalize()}: {trial['sentence']}"]
    lines += [f"  {result['sentence']}" for result in criteria]
    out(as_json, {**trial, "url": url}, [*lines, f"  Its page: {url}"])


def _told(ledger: "Ledger", trial: "Trial", outcome: "Outcome | None") -> str:
    from capsule_flows.sealed_shelf import is_sealed

    if outcome is None:
        return ""
    return "on the sealed shelf" if is_sealed(ledger, trial) else outcome.sentence


def _run_id(trial: str) -> UUID:
    try:
        return UUID(trial)
    except ValueError:
        raise UnknownTrial(trial) from None


def _trial(resources: Resources, run_id: UUID) -> dict[str, Any]:
    from capsule_flows.sealed_shelf import insist_open

    ledger = resources.ledger
    trial = ledger.trial(run_id)
    if trial is None:
        raise UnknownTrial(str(run_id))
    insist_open(ledger, trial)
    outcome = ledger.outcome(run_id)
    return {
        "trial": str(run_id),
        "capsule": trial.capsule,
        "case_set": trial.case_set_name,
        "release": trial.release_id,
        "settings": trial.settings,
        "door": trial.door,
        "by": trial.by,
        "kind": outcome.kind if outcome else "going on",
        "sentence": outcome.sentence if outcome else "",
        "judgement": outcome.judgement if outcome else None,
        "provenance": outcome.provenance if outcome else None,
    }
