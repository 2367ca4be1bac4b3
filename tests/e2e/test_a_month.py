"""Forty nights: three releases after the first, two experts, a crash, a full disk and a Prefect server restart.

Every case's history, every message, the gate's answers and its exit codes are what they must be, and
nothing is lost or counted twice.
"""

import os
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pandas as pd
import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.context import refresh_global_settings_context
from prefect.events.filters import EventFilter, EventNameFilter
from sqlmodel import col, select

from capsule_blocks.replays import Replay, Replayed, ReplayRun
from capsule_blocks.tables import CaseSet, Outcome, Trial, Verdict
from capsule_flows import commands
from capsule_flows.champion import champion_of, decisions
from capsule_flows.deciding import again
from capsule_flows.flips import answer_flip, flips_of
from capsule_flows.new_releases import replay_new_releases
from capsule_flows.prefect_api import prefect_api
from capsule_flows.releases import Published
from capsule_flows.replay_history import history
from capsule_flows.replaying import unfinished
from capsule_flows.submitting import submit
from capsule_flows.telling import SETTING
from capsule_kit.policy import Policy
from e2e.striking import disk_in_memory, full_disk
from judgement.examples import class_manifest
from machine import until
from receiver import receiving
from replay.place import B, M, Model, Place, older
from replay.stage import PrefectServer, Stage, kill, run_beside, run_here, told_all

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="a small disk can only be made by root")

POLICY = Policy.model_validate(
    {
        "criteria": [{"metric": "right", "at_least": 0.3, "cases": "open"}],
        "verdicts": {"at_least": 2},
        "challenge": {"open_at_least": 3, "sealed_at_least": 1},
    }
)
MANIFEST = class_manifest(positive=None).model_copy(update={"gate": POLICY})
ADA = [("a40", "lung", 40.0), ("a50", "skin", 50.0), ("a60", "lung", 60.0), ("a70", "skin", 70.0)]
ADA += [("a45", "lung", 45.0), ("a75", "skin", 75.0)]
BEN = [("b55", "lung", 55.0), ("b65", "skin", 65.0)]
TRULY = {name: M if age >= 55 else B for name, _, age in [*ADA, *BEN]}
CRITICAL = "a70"
CRASH, FULL, RESTART = 13, 16, 19
VERSIONS = ("first", "better", "breaks one", "random")
SURE = {
    *(f"night {number}" for number in range(1, 31)),
    *(f"release {version}" for version in VERSIONS[:3]),
}
"""Rounds before dice are thrown."""


