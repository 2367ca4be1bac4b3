"""A ledger, a store and releases that are functions: all that replay works with, but the server."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pandas as pd

from capsule_blocks import CaseStore, Ledger
from capsule_blocks.tables import AnswersRevision, CaseSet, Check, Kept, Outcome, Trial, now
from capsule_flows.case_ids import case_ids
from capsule_flows.challenge import challenge_cases
from capsule_flows.home import Resources
from capsule_flows.judged_cases import joined
from capsule_flows.keeping import KeepAs, keep_cases
from capsule_flows.releases import Published
from capsule_flows.replay_history import ReplayResult
from capsule_flows.replaying import Replaying, replay_capsule
from capsule_kit.manifest import Manifest
from judgement.examples import class_manifest

M, B = "malignant", "benign"
Model = Callable[[Mapping[str, Any]], object]
Row = tuple[str, str, float]
"""Patient, site, age."""
ROWS: list[Row] = [("p1", "lung", 50.0), ("p2", "skin", 60.0), ("p3", "lung", 70.0)]


@dataclass
class Server:
    """Stands for the Prefect server and its worker: it keeps its runs when our process dies.

    Give `ends` the kinds in which the next runs end, before they are judged as they come.
    """

    by_key: dict[str, UUID] = field(default_factory=dict)
    started: list[str] = field(default_factory=list)
    """The keys of the runs that were really started, in their order."""
    ends: list[str] = field(default_factory=list)
    known: set[UUID] = field(default_factory=set)
    """The runs that it still knows."""

    def forget(self) -> None:
        """Come back without what it had."""
        self.by_key.clear()
        self.known.clear()


@dataclass
class RunsInPlace:
    """The port of `replay_runs`, in memory: a release is a function of a row.

    A run asked for twice under one key is one run; its outcome is settled once, in the real ledger,
    and its predictions are in the real store.
    """

    where: Resources
    published: Published
    model: Model
    server: Server

    def start(self, case_set_name: str, key: str) -> UUID:
        """Start a run of the case set, unless one was started under this key."""
        if key not in self.server.by_key:
            self.server.by_key[key] = uuid4()
            self.server.known.add(self.server.by_key[key])
            self.server.started.append(key)
        return self.record(self.server.by_key[key], case_set_name, {}, "replay")

    def record(
        self, run_id: UUID, case_set_name: str, settings: Mapping[str, object], door: str
    ) -> UUID:
        """Put a run into the ledger as a trial."""
        cases = self.where.ledger.case_set(self.published.manifest.name, case_set_name)
        assert cases is not None
        answers = self.where.ledger.latest_answers(cases.id)
        self.where.ledger.add_once(
            Trial(
                flow_run_id=run_id,
                release_id=self.published.release().id,
                capsule=cases.capsule,
                case_set_id=cases.id,
                case_set_name=case_set_name,
                answers_revision_id=answers.id if answers else None,
                settings=dict(settings),
                door=door,
                by=door,
            )
        )
        return run_id

    def settled(self, flow_run_id: UUID) -> Outcome:
        """Settle the run, once."""
        if there := self.where.ledger.outcome(flow_run_id):
            return there
        kind = self.server.ends.pop(0) if self.server.ends else "judged"
        if flow_run_id not in self.server.known:
            kind = "infrastructure failed"
        outcome = Outcome(flow_run_id=flow_run_id, kind=kind, sentence=f"It ended: {kind}.")
        if kind == "judged":
            self._judge(flow_run_id)
        self.where.ledger.add_once(outcome)
        return outcome

    def _judge(self, flow_run_id: UUID) -> None:
        trial = self.where.ledger.trial(flow_run_id)
        assert trial is not None
        assert trial.case_set_id is not None
        assert trial.answers_revision_id is not None
        cases = self.where.ledger.case_set_by_id(trial.case_set_id)
        answers = self.where.ledger.answers_revision(trial.answers_revision_id)
        assert cases is not None
        assert answers is not None
        inputs = self.where.store.inputs(cases.inputs_hash)
        known = self.where.store.answers(cases.inputs_hash, answers.answers_hash)
        said = pd.DataFrame(
            {
                "case_id": inputs["case_id"],
                "prediction": [self.model(row) for row in inputs.to_dict("records")],
            }
        )
        judged = joined(inputs, known, said, self.published.manifest.contract)
        self.where.store.save_judged(flow_run_id, judged)


@dataclass
class Place:
    """The place, with the short words that tests are written in."""

    where: Resources
    server: Server = field(default_factory=Server)

    @classmethod
    def new(cls, folder: Path) -> "Place":
        """Make a place in a folder."""
        made = cls.there(folder)
        made.where.ledger.migrate()
        return made

    @classmethod
    def there(cls, folder: Path) -> "Place":
        """Open a place that was made before."""
        ledger = Ledger(url=f"sqlite:///{folder / 'ledger.db'}")
        store = CaseStore(root=folder / "store")
        return cls(Resources(store, ledger, "http://app", "http://prefect"))

    def close(self) -> None:
        """Close the ledger's connections."""
        self.where.ledger.close()

    def bring(
        self,
        rows: Sequence[Row],
        answers: Sequence[object],
        *,
        name: str = "Monday",
        manifest: Manifest | None = None,
        by: str = "Ada",
        owner: str | None = None,
        upload: UUID | None = None,
    ) -> CaseSet:
        """Bring cases with their answers, as the door does."""
        manifest = manifest or class_manifest()
        given = pd.DataFrame(list(rows), columns=["patient", "site", "age"])
        given = given.astype({"patient": "str", "site": "str", "age": "float64"})
        inputs = given.assign(case_id=case_ids(given), row=range(2, len(given) + 2))
        known = pd.DataFrame({"case_id": inputs["case_id"], "truth": list(answers)}).dropna()
        order = ["case_id", "row", "patient", "site", "age"]
        sealed = self.where.store.seal(inputs[order], known, manifest.contract.hash)
        check = Check(
            capsule=manifest.name,
            contract_hash=manifest.contract.hash,
            accepted=True,
            upload_id=upload,
        )
        cases = CaseSet(
            capsule=manifest.name,
            name=name,
            inputs_hash=sealed.inputs_hash,
            contract_hash=manifest.contract.hash,
            cases=sealed.cases,
            check_id=check.id,
            by=by,
            owner=owner,
        )
        locked = AnswersRevision(
            case_set_id=cases.id, answers_hash=sealed.answers_hash, reason="as first given", by=by
        )
        self.where.ledger.add(check, cases, locked)
        return cases

    def keep(
        self, cases: CaseSet, *names: str, by: str = "Ada", reason: str = "seen wrong", **said: Any
    ) -> Kept:
        """Keep these cases, or all of them."""
        as_said = KeepAs(reason=reason, **said)
        return keep_cases(self.where, cases, as_said, by=by, cases=names or None)

    def release(self, name: str, manifest: Manifest | None = None) -> Published:
        """Return a release of the example that the ledger has; another name is another image."""
        one = self.seen(name, manifest)
        self.where.ledger.add_once(one.release())
        return one

    def seen(self, name: str, manifest: Manifest | None = None) -> Published:
        """Return a release as the Prefect server publishes it, of which the ledger need not know."""
        return Published(
            deployment_id=UUID(int=1),
            full_name="example/trial",
            manifest=manifest or class_manifest(),
            schema={"definitions": {}},
            image=name,
            code_version=None,
            entrypoint="example.flow",
            work_pool=None,
        )

    def at(self, published: Published, model: Model) -> Replaying:
        """Return what a replay of this release works with."""
        runs = RunsInPlace(self.where, published, model, self.server)
        return Replaying(self.where, published, runs)

    def tried(self, cases: CaseSet, published: Published, model: Model, **settings: object) -> UUID:
        """Return a judged trial of a person's on this release."""
        runs = RunsInPlace(self.where, published, model, Server())
        runs.server.known.add(run_id := uuid4())
        runs.record(run_id, cases.name, settings, "app")
        runs.settled(run_id)
        return run_id

    def names(self, capsule: str = "example") -> list[str]:
        """Return the names of the challenge cases."""
        return sorted(one.case for one in challenge_cases(self.where, capsule))


def replayed(
    place: Place,
    release: str,
    model: Model,
    round_name: str = "night 1",
    manifest: Manifest | None = None,
) -> ReplayResult:
    """Return what a replay of this release, with this model, came to."""
    at = place.at(place.release(release, manifest), model)
    result = replay_capsule(at, round_name=round_name, why="night")
    assert result is not None
    return result


def by_case(table: pd.DataFrame, column: str) -> dict[str, Any]:
    """Return a column of a result by the cases' names."""
    values = table[column].astype(object).where(table[column].notna(), None)
    return dict(zip(table["case"], values, strict=True))


def older(age: float) -> Model:
    """Return a model that calls malignant from an age on."""
    return lambda row: M if row["age"] >= age else B


__all__ = [
    "ROWS",
    "B",
    "M",
    "Place",
    "RunsInPlace",
    "Server",
    "by_case",
    "now",
    "older",
    "replayed",
]
