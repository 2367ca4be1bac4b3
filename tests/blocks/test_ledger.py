"""The ledger only grows, and answers what it is asked, on SQLite and on PostgreSQL alike."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import IntegrityError

from capsule_blocks import Ledger
from capsule_blocks.tables import (
    CaseSet,
    Check,
    Kept,
    Outcome,
    Release,
    Row,
    Trial,
    Verdict,
)
from private_postgres import PostgresServer
from rows import one_of_each, release, trial

TABLES = sorted(Row.metadata.tables)


def test_the_database_refuses_to_change_a_row(ledger: Ledger) -> None:
    """UPDATE and DELETE fail on every table, from a connection that knows nothing of ours."""
    ledger.add(*one_of_each())
    engine = create_engine(ledger.url.get_secret_value())
    for table in TABLES:
        column = next(iter(Row.metadata.tables[table].columns)).name
        for change in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with (
                pytest.raises(IntegrityError, match=f"only grows: .* on {table} was refused"),
                engine.begin() as connection,
            ):
                connection.execute(text(change))
        with engine.connect() as connection:
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 1, table
    engine.dispose()


SIDE_WAYS = {
    "sqlite": ["INSERT OR REPLACE INTO releases SELECT * FROM releases"],
    "postgresql": [
        "INSERT INTO releases SELECT * FROM releases ON CONFLICT (id) DO UPDATE SET capsule = 'x'",
        "TRUNCATE releases CASCADE",
    ],
}


def test_a_row_cannot_be_changed_in_passing(ledger: Ledger) -> None:
    """What replaces, merges or empties fails on the ledger's own connections."""
    ledger.add(*one_of_each())
    for statement in SIDE_WAYS[ledger._engine().dialect.name]:
        with (
            pytest.raises(IntegrityError, match="(DELETE|UPDATE|TRUNCATE) on .* was refused"),
            ledger._engine().begin() as connection,
        ):
            connection.execute(text(statement))
    assert ledger.release("r1") is not None


def test_one_of_eight_settles_a_trial(ledger: Ledger) -> None:
    """Eight threads that add the same trial's outcome leave one, and one is told it was its own."""
    tried = trial()
    ledger.add(release(), tried)

    def settle(number: int) -> bool:
        return ledger.add_once(
            Outcome(flow_run_id=tried.flow_run_id, kind="judged", sentence=str(number))
        )

    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(settle, range(8)))
    assert sorted(added) == [False] * 7 + [True]
    kept = ledger.outcome(tried.flow_run_id)
    assert kept is not None
    assert kept.sentence == str(added.index(True))


def test_adding_once_still_refuses_what_refers_to_nothing(ledger: Ledger) -> None:
    """An outcome of no trial is an error, not "already there"."""
    with pytest.raises(IntegrityError, match="(?i)foreign key"):
        ledger.add_once(Outcome(flow_run_id=uuid4(), kind="judged", sentence=""))


def test_a_case_sets_name_is_taken_once(ledger: Ledger) -> None:
    """A second case set of the same capsule and name is not added."""
    rows = one_of_each()
    ledger.add(*rows)
    first = next(row for row in rows if isinstance(row, CaseSet))
    again = CaseSet.model_validate({**first.model_dump(), "id": uuid4()})
    assert ledger.add_once(again) is False
    assert ledger.case_set("tumor", "c") == first


def test_all_rows_of_a_transaction_are_added_or_none(ledger: Ledger) -> None:
    """A row that is refused takes the ones before it along."""
    with pytest.raises(IntegrityError):
        ledger.add(release(), Outcome(flow_run_id=uuid4(), kind="judged", sentence=""))
    assert ledger.release("r1") is None


def test_a_persons_words_on_a_case_are_revisions(ledger: Ledger) -> None:
    """Eight words at once of one person on one case get the revisions 1 to 8; the last stands."""
    tried = trial()
    ledger.add(release(), tried)

    def say(word: str) -> int:
        return ledger.add_assessment(
            flow_run_id=tried.flow_run_id, case_id="k", word=word, reason="", by="Ada"
        ).revision

    with ThreadPoolExecutor(8) as pool:
        said = dict(zip("abcdefgh", pool.map(say, "abcdefgh"), strict=True))
    ledger.add_assessment(
        flow_run_id=tried.flow_run_id,
        case_id="k",
        word="x",
        reason="",
        by="Bo",
        severity="harm",
    )
    assert sorted(said.values()) == [1, 2, 3, 4, 5, 6, 7, 8]
    latest = {row.by: row.word for row in ledger.assessments(tried.flow_run_id)}
    assert latest == {"Ada": max(said, key=said.__getitem__), "Bo": "x"}


