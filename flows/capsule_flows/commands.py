"""The command `capsules`: every subcommand reads its words here and calls one function elsewhere."""

import getpass
import json
import os
import sys
from collections.abc import Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from capsule_flows.commands_people import people_app, share
from capsule_flows.errors import FlowsError, SettingsRefused, UnknownTrial
from capsule_flows.home import folder, resources, set_environment

if TYPE_CHECKING:
    from capsule_flows.checking import Report
    from capsule_flows.reading_choices import ReadAs as Choices


class Exit(IntEnum):
    """What the exit code of `try` and `check` means."""

    JUDGED = 0
    DATA_REFUSED = 2
    MODEL_FAILED = 3
    INFRASTRUCTURE_FAILED = 4
    USAGE = 64


EXIT_OF_KIND = {
    "judged": Exit.JUDGED,
    "data refused": Exit.DATA_REFUSED,
    "model failed": Exit.MODEL_FAILED,
    "infrastructure failed": Exit.INFRASTRUCTURE_FAILED,
    "cancelled": Exit.INFRASTRUCTURE_FAILED,
}

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
By = Annotated[str, typer.Option(help="Who brings or asks.")]
ApiPort = Annotated[int, typer.Option(help="The Prefect server's port.")]
AppPort = Annotated[int, typer.Option(help="The app's port.")]
Name = Annotated[str, typer.Argument(help="The capsule's name.")]
File = Annotated[Path, typer.Argument(help="A table: CSV, TSV, XLSX, XLS, ODS or Parquet.")]
ReadAs = Annotated[
    list[str] | None,
    typer.Option(
        "--read",
        help="KEY=VALUE about the file: sheet, encoding, delimiter, decimal, header, units, last;"
        " sure=ALL where what is in doubt is right.",
    ),
]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Take a model that is not ready yet to the expert who can tell whether it is right.",
)
cases_app = typer.Typer(help="Case sets: list them, or add one.", invoke_without_command=True)
app.add_typer(cases_app, name="cases")
app.add_typer(people_app, name="people")
app.command()(share)


def main() -> None:
    """Run the command; every error it knows is one sentence on standard error and an exit code."""
    set_environment()
    try:
        code = app(standalone_mode=False)
    except typer.TyperException as error:
        if said := error.format_message().rstrip("."):
            _say(f"{said}. `capsules --help` lists what can be said.")
        code = Exit.USAGE
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except FlowsError as error:
        _say(str(error))
        code = error.exit_code
    sys.exit(code if isinstance(code, int) else 0)


@app.command()
def up(api_port: ApiPort = 4200, app_port: AppPort = 5006) -> int:
    """Start the Prefect server, the workers, the sweep and the app; serve until Ctrl-C."""
    return _start(api_port, app_port, demo=False, once=False)


@app.command()
def demo(
    api_port: ApiPort = 4200,
    app_port: AppPort = 5006,
    once: Annotated[bool, typer.Option("--once", help="Stop after the result.")] = False,
) -> int:
    """Like `up`, and take the example cases of every capsule through a trial."""
    return _start(api_port, app_port, demo=True, once=once)


@app.command()
def deploy() -> int:
    """Make the work pools and deploy everything that prefect.yaml declares."""
    from capsule_flows import deploying
    from capsule_flows.engine import choose_docker
    from capsule_flows.progress_lines import Steps

    tell, where = Steps(), resources()
    deploying.deploy(with_docker=choose_docker(tell), tell=tell)
    deploying.add_examples(where, tell)
    return 0


@app.command()
def check(name: Name, file: File, read: ReadAs = None, as_json: Json = False) -> int:
    """Check a table against a capsule's contract, without keeping it; exit 0 or 2."""
    from capsule_flows.checking import check as check_table
    from capsule_flows.fitting import Fitting
    from capsule_flows.reading import Unreadable, read_table
    from capsule_flows.releases import find_published

    _insist_on_file(file)
    resources()
    read_as = chosen(read or ())
    contract = find_published(name).manifest.contract
    table = read_table(file, read_as=read_as)
    if isinstance(table, Unreadable):
        _out(
            as_json,
            {"accepted": False, "sentence": table.sentence, "findings": []},
            [table.sentence],
        )
        return Exit.DATA_REFUSED
    report = check_table(table, contract, Fitting(read_as=read_as))
    sentence = "It can be run." if report.accepted else "It cannot be run as it is."
    _out(as_json, _report(report, sentence), [table.how, *_findings(report), sentence])
    return Exit.JUDGED if report.accepted else Exit.DATA_REFUSED


@cases_app.callback()
def cases(
    context: typer.Context,
    capsule: Annotated[str | None, typer.Option(help="One capsule only.")] = None,
    as_json: Json = False,
) -> None:
    """List the case sets."""
    if context.invoked_subcommand:
        return
    rows = [
        {
            "capsule": one.capsule,
            "name": one.name,
            "cases": one.cases,
            "by": one.by,
            "at": one.at.isoformat(),
            "inputs_hash": one.inputs_hash,
        }
        for one in resources().ledger.case_sets(capsule)
    ]
    _table(as_json, rows, ("capsule", "name", "cases", "by", "at"))