@dataclass
class Month:
    """What happened."""

    stage: Stage
    messages: list[dict[str, str]]
    """Each that was sent, as the webhook got it."""
    states: dict[str, str] = field(default_factory=dict)
    """By round, the state in which the flow run ended."""
    releases: dict[str, str] = field(default_factory=dict)
    """Version → the release's id."""
    gate: dict[str, int] = field(default_factory=dict)
    """By version, the exit code of `capsules gate`."""

    @property
    def place(self) -> Place:
        """The same ledger and store, with the short words of the other tests."""
        return Place(self.stage.where)

    def deploy(self, version: str, model: Model) -> Published:
        """Deploy a version; what is started by that is run, as the control side's worker would."""
        made = self.stage.deploy(version, MANIFEST, model)
        self.releases[version] = made.release().id
        replay_new_releases(self.stage.where)
        for run in self.stage.waiting():
            self.states[f"release {version}"] = str(run_here(run).name)
        return made

    def nights(self, first: int, last: int) -> None:
        """Let nights go by, in which nothing befalls."""
        for number in range(first, last + 1):
            self.states[f"night {number}"] = str(run_here(self.stage.due(number)).name)

    def crash(self, number: int) -> None:
        """Kill the replay's process while its run is under way."""
        process = run_beside(self.stage.due(number))
        self.stage.worker.befall = lambda: kill(process)
        process.wait(60)
        until(lambda: self.stage.worker.befall is None, 10, "the run's end")
        self.states[f"night {number}"] = "killed"

    def fill_the_disk(self, number: int) -> None:
        """Leave no room for what the run has predicted."""
        disk = full_disk(self.stage.home)
        self.stage.worker.befall = disk.__enter__
        self.nights(number, number)
        disk.__exit__(None, None, None)

    def restart_the_server(self, number: int) -> None:
        """Kill the Prefect server while the run is under way, and start it again."""

        def restart() -> None:
            self.stage.server.stop()
            self.stage.server.start()

        self.stage.worker.befall = restart
        self.nights(number, number)

    def ask(self, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Ask the gate as a build server does."""
        monkeypatch.setattr(sys, "argv", ["capsules", "gate", "example"])
        with pytest.raises(SystemExit) as ended:
            commands.main()
        self.gate[version] = int(ended.value.code or 0)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Everything there, on a small disk of its own but for the server's rows."""
    (server_home := tmp_path / "prefect").mkdir()
    server = PrefectServer(server_home)
    here = {
        "CAPSULES_HOME": str(tmp_path / "home"),
        "PREFECT_API_URL": server.url,
        "PREFECT_HOME": str(server_home),
    }
    with disk_in_memory(tmp_path / "home", "64m"), talking_to(here):
        try:
            server.start()
            made = Stage.set_up(tmp_path / "home", server)
            made.worker.start()
            yield made
            made.worker.stop()
            told_all()
            made.where.ledger.close()
        finally:
            server.stop()


@contextmanager
def talking_to(environment: dict[str, str]) -> Iterator[None]:
    """Have Prefect read its settings from the environment, as at a process's beginning: in every thread."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        refresh_global_settings_context()
        prefect_api.cache_clear()
        yield
    refresh_global_settings_context()
    prefect_api.cache_clear()


@pytest.fixture
def month(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Month]:
    """The whole month as it went."""
    with receiving() as (url, got):
        CustomWebhookNotificationBlock(
            name="here", url=url, json_data={"subject": "{{subject}}", "text": "{{body}}"},
            allow_private_urls=True,
        ).save("ward")  # fmt: skip
        monkeypatch.setenv(SETTING, "custom-webhook/ward")
        made = Month(stage, got)
        play(made, monkeypatch)
        yield made


def play(made: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the month go by."""
    place = made.place
    first = made.deploy("first", older(65))
    place.where.ledger.add_once(first.release())
    adas = place.bring(ADA, [TRULY[name] for name, *_ in ADA], manifest=MANIFEST, owner="ada")
    bens = place.bring(BEN, [TRULY[name] for name, *_ in BEN], name="Ben's", manifest=MANIFEST, by="Ben", owner="ben")  # fmt: skip
    place.keep(adas, sort="rare")
    place.keep(adas, CRITICAL, critical=True)
    place.keep(bens, shelf="sealed", by="Ben")
    made.nights(1, 10)
    made.ask("first", monkeypatch)

    better = made.deploy("better", older(55))
    made.nights(11, CRASH - 1)
    made.crash(CRASH)
    made.nights(CRASH + 1, FULL - 1)
    made.fill_the_disk(FULL)
    made.nights(FULL + 1, RESTART - 1)
    made.restart_the_server(RESTART)
    made.nights(RESTART + 1, 20)
    for cases, who in ((adas, "Ada"), (bens, "Ben")):
        sign(made.stage, better, cases, who)
    made.ask("better", monkeypatch)

    made.deploy("breaks one", lambda row: B if row["patient"] == CRITICAL else older(55)(row))
    made.nights(21, 30)
    for flip in flips_of(place.where, "Ada", "ada"):
        answer_flip(place.where, flip, "agreed", by="Ada")
    made.ask("breaks one", monkeypatch)

    dice = random.Random(7)
    made.deploy("random", lambda row: dice.choice([M, B]))
    made.nights(31, 40)
    made.ask("random", monkeypatch)
    told_all()


def sign(stage: Stage, release: Published, cases: CaseSet, who: str) -> None:
    """Try the release on her cases, and sign that it is ready."""
    run_id = submit(stage.where, release, cases.name, {}, by=who, door="app")
    stage.settled(run_id)
    stage.where.ledger.add_revision(
        Verdict(
            flow_run_id=run_id,
            release_id=release.release().id,
            word="ready",
            statement="As I saw it.",
            by=who,
        )
    )


def events_told() -> dict[str, Counter[str]]:
    """Return how often the server was told of which case what, by the event's last word."""
    found = {}
    for word in ("broken", "fixed", "unsteady"):
        asked = EventFilter(event=EventNameFilter(name=[f"capsule.case.{word}"]))
        counts = httpx.post(
            f"{os.environ['PREFECT_API_URL']}/events/count-by/resource",
            json={"filter": asked.model_dump(mode="json")},
        ).raise_for_status()
        found[word] = Counter()
        for one in counts.json():
            found[word][one["label"]] += one["count"]
    return found


def news_of(result: pd.DataFrame, last: pd.DataFrame | None) -> pd.DataFrame:
    """Return the flips of a replay that the one before, of the same release, did not have."""
    before = {} if last is None else dict(zip(last["case_id"], last["change"], strict=True))
    flips = result[result["change"].isin(["broken", "fixed", "unsteady"])]
    return flips[[before.get(row.case_id) != row.change for row in flips.itertuples()]]


def lines_on(new: pd.DataFrame) -> list[str]:
    """Return what a message has to say of the open cases, and that sealed ones changed."""
    lines = [
        f"{row.case}: {row.change} ({'critical, ' if row.critical else ''}answer {row.answer});"
        f" before {row.before}, now {row.after}."
        for row in new[new["shelf"] == "open"].itertuples()
    ]
    sealed = int((new["shelf"] == "sealed").sum())
    if sealed:
        cases = "1 sealed case" if sealed == 1 else f"{sealed} sealed cases"
        lines.append(f"{cases} changed; the gate tells what follows from it.")
    return lines


def test_a_month(month: Month) -> None:
    rows, ledger = month.place.where.ledger.rows, month.place.where.ledger
    version_of = {release: version for version, release in month.releases.items()}

    # Every night ends as what it was; what was struck is gone on with by the next start.
    replays = rows(select(Replay).order_by(col(Replay.started_at)))
    results = {one.replay_id: one for one in rows(select(Replayed))}
    assert set(results) == {one.id for one in replays}
    assert unfinished(month.place.where, "example") == []
    rounds = Counter((version_of[one.release_id], one.why) for one in replays)
    assert rounds == {
        ("first", "night"): 10,
        ("better", "night"): 9,  # what the full disk left undone was done by the next night, as one
        ("breaks one", "night"): 10,
        ("random", "night"): 10,
        **{(version, "release"): 1 for version in ("better", "breaks one", "random")},
    }
    assert {name: state for name, state in month.states.items() if name in SURE} == {
        **{f"night {number}": "Completed" for number in range(1, 21)},
        "release better": "Completed",
        f"night {CRASH}": "killed",
        f"night {FULL}": "NotReplayed",
        "release breaks one": "CriticalCaseBroke",
        **{f"night {number}": "CriticalCaseBroke" for number in range(21, 31)},
    }
    thrown = [one for one in replays if version_of[one.release_id] == "random"]
    assert [state for name, state in month.states.items() if name not in SURE] == [
        "CriticalCaseBroke" if results[one.id].critical_broken else "Completed" for one in thrown
    ]

    # Every run was asked for once, is one trial, and has one outcome.
    asked = rows(select(ReplayRun))
    assert len({one.flow_run_id for one in asked}) == len(asked)
    trials = rows(select(Trial).where(Trial.door == "replay"))
    assert {one.flow_run_id for one in trials} == {one.flow_run_id for one in asked}
    outcomes = rows(select(Outcome))
    assert len(outcomes) == len(trials) + 2, "beside them the two experts' own trials"
    runs = Counter((one.replay_id, one.part) for one in asked)
    assert set(runs.values()) == {1}, "no crash, no full disk and no restart had anything run again"
    twice = [one.id for one in replays if (one.id, "again") in runs]
    flipped = [one.id for one in replays if one.why == "release" or one in thrown]
    assert twice == flipped, "only what flipped is run again"

    # Every open case's history, a version a column.
    grid = history(month.place.where, "example")
    assert grid is not None
    assert grid.releases == tuple(month.releases[one] for one in VERSIONS)
    last = month.place.where.store.replay(results[thrown[-1].id].result_hash)
    words = {"still right": "right", "fixed": "right", "still wrong": "wrong", "broken": "wrong"}
    by_dice = {row.case: words.get(row.change, row.change) for row in last.itertuples()}
    told = {one.case: list(grid.cells.loc[one.case_id]) for one in grid.cases}
    assert told == {
        "a40": ["right", "right", "right", by_dice["a40"]],
        "a45": ["right", "right", "right", by_dice["a45"]],
        "a50": ["right", "right", "right", by_dice["a50"]],
        "a60": ["wrong", "right", "right", by_dice["a60"]],
        "a70": ["right", "right", "wrong", by_dice["a70"]],
        "a75": ["right", "right", "right", by_dice["a75"]],
    }

    # Every message, in its order: what is news, once; night after night of the same is silent.
    expected: list[tuple[str, list[str]]] = []
    before: dict[str, pd.DataFrame] = {}
    flips: dict[str, Counter[str]] = {
        "broken": Counter(),
        "fixed": Counter(),
        "unsteady": Counter(),
    }
    for replay in replays:
        table = month.place.where.store.replay(results[replay.id].result_hash)
        new = news_of(table, before.get(replay.release_id))
        for row in new.itertuples():
            flips[row.change][row.case if row.shelf == "open" else "a sealed case"] += 1
        if len(new):
            broken = results[replay.id].critical_broken
            subject = f"{broken} critical case is broken" if broken else "replayed"
            expected.append((f"example: {subject}", lines_on(new)))
        before[replay.release_id] = table
    mended = "a60: fixed (answer malignant); before benign, now malignant."
    broke = f"{CRITICAL}: broken (critical, answer malignant); before malignant, now benign."
    sealed = "1 sealed case changed; the gate tells what follows from it."
    assert expected[:2] == [
        ("example: replayed", [mended, sealed]),
        ("example: 1 critical case is broken", [broke]),
    ]
    of_replays = [one for one in month.messages if "on release" in one["text"]]
    assert [(one["subject"], said_of_cases(one["text"])) for one in of_replays] == expected
    others = [one for one in month.messages if one not in of_replays]
    assert [one["subject"] for one in others] == [
        "example on “Monday”: judged",
        "example on “Ben's”: judged",
        f"example: release {month.releases['better'][:8]} is the champion",
    ]
    assert not any(name in one["text"] for one in month.messages for name, *_ in BEN)
    # The server writes events down a while after it has taken them.
    until(lambda: events_told() == flips or None, 60, f"the events {flips}")

    # The gate: nobody signed; all there; a critical case broke; dice.
    assert month.gate == {"first": 2, "better": 0, "breaks one": 1, "random": 2}
    decided = decisions(ledger, "example")
    assert {version_of[one.release_id]: one.answer for one in decided} == {
        "first": "INCONCLUSIVE",
        "better": "GO",
        "breaks one": "NO-GO",
        "random": "INCONCLUSIVE",
    }
    for one in decided:
        assert again(ledger, "example", str(one.id)).decision.answer == one.answer
    champion = champion_of(ledger, "example")
    assert champion is not None
    assert champion.release_id == month.releases["better"]


def said_of_cases(text: str) -> list[str]:
    """Return a message's lines on cases, without the sentence that says why."""
    _, *lines, _ = text.split("\n")
    return [re.sub(r"(, now \w+\.) .*", r"\1", line) for line in lines]