def test_a_row_cannot_be_its_own_next_revision(ledger: Ledger) -> None:
    """The row of an earlier revision is refused with a sentence."""
    tried = trial()
    ledger.add(release(), tried)
    run = tried.flow_run_id
    verdict = Verdict(flow_run_id=run, release_id="r1", word="no", statement="", by="Ada")
    assert ledger.add_revision(verdict).revision == 1
    with pytest.raises(ValueError, match="in the ledger already"):
        ledger.add_revision(verdict)
    later = Verdict(flow_run_id=run, release_id="r1", word="yes", statement="", by="Ada")
    assert ledger.add_revision(later).revision == 2
    assert [row.word for row in ledger.verdicts(release_id="r1")] == ["yes", "no"]
    assert ledger.verdicts(flow_run_id=uuid4()) == []


def test_a_connection_that_was_cut_is_replaced_unseen(postgres: PostgresServer) -> None:
    """After the database server ended the ledger's connections, the next question is answered."""
    ledger = Ledger(url=postgres.url("psycopg", postgres.new_database()))
    ledger.migrate()
    ledger.add(release())
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    )
    with postgres.connection(make_url(ledger.url.get_secret_value()).database or "") as connection:
        ended = connection.execute(f"{cut} AND pid <> pg_backend_pid()").fetchall()
    assert ended == [(True,)]
    assert ledger.release("r1") is not None
    ledger.close()


def test_every_row_is_found_again(ledger: Ledger) -> None:
    """What was added is what the questions return, detached and whole."""
    rows = one_of_each()
    ledger.add(*rows)
    first, upload, check, cases, answers, tried, outcome, word, verdict, preferred, kept, *_ = rows
    assert isinstance(first, Release)
    assert isinstance(check, Check)
    assert check.upload_id is not None
    assert isinstance(tried, Trial)
    assert tried.case_set_id is not None
    assert tried.answers_revision_id is not None
    assert ledger.release("r1") == first
    assert ledger.uploads("tumor") == ledger.uploads() == [upload]
    assert ledger.checks(check.upload_id) == [check]
    assert ledger.case_sets("tumor") == ledger.case_sets() == [cases]
    assert ledger.case_set_by_id(tried.case_set_id) == cases
    assert ledger.latest_answers(tried.case_set_id) == answers
    assert ledger.answers_revision(tried.answers_revision_id) == answers
    assert ledger.trial(tried.flow_run_id) == tried
    assert ledger.trials("tumor") == ledger.trials_of_case_set(tried.case_set_id) == [tried]
    assert ledger.outcomes([tried.flow_run_id, uuid4()]) == {tried.flow_run_id: outcome}
    assert ledger.assessments(tried.flow_run_id) == [word]
    assert ledger.verdicts() == [verdict]
    assert ledger.preferences("tumor", "Ada") == [preferred]
    assert ledger.kept("tumor") == ledger.kept() == [kept]
    assert not ledger.trials("other")
    assert not ledger.kept("other")
    assert not ledger.case_sets("other")


def test_words_on_kept_cases_come_back_in_their_order(ledger: Ledger) -> None:
    """What was said later of the same case set, or of another with the same content, comes later."""
    rows = one_of_each()
    ledger.add(*rows)
    cases = next(row for row in rows if isinstance(row, CaseSet))
    same = cases.model_copy(update={"id": uuid4(), "name": "again"})
    ledger.add(CaseSet(**same.model_dump()))
    ledger.add(Kept(case_set_id=same.id, case_ids=["k1"], critical=False, reason="", by="Ada"))
    told = [(row.critical, row.case_ids) for row in ledger.kept("tumor")]
    assert told == [(True, None), (False, ["k1"])]
    assert [row.id for row in ledger.kept_of(cases.id)] == [row.id for row in ledger.kept()]
