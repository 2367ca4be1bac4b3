"""A PostgreSQL server of the tests' own: on a free loopback port, in a folder of its own, gone afterwards."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg

from machine import free_port

DEBIAN = Path("/usr/lib/postgresql")
LOOPBACK = "127.0.0.1"
MASTER = "master"
USER = "capsules"
ANSWERS_WITHIN_S = 30.0
QUICK = ["fsync=off", "full_page_writes=off", "unix_socket_directories="]


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL's programs on this machine, or None."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda file: float(file.parts[-3]))
    return versions[-1].parent if versions else None


@dataclass(frozen=True)
class PostgresServer:
    """A running server; each database is made empty."""

    port: int
    password: str

    def new_database(self, like: str = "template1") -> str:
        """Make a database, empty or as another one is to which nobody is connected; return its name."""
        name = f"d{secrets.token_hex(8)}"
        with self.connection() as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER {USER} TEMPLATE {like}".encode())
        return name

    def url(self, driver: str, database: str) -> str:
        """Return a database's SQLAlchemy URL for the user who owns it and nothing else, with the password."""
        return f"postgresql+{driver}://{USER}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def connection(self, database: str = "postgres") -> psycopg.Connection:
        """Connect as the user who may do anything; to be closed by the caller."""
        return psycopg.connect(
            host=LOOPBACK,
            port=self.port,
            user=MASTER,
            password=self.password,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )


@contextmanager
def private_postgres(programs: Path) -> Iterator[PostgresServer]:
    """Run a server with the programs of this folder; it ends, and its files go, with the block."""
    server = PostgresServer(port=free_port(), password=secrets.token_urlsafe(24))
    # In the system's own temporary folder, since pytest's is closed to the server's user.
    with tempfile.TemporaryDirectory(prefix="capsules-postgres-") as made:
        folder, owner = Path(made), _owner()
        password = folder / "password"
        password.write_text(server.password)
        for path in (folder, password):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        data, log = folder / "data", folder / "server.log"
        how = ["-A", "scram-sha-256", "-U", MASTER, "--pwfile", password, "--no-sync", "-E", "UTF8"]
        with log.open("wb") as output:
            with _run(owner, output, programs / "initdb", "-D", data, *how) as making:
                code = making.wait()
            assert code == 0, log.read_text()
            settings = [*QUICK, f"port={server.port}", f"listen_addresses={LOOPBACK}"]
            flags = [word for setting in settings for word in ("-c", setting)]
            running = _run(owner, output, programs / "postgres", "-D", data, *flags)
            try:
                _wait_answers(server, running, log)
                with server.connection() as connection:
                    role = f"CREATE ROLE {USER} LOGIN PASSWORD '{server.password}'"
                    connection.execute(role.encode())
                yield server
            finally:
                running.send_signal(signal.SIGINT)  # closes what is connected and ends
                running.wait(timeout=30)


def _run(
    owner: pwd.struct_passwd, output: IO[bytes], *command: str | Path
) -> "subprocess.Popen[bytes]":
    root = os.getuid() == 0
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd="/",
        user=owner.pw_uid if root else None,
        group=owner.pw_gid if root else None,
        extra_groups=[] if root else None,
    )


def _owner() -> pwd.struct_passwd:
    """Return the user a server runs under: this one, but never root, which PostgreSQL refuses."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid())
    return pwd.getpwnam("nobody")


def _wait_answers(server: PostgresServer, running: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + ANSWERS_WITHIN_S
    while time.monotonic() < until and running.poll() is None:
        with suppress(psycopg.OperationalError), server.connection():
            return
        time.sleep(0.1)
    raise AssertionError(f"PostgreSQL did not start:\n{log.read_text()}")
