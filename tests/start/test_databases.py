"""What a start says of the databases it is to use, before anything is started."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from capsule_flows.databases import (
    LEDGER,
    PREFECT,
    Database,
    ledger_url,
    problem_with,
    remembered_databases,
    settle_databases,
)
from capsule_flows.diagnosis import diagnose
from capsule_flows.errors import DatabaseUnusable
from private_postgres import PostgresServer


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A start's folder, and no setting of the machine's own."""
    monkeypatch.setenv("CAPSULES_HOME", str(tmp_path))
    for one in (LEDGER, PREFECT):
        monkeypatch.delenv(one.setting, raising=False)
    return tmp_path


def doctor() -> dict[str, tuple[bool, str]]:
    return {one.what: (one.ok, one.sentence) for one in diagnose()}


def test_where_nothing_is_set_both_are_sqlite_in_the_folder(home: Path) -> None:
    assert settle_databases(home) == []
    assert ledger_url(home) == f"sqlite:///{home}/ledger.db"
    assert doctor()["database of the ledger"] == (True, f"SQLite in {home}")
    assert doctor()["database of Prefect"] == (True, f"SQLite in {home}")


def test_two_that_answer_are_used_and_told_without_their_password(
    home: Path, monkeypatch: pytest.MonkeyPatch, postgres: PostgresServer
) -> None:
    ledger = postgres.url("psycopg", postgres.new_database())
    monkeypatch.setenv(LEDGER.setting, ledger)
    monkeypatch.setenv(PREFECT.setting, postgres.url("asyncpg", postgres.new_database()))
    told = settle_databases(home)
    assert len(told) == 2
    assert ledger_url(home) == ledger
    found = doctor()
    assert found["database of the ledger"][0]
    assert found["database of Prefect"][0]
    remembered = (home / "databases.json").read_text()
    assert postgres.password not in f"{told}{found}{remembered}"


def test_the_last_starts_database_is_not_forgotten_in_silence(
    home: Path, monkeypatch: pytest.MonkeyPatch, postgres: PostgresServer
) -> None:
    monkeypatch.setenv(LEDGER.setting, postgres.url("psycopg", postgres.new_database()))
    settle_databases(home)
    monkeypatch.delenv(LEDGER.setting)
    with pytest.raises(DatabaseUnusable, match="the last start used postgresql.* set it again"):
        settle_databases(home)
    ok, sentence = doctor()["database of the ledger"]
    assert not ok
    assert "CAPSULES_LEDGER_URL is not set" in sentence
    (home / "databases.json").unlink()
    assert settle_databases(home) == []
    assert remembered_databases(home) == {}


def test_one_database_for_both_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, postgres: PostgresServer
) -> None:
    name = postgres.new_database()
    monkeypatch.setenv(LEDGER.setting, postgres.url("psycopg", name))
    monkeypatch.setenv(PREFECT.setting, postgres.url("asyncpg", name))
    with pytest.raises(DatabaseUnusable, match="make two"):
        settle_databases(home)


@pytest.mark.parametrize("one", [LEDGER, PREFECT], ids=lambda one: one.what)
def test_one_that_does_not_answer_is_told_with_the_reason_and_without_its_password(
    one: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(one.setting, f"{one.drivers[0]}://ada:secret@127.0.0.1:1/none")
    with pytest.raises(
        DatabaseUnusable, match="does not answer .*(refused|Connect call failed)"
    ) as refused:
        settle_databases(home)
    assert one.setting in str(refused.value)
    assert "secret" not in str(refused.value)
    ok, sentence = doctor()[f"database of {one.what}"]
    assert not ok
    assert "secret" not in sentence


@pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
def test_a_wrong_password_is_told_as_such(postgres: PostgresServer, driver: str) -> None:
    url = make_url(postgres.url(driver, "postgres")).set(password="guessed")
    problem = problem_with(url)
    assert problem is not None
    assert "password authentication failed" in problem
    assert "guessed" not in problem


@pytest.mark.parametrize("one", [LEDGER, PREFECT], ids=lambda one: one.what)
@pytest.mark.parametrize("written", ["postgresql://u:secret@h/d", "mysql://h/d", "no address"])
def test_an_address_with_another_driver_is_refused_with_the_right_one(
    one: Database, written: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(one.setting, written)
    with pytest.raises(
        DatabaseUnusable, match=f"must begin with {one.drivers[0]}".replace("+", "[+]")
    ) as no:
        settle_databases(home)
    assert "secret" not in str(no.value)
    assert not doctor()[f"database of {one.what}"][0]


def test_a_driver_that_is_not_installed_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    problem = problem_with(make_url("postgresql+psycopg://h/d"))
    assert problem is not None
    assert "install prefect-capsules[postgres]" in problem
