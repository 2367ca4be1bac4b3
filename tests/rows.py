"""Rows of the ledger for the tests: one of every table, and a whole trial with what it refers to."""

from typing import Any
from uuid import UUID, uuid4

import pandas as pd

from capsule_blocks.behaviours import Behaviour, BehaviourOutcome
from capsule_blocks.gate_tables import Decided, Override
from capsule_blocks.people import Invitation, Person, Share, SignIn, SignOut, TakenUp
from capsule_blocks.prepared import Prepared
from capsule_blocks.released import Released
from capsule_blocks.replays import FlipWord, Look, Replay, Replayed, ReplayRun, ReplayTold
from capsule_blocks.tables import (
    AnswersRevision,
    Assessment,
    CaseSet,
    Check,
    Kept,
    Outcome,
    Preferred,
    Release,
    Row,
    Trial,
    Upload,
    Verdict,
    now,
)
from capsule_flows.home import Resources
from capsule_kit.manifest import Manifest

HASH = "a" * 64


def release(**other: Any) -> Release:
    """Give a release; what matters is given, the rest is plain."""
    plain = {
        "id": "r1",
        "capsule": "tumor",
        "deployment_id": "d1",
        "contract_hash": HASH,
        "settings_hash": HASH,
        "entrypoint": "tumor.flow",
        "manifest": {"name": "tumor"},
    }
    return Release(**{**plain, **other})


def trial(**other: Any) -> Trial:
    """Give a trial of that release, on no stored case set."""
    plain = {
        "flow_run_id": uuid4(),
        "release_id": "r1",
        "capsule": "tumor",
        "case_set_name": "c",
        "door": "app",
        "by": "Ada",
    }
    return Trial(**{**plain, **other})


def trial_on(
    resources: Resources,
    manifest: Manifest,
    inputs: pd.DataFrame,
    answers: pd.DataFrame,
    **other: Any,
) -> Trial:
    """Seal cases with their answers, and add a trial on them to the ledger with all that it refers to."""
    contract = manifest.contract.hash
    sealed = resources.store.seal(inputs, answers, contract)
    check = Check(capsule=manifest.name, contract_hash=contract, accepted=True)
    cases = CaseSet(
        capsule=manifest.name,
        name="c",
        inputs_hash=sealed.inputs_hash,
        contract_hash=contract,
        cases=sealed.cases,
        check_id=check.id,
        by="Ada",
    )
    first = AnswersRevision(
        case_set_id=cases.id, answers_hash=sealed.answers_hash, reason="as first given", by="Ada"
    )
    of = release(
        capsule=manifest.name, contract_hash=contract, manifest=manifest.model_dump(mode="json")
    )
    tried = trial(
        capsule=manifest.name,
        case_set_id=cases.id,
        answers_revision_id=first.id,
        **other,
    )
    resources.ledger.add(of, check, cases, first, tried)
    return tried


def one_of_each() -> list[Row]:
    """Give one row of every table."""
    first, tried = release(), trial()
    upload = Upload(capsule="tumor", filename="a.csv", sha256=HASH, size=1, by="Ada")
    check = Check(
        upload_id=upload.id,
        capsule="tumor",
        contract_hash=HASH,
        accepted=True,
        findings=[{"row": 2}],
    )
    cases = CaseSet(
        capsule="tumor",
        name="c",
        inputs_hash=HASH,
        contract_hash=HASH,
        cases=3,
        check_id=check.id,
        by="Ada",
    )
    answers = AnswersRevision(case_set_id=cases.id, answers_hash=HASH, reason="brought", by="Ada")
    tried.case_set_id, tried.answers_revision_id = cases.id, answers.id
    run = tried.flow_run_id
    behaviour = Behaviour(
        capsule="tumor",
        case_set_id=cases.id,
        derived_id=cases.id,
        asked={"changes": []},
        check_hash=HASH,
        by="Ada",
    )
    return [
        first,
        upload,
        check,
        cases,
        answers,
        tried,
        Outcome(flow_run_id=run, kind="judged", sentence="3 of 3 are right."),
        Assessment(flow_run_id=run, case_id="k1", word="agree", reason="", by="Ada"),
        Verdict(
            flow_run_id=run,
            release_id="r1",
            word="ready",
            statement="I use it.",
            by="Ada",
        ),
        Preferred(capsule="tumor", flow_run_id=run, said={"false_alarms": 9}, by="Ada"),
        Kept(case_set_id=cases.id, critical=True, reason="rare", by="Ada"),
        behaviour,
        BehaviourOutcome(behaviour_id=behaviour.id, flow_run_id=run, kind="judged", sentence="x"),
        *who_may_come_in(),
        *of_a_replay(cases, run),
        *of_the_gate(),
    ]


def of_a_replay(cases: CaseSet, run: UUID) -> list[Row]:
    """Give one row of every table of replays."""
    replay = Replay(
        capsule="tumor",
        release_id="r1",
        round="night 2026-11-26",
        why="night",
        asked_hash=HASH,
        case_set_id=cases.id,
        cases=3,
        sealed=1,
    )
    return [
        replay,
        ReplayRun(replay_id=replay.id, part="first", attempt=1, flow_run_id=run),
        Replayed(replay_id=replay.id, result_hash=HASH, critical_broken=0, unsettled=0),
        ReplayTold(replay_id=replay.id, what="events"),
        FlipWord(replay_id=replay.id, case_id="k1", word="agreed", by="Ada"),
        Look(capsule="tumor", case_set_id=cases.id, flow_run_id=run, door="/trial", by="Eve"),
    ]


def who_may_come_in() -> list[Row]:
    """Give one row of every table of people and shares."""
    share = Share(capsule="tumor", token_hash=HASH, until=now(), by="Eve")
    browser = SignIn(token_hash=HASH, share_id=share.share_id, name="Ada", until=now())
    return [
        Person(login="ada", name="Ada", role="expert", by="Eve"),
        Invitation(token_hash=HASH, login="ada", person_revision=1, until=now(), by="Eve"),
        share,
        TakenUp(share_id=share.share_id, login="ada"),
        browser,
        SignOut(sign_in_id=browser.id),
    ]


def of_the_gate() -> list[Row]:
    """Give one row of every table of the gate, of what was given out and what was made ready."""
    decided = Decided(
        capsule="tumor",
        release_id="r1",
        answer="NO-GO",
        decision={"answer": "NO-GO"},
        policy={"false_go": 0.05},
        policy_hash=HASH,
        evidence={"capsule": "tumor"},
        evidence_hash=HASH,
        by="Eve",
    )
    gone = Override(
        capsule="tumor", release_id="r1", decision_id=decided.id, reason="needed", by="Eve"
    )
    given_out = Released(capsule="tumor", release_id="r1", flow_run_id=UUID(int=1), by="Eve")
    ready = Prepared(capsule="tumor", address="models:/t/2", beside_id="r1", made_of=HASH)
    return [decided, gone, given_out, ready]
