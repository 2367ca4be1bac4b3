"""An S3 server of the tests' own: Ceph's object gateway with its monitor and one object store in memory.

It is the real thing as Debian packages it (`radosgw`, `ceph-mon`, `ceph-osd`), asked over HTTP with
signed requests; on free loopback ports, in a folder of its own, gone afterwards.
"""

import secrets
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

PROGRAMS = ("radosgw", "radosgw-admin", "ceph-mon", "ceph-osd", "ceph", "ceph-authtool")
LOOPBACK = "127.0.0.1"
ANSWERS_WITHIN_S = 90.0
CONFIGURATION = """
[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{monitor}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
keyring = {folder}/keyring
mon data = {folder}/mon
osd data = {folder}/osd
rgw data = {folder}/rgw
run dir = {folder}
crash dir = {folder}
admin socket = {folder}/$name.asok
log file = {folder}/$name.log
pid file =
osd objectstore = memstore
memstore device bytes = 1073741824
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
rgw frontends = beast endpoint=127.0.0.1:{gateway}
rgw enable usage log = false
"""


def lacking() -> str | None:
    """Return what is missing for such a server on this machine, or None."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    return f"there is no S3 server here ({', '.join(missing)} not found)" if missing else None


@dataclass(frozen=True)
class S3Server:
    """A running server; each bucket is made empty."""

    endpoint: str
    key: str = field(default_factory=lambda: secrets.token_hex(10))
    secret: str = field(default_factory=lambda: secrets.token_hex(20))

    @property
    def environment(self) -> dict[str, str]:
        """The usual variables by which a client finds and enters it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def new_bucket(self) -> str:
        """Make an empty bucket and return its name."""
        import s3fs

        name = f"b{secrets.token_hex(8)}"
        files = s3fs.S3FileSystem(
            key=self.key,
            secret=self.secret,
            endpoint_url=self.endpoint,
            skip_instance_cache=True,
            config_kwargs={"request_checksum_calculation": "when_required"},
        )
        files.mkdir(name)
        return name


@contextmanager
def private_s3() -> Iterator[S3Server]:
    """Run a server; it ends, and its files go, with the block."""
    monitor, gateway = _free_ports(2)
    server = S3Server(f"http://{LOOPBACK}:{gateway}")
    with tempfile.TemporaryDirectory(prefix="s3-") as made, ExitStack() as running:
        folder = Path(made)
        for name in ("mon", "osd", "rgw"):
            (folder / name).mkdir()
        fsid = str(uuid4())
        file = folder / "ceph.conf"
        file.write_text(
            CONFIGURATION.format(folder=folder, fsid=fsid, monitor=monitor, gateway=gateway)
        )
        _make_keys(folder / "keyring")
        first = f"[v2:{LOOPBACK}:{monitor}]"
        _call("monmaptool", "--create", "--fsid", fsid, "--addv", "a", first, folder / "monmap")
        ceph = ["-c", file]
        _call("ceph-mon", *ceph, "-i", "a", "--mkfs", "--monmap", folder / "monmap")
        running.enter_context(_process("ceph-mon", *ceph, "-i", "a", "-f", log=folder))
        disk = str(uuid4())
        _call("ceph", *ceph, "osd", "new", disk)
        _call("ceph-osd", *ceph, "-i", "0", "--mkfs", "--osd-uuid", disk)
        running.enter_context(_process("ceph-osd", *ceph, "-i", "0", "-f", log=folder))
        running.enter_context(_process("radosgw", *ceph, "-n", "client.rgw", "-f", log=folder))
        _wait_answers(server.endpoint, folder)
        who = ["--uid", "tester", "--display-name", "tester"]
        secret = ["--access-key", server.key, "--secret-key", server.secret]
        _call("radosgw-admin", *ceph, "user", "create", *who, *secret)
        yield server


def _make_keys(keyring: Path) -> None:
    rights = ["--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *"]
    _call("ceph-authtool", "-C", keyring, "-g", "-n", "mon.", "--cap", "mon", "allow *")
    for name in ("client.admin", "client.rgw", "osd.0"):
        _call("ceph-authtool", keyring, "-g", "-n", name, *rights)


def _call(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


@contextmanager
def _process(*command: str | Path, log: Path) -> Iterator[None]:
    with (log / f"{command[0]}.out").open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            yield
        finally:
            # Nothing of it is kept, and an orderly end takes seconds.
            process.kill()
            process.wait()


def _wait_answers(endpoint: str, folder: Path) -> None:
    until = time.monotonic() + ANSWERS_WITHIN_S
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < until:
        try:
            opener.open(endpoint, timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    said = {file.name: file.read_text(errors="replace")[-2000:] for file in folder.glob("*.out")}
    raise AssertionError(f"The S3 server did not answer: {said}")


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
