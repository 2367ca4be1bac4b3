"""What came of a replay, told once: an event for each case that is news, artifacts, a message.

Of the sealed shelf nothing is told that names a case: an event without its name, a count without its ways.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

import pandas as pd
from prefect.client.schemas.objects import State, StateType
from prefect.events import emit_event
from prefect.states import Completed
from sqlmodel import select

from capsule_blocks.replays import ReplayTold
from capsule_flows.home import Resources
from capsule_flows.next_known import prepared
from capsule_flows.replay_changes import FLIPS, news, still_broken
from capsule_flows.replay_history import ReplayResult, finished, result_of
from capsule_flows.replay_rounds import NotReplayed, sentence
from capsule_flows.telling import send
from capsule_flows.wording import count
from capsule_kit.receipt import CASE_ID

EVENT = "capsule.case."
SHOWN = 200
CRITICAL_BROKE = "CriticalCaseBroke"
NOT_RUN = "NotReplayed"


def tell_news(resources: Resources, capsule: str) -> None:
    """Send the events and the message of every replay of the capsule that nobody has told of yet."""
    for replay, replayed in reversed(finished(resources, capsule, with_next=True)):
        told = {
            one.what
            for one in resources.ledger.rows(
                select(ReplayTold).where(ReplayTold.replay_id == replay.id)
            )
        }
        if {"events", "message"} <= told:
            continue
        result = result_of(resources, replay, replayed)
        last = _last_of_release(resources, result)
        new = news(result.cases, last)
        left = still_broken(result.cases) if last is None else result.cases.iloc[:0]
        if "events" not in told:
            for event in events(result, new, _not_taken(resources, result)):
                emit_event(**event)
            resources.ledger.add_once(ReplayTold(replay_id=replay.id, what="events"))
        if "message" not in told:
            if len(new) or len(left) or replayed.unsettled:
                send(*message(resources, result, pd.concat([new, left])))
            resources.ledger.add_once(ReplayTold(replay_id=replay.id, what="message"))


def events(result: ReplayResult, new: pd.DataFrame, not_taken: str = "") -> list[dict[str, Any]]:
    """Return an event for each case that is news, as `emit_event` takes it; the same again has the same id.

    `not_taken` is the version that was replayed before its author took it; empty where it is the capsule's own.
    """
    replay = result.replay
    found = []
    for row in new.to_dict("records"):
        event_id = uuid5(replay.id, f"{row[CASE_ID]} {row['change']}")
        is_open = row["shelf"] == "open"
        case = row[CASE_ID] if is_open else str(uuid5(replay.id, str(row[CASE_ID])))
        resource = {
            "prefect.resource.id": f"capsule.case.{replay.capsule}.{case}",
            "prefect.resource.name": str(row["case"]) if is_open else "a sealed case",
            "capsule.name": replay.capsule,
            "capsule.release": replay.release_id,
            "capsule.shelf": str(row["shelf"]),
            "capsule.critical": str(bool(row["critical"])).lower(),
            **({"capsule.not_taken": not_taken} if not_taken else {}),
        }
        shown = ("answer", "before", "after", "why")
        payload = {name: _plain(row[name]) for name in shown} if is_open else {}
        found.append(
            {
                "event": f"{EVENT}{row['change']}",
                "resource": resource,
                "payload": payload,
                "id": event_id,
            }
        )
    return found


def message(resources: Resources, result: ReplayResult, new: pd.DataFrame) -> tuple[str, str]:
    """Return the subject and the text of the message on these cases of the result."""
    capsule = result.replay.capsule.replace("_", " ")
    if not_taken := _not_taken(resources, result):
        capsule = f"{capsule}, {not_taken}, not taken yet"
    broken = result.replayed.critical_broken
    subject = f"{capsule}: {_broken(broken)}" if broken else f"{capsule}: replayed"
    is_open = new["shelf"] == "open"
    lines = [_line(row) for row in new[is_open].to_dict("records")]
    sealed = int((~is_open & new["change"].isin(FLIPS)).sum())
    if sealed:
        lines.append(
            f"{count(sealed, 'sealed case')} changed; the gate tells what follows from it."
        )
    page = f"{resources.app_url}/capsule?name={result.replay.capsule}"
    return subject, "\n".join([sentence(result), *lines, page])


def artifacts(
    resources: Resources, done: Sequence[ReplayResult | NotReplayed]
) -> tuple[str, list[dict[str, Any]]]:
    """Return the headline of a round as Markdown, and the rows of its table with links; open cases alone."""
    lines = [f"- {one_line(one)}" for one in done] or ["No challenge cases are kept yet."]
    rows = [
        {
            "capsule": one.replay.capsule,
            "case": f"[{row['case']}]({_link(resources, row)})",
            **{
                name: _plain(row[name])
                for name in ("critical", "change", "answer", "before", "after", "why")
            },
        }
        for one in done
        if isinstance(one, ReplayResult)
        for row in one.cases[one.cases["shelf"] == "open"].head(SHOWN).to_dict("records")
    ]
    return "\n".join(["# Replay", "", *lines]), rows


def state_of(done: Sequence[ReplayResult | NotReplayed]) -> State[Any]:
    """Return the state in which the round's flow run ends.

    Failed where a critical case is wrong that an earlier version had right, or one was not run.
    """
    results = [one for one in done if isinstance(one, ReplayResult)]
    broken = sum(one.replayed.critical_broken for one in results)
    unsettled = sum(one.replayed.unsettled for one in results)
    told = " ".join(one_line(one) for one in done) or "No challenge cases are kept yet."
    if broken:
        said = f"{_broken(broken).capitalize()}. {told}"
        return State(type=StateType.FAILED, name=CRITICAL_BROKE, message=said)
    if unsettled or len(results) < len(done):
        return State(type=StateType.FAILED, name=NOT_RUN, message=told)
    return Completed(message=told)


def one_line(one: ReplayResult | NotReplayed) -> str:
    """Say what came of one capsule."""
    if isinstance(one, NotReplayed):
        return f"{one.capsule} was not replayed: {one.why}"
    return sentence(one)


def _not_taken(resources: Resources, result: ReplayResult) -> str:
    """Return the version that was replayed before its author took it; empty where it is the capsule's own."""
    known = prepared(resources.ledger, result.replay.capsule)
    return next((one.address for one in known if one.release_id == result.replay.release_id), "")


def _broken(n: int) -> str:
    """Say that so many critical cases broke, on this version or an earlier one, and are wrong."""
    return f"{count(n, 'critical case')} {'is' if n == 1 else 'are'} broken"


def _last_of_release(resources: Resources, result: ReplayResult) -> pd.DataFrame | None:
    for replay, replayed in finished(resources, result.replay.capsule, with_next=True):
        earlier = replay.started_at < result.replay.started_at
        if earlier and replay.release_id == result.replay.release_id:
            return resources.store.replay(replayed.result_hash)
    return None


def _line(row: Mapping[Any, Any]) -> str:
    critical = "critical, " if row["critical"] else ""
    said = f"{row['change']} ({critical}answer {row['answer']})"
    told = f"{row['case']}: {said}; before {_plain(row['before'])}, now {_plain(row['after'])}."
    return f"{told} {row['why']}".rstrip()


def _link(resources: Resources, row: Mapping[Any, Any]) -> str:
    trials = resources.ledger.trials_of_case_set(UUID(str(row["case_set_id"])))
    newest = next((one for one in trials), None)
    return resources.trial_url(newest.flow_run_id) if newest else resources.app_url


def _plain(value: Any) -> Any:
    return None if pd.isna(value) else json.loads(json.dumps(value, default=str))