@cases_app.command("add")
def add_cases(
    name: Name,
    file: File,
    called: Annotated[str, typer.Option("--name", help="What to call the case set.")] = "",
    by: By = "",
    read: ReadAs = None,
    as_json: Json = False,
) -> int:
    """Check a table, seal its answers, keep it under a name; exit 0 or 2."""
    from capsule_flows.receiving import receive_cases
    from capsule_flows.releases import find_published

    _insist_on_file(file)
    where, read_as = resources(), chosen(read or ())
    manifest = find_published(name).manifest
    with file.open("rb") as stream:
        received = receive_cases(
            where,
            manifest,
            stream,
            file.name,
            name=called or file.stem,
            by=by or _me(),
            read_as=read_as,
        )
    body = {
        **_report(received.report, received.sentence),
        "accepted": received.accepted,
        "name": received.case_set.name if received.case_set else None,
    }
    _out(as_json, body, [*_findings(received.report), received.sentence])
    return Exit.JUDGED if received.accepted else Exit.DATA_REFUSED


@app.command("try")
def try_(
    name: Name,
    file: File,
    settings: Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE")] = None,
    by: By = "",
    read: ReadAs = None,
    as_json: Json = False,
) -> int:
    """Take a table with its answers through a whole trial; exit 0, 2, 3 or 4."""
    from capsule_flows.following import wait_final
    from capsule_flows.receiving import receive_cases
    from capsule_flows.releases import find_published
    from capsule_flows.replaying import LONGEST_TRIAL_S
    from capsule_flows.settling import settle
    from capsule_flows.submitting import refuse_settings, submit

    _insist_on_file(file)
    where = resources()
    one, given, who = find_published(name), _settings(settings or ()), by or _me()
    read_as = chosen(read or ())
    refuse_settings(one, given)
    with file.open("rb") as stream:
        received = receive_cases(
            where, one.manifest, stream, file.name, name=file.stem, by=who, read_as=read_as
        )
    if received.case_set is None:
        body = {**_report(received.report, received.sentence), "kind": "data refused"}
        _out(as_json, body, [*_findings(received.report), received.sentence])
        return Exit.DATA_REFUSED
    run_id = submit(where, one, received.case_set.name, given, by=who, door="command")
    wait_final(run_id, timeout_s=LONGEST_TRIAL_S, on_change=_say)
    outcome = settle(where, run_id)
    if outcome is None:
        raise UnknownTrial(str(run_id))
    _show(where.trial_url(run_id), _trial(run_id), as_json)
    return EXIT_OF_KIND[outcome.kind]


@app.command()
def replay(
    name: Annotated[str | None, typer.Argument(help="One capsule; all where left out.")] = None,
    as_json: Json = False,
) -> int:
    """Run every challenge case on the current release; exit 1 where one broke or was not judged."""
    from capsule_flows.releases import find_published, published
    from capsule_flows.replaying import replay_capsule

    where = resources()
    chosen = [find_published(name)] if name else published()
    done = [one for each in chosen for one in replay_capsule(where, each, _say)]
    rows = [
        {
            "capsule": one.capsule,
            "case_set": one.case_set,
            "trial": str(one.flow_run_id),
            "kind": one.outcome.kind,
            "sentence": one.sentence,
            "changes": one.comparison.model_dump() if one.comparison else None,
        }
        for one in done
    ]
    _table(as_json, rows, ("capsule", "case_set", "kind", "sentence"))
    return int(any(one.broken or one.outcome.kind != "judged" for one in done))


@app.command()
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
                "sentence": outcome.sentence if outcome else "",
            }
        )
    _table(as_json, rows, ("trial", "capsule", "case_set", "by", "kind", "sentence"))


@app.command()
def show(
    trial: Annotated[str, typer.Argument(help="The trial's id.")], as_json: Json = False
) -> None:
    """Show one trial with its judgement."""
    where, run_id = resources(), _run_id(trial)
    _show(where.trial_url(run_id), _trial(run_id), as_json)


@app.command()
def compare(
    before: Annotated[str, typer.Argument(help="The earlier trial's id.")],
    after: Annotated[str, typer.Argument(help="The later trial's id.")],
    as_json: Json = False,
) -> int:
    """Put two trials of a capsule side by side; exit 1 where a case broke."""
    from capsule_flows.side_by_side import document, side_by_side

    pair = side_by_side(resources(), _run_id(before), _run_id(after))
    differ = [f"  {one.what}: {one.before} → {one.after}" for one in pair.differs]
    changed = pair.cases[pair.cases["change"].isin(["broken", "fixed"])]
    flips = [
        f"  {one['change']}{', critical' if one['critical'] else ''}: {one['case']};"
        f" answer {one['answer']}, before {one['before']}, after {one['after']}"
        for one in changed.to_dict("records")
    ]
    said = ["What differs:" if differ else "Nothing differs but the time.", *differ]
    _out(as_json, document(pair), [*pair.weighed.sentences, *flips, *said])
    return int(pair.weighed.comparison.broken > 0)


