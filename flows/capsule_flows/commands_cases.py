"""The command's words about tables of cases: check one, add one, take one through a trial."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from capsule_flows.command_words import (
    EXIT_OF_KIND,
    By,
    Exit,
    File,
    Files,
    Json,
    Name,
    me,
    out,
    say,
    table,
)
from capsule_flows.commands_trials import show_trial
from capsule_flows.errors import SettingsRefused, UnknownTrial
from capsule_flows.home import resources
from capsule_flows.trial_words import DATA_REFUSED_KIND

if TYPE_CHECKING:
    from capsule_flows.checking import Report
    from capsule_flows.reading_choices import ReadAs as Choices

ReadAs = Annotated[
    list[str] | None,
    typer.Option(
        "--read",
        help="KEY=VALUE about the file: sheet, encoding, delimiter, decimal, header, units, last;"
        " sure=ALL where what is in doubt is right.",
    ),
]

cases_app = typer.Typer(help="Case sets: list them, or add one.", invoke_without_command=True)


def check(
    name: Name, file: File, files: Files = None, read: ReadAs = None, as_json: Json = False
) -> int:
    """Check a table against a capsule's contract, without keeping it; exit 0 or 2."""
    from capsule_flows.checking import check as check_table
    from capsule_flows.fitting import Fitting
    from capsule_flows.reading import Unreadable, read_table
    from capsule_flows.releases import find_published
    from capsule_flows.unpacking import packed

    _insist_on_file(file)
    resources()
    read_as = chosen(read or ())
    contract = find_published(name).manifest.contract
    with packed(file, files) as brought:
        table = read_table(brought, read_as=read_as)
    if isinstance(table, Unreadable):
        out(
            as_json,
            {"accepted": False, "sentence": table.sentence, "findings": []},
            [table.sentence],
        )
        return Exit.DATA_REFUSED
    report = check_table(table, contract, Fitting(read_as=read_as))
    sentence = "It can be run." if report.accepted else "It cannot be run as it is."
    out(as_json, _report(report, sentence), [table.how, *_findings(report), sentence])
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
    table(as_json, rows, ("capsule", "name", "cases", "by", "at"))


@cases_app.command("add")
def add_cases(
    name: Name,
    file: File,
    called: Annotated[str, typer.Option("--name", help="What to call the case set.")] = "",
    files: Files = None,
    by: By = "",
    read: ReadAs = None,
    as_json: Json = False,
) -> int:
    """Check a table, seal its answers, keep it under a name; exit 0 or 2."""
    from capsule_flows.receiving import receive_cases
    from capsule_flows.releases import find_published
    from capsule_flows.unpacking import packed

    _insist_on_file(file)
    where, read_as = resources(), chosen(read or ())
    manifest = find_published(name).manifest
    with packed(file, files) as brought, brought.open("rb") as stream:
        received = receive_cases(
            where,
            manifest,
            stream,
            brought.name,
            name=called or file.stem,
            by=by or me(),
            read_as=read_as,
        )
    body = {
        **_report(received.report, received.sentence),
        "accepted": received.accepted,
        "name": received.case_set.name if received.case_set else None,
    }
    out(as_json, body, [*_findings(received.report), received.sentence])
    return Exit.JUDGED if received.accepted else Exit.DATA_REFUSED


def try_(
    name: Name,
    file: File,
    files: Files = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE")] = None,
    by: By = "",
    read: ReadAs = None,
    as_json: Json = False,
) -> int:
    """Take a table with its answers through a whole trial; exit 0, 2, 3 or 4."""
    from capsule_flows.following import wait_final
    from capsule_flows.receiving import receive_cases
    from capsule_flows.releases import find_published
    from capsule_flows.replay_runs import LONGEST_TRIAL_S
    from capsule_flows.settling import settle
    from capsule_flows.submitting import refuse_settings, submit
    from capsule_flows.unpacking import packed

    _insist_on_file(file)
    where = resources()
    one, given, who = find_published(name), _settings(settings or ()), by or me()
    read_as = chosen(read or ())
    refuse_settings(one, given)
    with packed(file, files) as brought, brought.open("rb") as stream:
        received = receive_cases(
            where, one.manifest, stream, brought.name, name=file.stem, by=who, read_as=read_as
        )
    if received.case_set is None:
        body = {**_report(received.report, received.sentence), "kind": DATA_REFUSED_KIND}
        out(as_json, body, [*_findings(received.report), received.sentence])
        return Exit.DATA_REFUSED
    run_id = submit(where, one, received.case_set.name, given, by=who, door="command")
    wait_final(run_id, timeout_s=LONGEST_TRIAL_S, on_change=say)
    outcome = settle(where, run_id)
    if outcome is None:
        raise UnknownTrial(str(run_id))
    show_trial(where, run_id, as_json)
    return EXIT_OF_KIND[outcome.kind]


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
    if not file.exists():
        message = f"There is no file {file}."
        raise typer.BadParameter(message)
