"""A start with both databases on PostgreSQL takes the example to a judgement, and keeps nothing in SQLite."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from e2e.conftest import EXAMPLE, Started
from private_postgres import PostgresServer

PREFECT = "PREFECT_SERVER_DATABASE_CONNECTION_URL"
LEDGER = "CAPSULES_LEDGER_URL"
SECRETS_OF_THE_START = (LEDGER, PREFECT, "PREFECT_SERVER_API_AUTH_STRING")


@pytest.fixture(scope="module")
def databases(postgres: PostgresServer) -> dict[str, str]:
    """The two databases, empty, by the setting that names them."""
    return {
        LEDGER: postgres.url("psycopg", postgres.new_database()),
        PREFECT: postgres.url("asyncpg", postgres.new_database()),
    }


@pytest.fixture(scope="module")
def on_postgres(
    databases: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Started]:
    """Everything running as local processes, with both databases on PostgreSQL."""
    extra = {**databases, "DOCKER_HOST": "unix:///nowhere/docker.sock"}
    one = Started(tmp_path_factory.mktemp("on-postgres"), extra=extra)
    try:
        one.start()
        yield one
    finally:
        one.stop()


def count(postgres: PostgresServer, url: str, table: str) -> int:
    with postgres.connection(url.rpartition("/")[2]) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def test_the_example_is_judged_and_every_row_is_on_postgresql(
    on_postgres: Started, postgres: PostgresServer, databases: dict[str, str]
) -> None:
    assert on_postgres.json("try", "tumor_malignancy", str(EXAMPLE))["kind"] == "judged"
    assert count(postgres, databases[LEDGER], "outcomes") == 1
    assert count(postgres, databases[PREFECT], "flow_run") >= 1
    assert [file.name for file in on_postgres.home.rglob("*.db")] == []


def test_prefects_own_form_is_settled_by_whoever_sees_its_end(on_postgres: Started) -> None:
    deployment = on_postgres.get("/deployments/name/tumor_malignancy/trial")
    asked = {"parameters": {"cases": "example", "settings": {"threshold": 0.5}}}
    run = on_postgres.post(f"/deployments/{deployment['id']}/create_flow_run", asked)
    assert on_postgres.settled(run["id"])["kind"] == "judged"


def test_the_doctor_says_where_both_are(on_postgres: Started) -> None:
    found = {row["what"]: row for row in on_postgres.json("doctor")}
    for what in ("database of the ledger", "database of Prefect"):
        assert found[what]["ok"]
        assert "answers" in found[what]["sentence"]


def test_only_the_server_is_told_the_addresses_and_nobody_the_password(
    on_postgres: Started, postgres: PostgresServer
) -> None:
    """Of a start's processes the server alone has Prefect's database in its environment."""
    assert on_postgres.process is not None
    told = dict(environments(on_postgres))
    assert len(told) >= 5
    for words, environment in told.items():
        if "server" in words or str(on_postgres.process.pid) in words:
            continue
        assert [name for name in SECRETS_OF_THE_START if f"{name}=" in environment] == [], words
    assert not any(postgres.password in words for words in told)
    for file in on_postgres.home.rglob("*"):
        if file.is_file():
            assert postgres.password.encode() not in file.read_bytes(), file


def test_a_later_start_that_forgot_them_is_refused_with_both_remedies(
    on_postgres: Started, databases: dict[str, str]
) -> None:
    """After all other tests here: it stops the start, and brings it back as it was."""
    on_postgres.stop()
    for setting in databases:
        del on_postgres.extra[setting]
    ports = ("--api-port", str(on_postgres.api_port), "--app-port", str(on_postgres.app_port))
    said = on_postgres.capsules("up", *ports, code=4, told=True)
    assert "the last start used postgresql+psycopg://" in said
    assert "set it again, or delete" in said
    on_postgres.extra.update(databases)
    on_postgres.start()
    assert len(on_postgres.json("trials")) == 2


def environments(started: Started) -> Iterator[tuple[str, str]]:
    """Give, of each process of this start, its number and words, and its environment."""
    mark = f"CAPSULES_HOME={started.home}\0"
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            environment = (entry / "environ").read_text(errors="replace")
            if mark in environment:
                words = (entry / "cmdline").read_text().replace("\0", " ")
                yield f"{entry.name} {words}", environment