@app.command()
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

    where, run_id = resources(), _run_id(trial)
    made = written(where, run_id, out.suffix.removeprefix("."), made_by=_me(), answers=answers)
    if made is None:
        message = f"{out} says no form: end it in .html, .json, .csv or .zip."
        raise typer.BadParameter(message)
    try:
        out.write_bytes(made)
    except OSError as cause:
        message = f"{out} cannot be written: {cause.strerror}."
        raise typer.BadParameter(message) from cause
    _say(f"Written to {out}.")


@app.command()
def doctor(as_json: Json = False) -> int:
    """Say what this machine has of what a start needs; exit 1 where something is missing."""
    from capsule_flows.diagnosis import diagnose

    found = diagnose()
    rows = [{"what": one.what, "ok": one.ok, "sentence": one.sentence} for one in found]
    lines = [f"{'ok     ' if one.ok else 'missing'}  {one.what}: {one.sentence}" for one in found]
    _out(as_json, rows, lines)
    return int(not all(one.ok or one.optional for one in found))


def _start(api_port: int, app_port: int, *, demo: bool, once: bool) -> int:
    from capsule_flows.engine import choose_docker
    from capsule_flows.planning import plan_start
    from capsule_flows.progress_lines import Steps
    from capsule_flows.supervising import OneStart

    lock, tell = OneStart(folder()), Steps()
    plan = plan_start(api_port=api_port, app_port=app_port, with_docker=choose_docker(tell))
    os.environ.update(plan.environment())
    # Imported only now: Prefect reads its settings from the environment once, at import.
    from capsule_flows import demonstration

    return demonstration.run_start(plan, lock, tell, demo=demo, once=once)


def _run_id(trial: str) -> UUID:
    try:
        return UUID(trial)
    except ValueError:
        raise UnknownTrial(trial) from None


def _trial(run_id: UUID) -> dict[str, Any]:
    ledger = resources().ledger
    trial = ledger.trial(run_id)
    if trial is None:
        raise UnknownTrial(str(run_id))
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


def _show(url: str, trial: Mapping[str, Any], as_json: bool) -> None:
    criteria = (trial["judgement"] or {}).get("criteria", ())
    lines = [f"{trial['kind'].capitalize()}: {trial['sentence']}"]
    lines += [f"  {result['sentence']}" for result in criteria]
    _out(as_json, {**trial, "url": url}, [*lines, f"  Its page: {url}"])


def _settings(pairs: Sequence[str]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for pair in pairs:
        key, found, value = pair.partition("=")
        if not found:
            raise SettingsRefused([f"{pair!r} is not KEY=VALUE"])
        try:
            given[key] = json.loads(value)
        except ValueError:
            given[key] = value
    return given


def chosen(pairs: Sequence[str]) -> "Choices":
    """Return what `--read KEY=VALUE` said about a file.

    Raises:
        typer.BadParameter: a key is unknown, or its value cannot be.
    """
    from pydantic import ValidationError

    from capsule_flows.reading_choices import DOUBTFUL, ReadAs

    given: dict[str, Any] = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    if "sure" in given:
        given["sure"] = DOUBTFUL if given["sure"] == "ALL" else given["sure"].split(",")
    if given.get("delimiter") in ("tab", "\\t"):
        given["delimiter"] = "\t"
    try:
        if len(given) < len(pairs):
            raise ValueError
        return ReadAs.model_validate(given)
    except (ValidationError, ValueError):
        known = ", ".join(ReadAs.model_fields)
        message = (
            f"{' '.join(pairs)!r} says nothing about how a file is read; KEY=VALUE, of {known}."
        )
        raise typer.BadParameter(message) from None


def _report(report: "Report | None", sentence: str) -> dict[str, Any]:
    findings = report.findings if report else ()
    return {
        "accepted": report.accepted if report else False,
        "sentence": sentence,
        "findings": [finding.model_dump(mode="json") for finding in findings],
    }


def _findings(report: "Report | None") -> list[str]:
    lines = []
    for finding in report.findings if report else ():
        rows = ", ".join(str(row) for row in finding.rows)
        where = f"row {rows}" if finding.rows else "the file"
        more = (
            f" and {finding.count - len(finding.rows)} more"
            if finding.count > len(finding.rows)
            else ""
        )
        lines.append(f"{where}{more}, {finding.column or 'all columns'}: {finding.sentence}")
    return lines


def _insist_on_file(file: Path) -> None:
    if not file.is_file():
        message = f"There is no file {file}."
        raise typer.BadParameter(message)


def _me() -> str:
    return getpass.getuser()


def _table(as_json: bool, rows: list[dict[str, Any]], columns: Sequence[str]) -> None:
    widths = {name: max([len(name), *(len(str(row[name])) for row in rows)]) for name in columns}

    def line(row: Mapping[str, Any]) -> str:
        return "  ".join(str(row[name]).ljust(widths[name]) for name in columns).rstrip()

    _out(as_json, rows, [line({name: name for name in columns}), *map(line, rows)])


def _out(as_json: bool, document: object, lines: Sequence[str]) -> None:
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        print("\n".join(lines))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
