"""The command's words about challenge cases: keep them, list them, replay them."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from capsule_flows.command_words import By, Json, Name, me, out, say, table
from capsule_flows.errors import UnknownCaseSet
from capsule_flows.home import resources


class SortWord(StrEnum):
    """What kind of case it is."""

    TYPICAL = "typical"
    RARE = "rare"
    TRICK = "trick"


def keep(
    name: Name,
    case_set: Annotated[str, typer.Argument(help="The case set's name.")],
    case: Annotated[
        list[str] | None,
        typer.Option("--case", help="One case, by its name or id; all where left out."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why it matters.")] = "",
    critical: Annotated[
        bool, typer.Option("--critical", help="A wrong answer to it stops a release.")
    ] = False,
    sort: Annotated[SortWord, typer.Option(help="What kind of case it is.")] = SortWord.TYPICAL,
    sealed: Annotated[
        bool, typer.Option("--sealed", help="Developers see what the gate says, and nothing else.")
    ] = False,
    tolerance: Annotated[
        float | None, typer.Option(help="How far a number may be from the answer.")
    ] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take it back instead.")] = False,
    by: By = "",
) -> None:
    """Keep a case set, or single cases of it, to be replayed on every version."""
    from capsule_flows.keeping import KeepAs, keep_cases, pointed_out
    from capsule_flows.publishing import take_down
    from capsule_flows.releases import find_published
    from capsule_flows.sealed_shelf import SealedAway, is_sealed

    where = resources()
    where.ledger.add_once(find_published(name).release())
    found = where.ledger.case_set(name, case_set)
    if found is None:
        raise UnknownCaseSet(name, case_set)
    if not sealed and is_sealed(where.ledger, found):
        raise SealedAway
    said = KeepAs(
        reason=reason,
        critical=critical,
        shelf="sealed" if sealed else "open",
        sort=sort.value,
        tolerance=tolerance,
        withdrawn=withdraw,
    )
    row = keep_cases(where, found, said, by=by or me(), cases=case)
    if sealed:
        take_down(where, found.id)
    count = found.cases if row.case_ids is None else len(row.case_ids)
    say(f"{'Taken back' if withdraw else 'Kept'}: {count} of {found.cases} cases of {case_set!r}.")
    for group in pointed_out(where, name):
        if all(one.shelf == "open" for one in group):
            say(f"Nearly the same: {', '.join(one.case for one in group)}.")


def challenge(
    name: Name,
    to: Annotated[
        Path | None, typer.Option(help="Write them to this file, which a repository can hold.")
    ] = None,
    take: Annotated[
        Path | None, typer.Option("--from", help="Take them from such a file, and keep them.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List a capsule's challenge cases on the open shelf, and count the sealed ones and the looks at them."""
    from capsule_flows.challenge import challenge_cases
    from capsule_flows.challenge_files import taken_in, written
    from capsule_flows.releases import find_published
    from capsule_flows.sealed_shelf import looks

    where, manifest = resources(), find_published(name).manifest
    if take is not None:
        where.ledger.add_once(find_published(name).release())
        case_set = taken_in(where, manifest, take, by=me())
        say(f"{case_set.cases} cases are kept as {case_set.name!r}.")
    found = challenge_cases(where, name)
    if to is not None:
        to.write_text(written(where, manifest, found), encoding="utf-8")
    rows = [
        {
            "case_id": one.case_id,
            "case": one.case,
            "answer": one.answer,
            "sort": one.sort,
            "critical": one.critical,
            "tolerance": one.tolerance,
            "reason": one.reason,
            "by": one.by,
            "at": one.kept_at.isoformat(),
        }
        for one in found
        if one.shelf == "open"
    ]
    table(as_json, rows, ("case", "answer", "sort", "critical", "by", "reason"))
    sealed = len(found) - len(rows)
    say(f"{sealed} sealed beside them, looked at {len(looks(where.ledger, name))} times.")


def replay(
    name: Annotated[str | None, typer.Argument(help="One capsule; all where left out.")] = None,
    as_json: Json = False,
) -> int:
    """Run every challenge case on the current release; exit 1 where one broke or was not run."""
    from capsule_flows.releases import find_published, published
    from capsule_flows.replay_rounds import replay_all
    from capsule_flows.replay_telling import one_line, tell_news

    where = resources()
    chosen = [find_published(name)] if name else published()
    done = replay_all(where, chosen, why="command", moment=datetime.now(UTC), tell=say)
    for one in chosen:
        tell_news(where, one.manifest.name)
    rows = [_result(one) for one in done]
    out(as_json, rows, [one_line(one) for one in done] or ["No challenge cases are kept yet."])
    return int(
        any(row["unsettled"] or "broken" in row["counts"] or row["critical_broken"] for row in rows)
    )


def _result(one: Any) -> dict[str, Any]:
    """Return what came of one capsule; of its cases the open ones alone."""
    from capsule_flows.replay_rounds import NotReplayed, sentence

    if isinstance(one, NotReplayed):
        nothing: dict[str, Any] = {
            "release": None,
            "counts": {},
            "sealed": 0,
            "critical_broken": 0,
            "cases": [],
        }
        return {"capsule": one.capsule, "sentence": one.why, "unsettled": 1, **nothing}
    shown = one.cases[one.cases["shelf"] == "open"]
    names = [
        "case_id",
        "case",
        "sort",
        "critical",
        "change",
        "right",
        "answer",
        "before",
        "after",
        "why",
    ]
    cases = shown[names].astype(object).where(shown[names].notna(), None)
    return {
        "capsule": one.replay.capsule,
        "sentence": sentence(one),
        "unsettled": one.replayed.unsettled,
        "release": one.replay.release_id,
        "counts": one.replayed.counts,
        "sealed": one.replay.sealed,
        "critical_broken": one.replayed.critical_broken,
        "cases": cases.to_dict("records"),
    }
