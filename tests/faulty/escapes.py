"""Every way out that the faulty model tries: each says what it got, or raises.

An attempt that returns has succeeded.
"""

import ctypes
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from faulty import rights
from faulty.rights import Facts, NotPossible

ATTACH = 16
WAIT_S = 2.0


PLANTED = """
import os, pathlib
for folder in ("/results", "/results/files", "/work/files", "/tmp"):
    try:
        pathlib.Path(folder, "planted.txt").write_text(f"run as {os.getuid()}")
    except OSError:
        pass
raise ImportError("planted")
"""
"""A module that tells in the results that it was run."""


def attempt_all(facts: Facts) -> dict[str, dict[str, Any]]:
    """Try everything; return for each whether it was possible, and what it said."""
    told = {}
    for name, attempt in ATTEMPTS.items():
        try:
            told[name] = {"succeeded": True, "said": str(attempt(facts))[:300]}
        except Exception as refused:
            told[name] = {"succeeded": False, "said": f"{type(refused).__name__}: {refused}"}
    return told


def _talk(address: tuple[str, int], request: bytes = b"GET / HTTP/1.0\r\n\r\n") -> bytes:
    with socket.create_connection(address, timeout=WAIT_S) as connection:
        connection.sendall(request)
        answer = connection.recv(200)
    if not answer:
        raise NotPossible("it hung up without a word")
    return answer


def _talk_unix(path: str) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(WAIT_S)
        connection.connect(path)
        connection.sendall(b"GET /api/health HTTP/1.0\r\n\r\n")
        return connection.recv(200)


def _internet(_: Facts) -> bytes:
    return _talk(("1.1.1.1", 80))


def _names(_: Facts) -> object:
    return socket.getaddrinfo("example.com", 80)


def _other_interfaces(_: Facts) -> object:
    names = [name for _, name in socket.if_nameindex() if name != "lo"]
    up = [name for name in names if "1" in Path(f"/sys/class/net/{name}/carrier").read_text()]
    if not up:
        raise NotPossible(f"none is up, of {names}")
    return up


def _listen_to_the_wire(_: Facts) -> object:
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW)


def _host_port(facts: Facts) -> bytes:
    problems = []
    for host in (*facts["hosts"], "127.0.0.1", "localhost"):
        for port in facts["ports"]:
            try:
                return _talk((host, port))
            except (OSError, NotPossible) as refused:
                problems.append(f"{host}:{port} {refused}")
    raise NotPossible("; ".join(problems))


def _another_container(facts: Facts) -> object:
    own = Path("/proc/self/cgroup").read_text()
    for path in Path("/proc").glob("[0-9]*/cgroup"):
        if path.read_text() != own:
            return path
    for host in facts["others"]:
        return _talk((host, facts["api_port"]))
    raise NotPossible("no process or address of another container is to be seen")


def _api(facts: Facts) -> bytes:
    return _talk(("127.0.0.1", facts["api_port"]), b"GET /api/health HTTP/1.0\r\n\r\n")


def _api_from_the_kits_port(facts: Facts) -> bytes:
    """Take the same port as a connection of the kit's, at another of the loopback's addresses."""
    api = f":{facts['api_port']:04X}"
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ports = [int(line[1][-4:], 16) for line in lines if line[2].endswith(api) and line[3] == "01"]
    for port in ports:
        with socket.create_connection(
            ("127.0.0.1", facts["api_port"]), WAIT_S, source_address=("127.0.0.2", port)
        ) as connection:
            connection.sendall(b"GET /api/health HTTP/1.0\r\n\r\n")
            if answer := connection.recv(200):
                return answer
    raise NotPossible(f"turned away at each of {ports}")


def _api_socket(_: Facts) -> bytes:
    return _talk_unix("/run/capsule/api")


def _engine(_: Facts) -> bytes:
    for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock"):
        if Path(path).exists():
            return _talk_unix(path)
    raise NotPossible("there is no such socket")


def _store(facts: Facts) -> object:
    return list(Path(facts["home"], "store").iterdir())


def _ledger(facts: Facts) -> bytes:
    return Path(facts["home"], "ledger.db").read_bytes()[:16]


def _other_trials(facts: Facts) -> object:
    own = Path("/data/inputs.parquet")
    places = (Path(facts["home"], "store", "staging"), Path("/data/.."), Path("/results/.."))
    found = [one for place in places for one in place.glob("*/*/inputs.parquet")]
    found += Path("/").glob("*/inputs.parquet")
    # What it is asked stands in a folder of its own, as a link to its own cases.
    seen = [one for one in found if one.resolve() != own]
    if not seen:
        raise NotPossible("no other inputs are to be seen")
    return seen


def _kit_environment(_: Facts) -> bytes:
    return Path("/proc/1/environ").read_bytes()[:20]


def _own_environment(_: Facts) -> object:
    words = ("PREFECT", "AUTH", "CAPSULE", "API")
    known = {"CAPSULE_PROTOCOL"}  # a number
    found = [name for name in {*os.environ} - known if any(word in name for word in words)]
    text = Path("/proc/self/environ").read_text()
    if not found and not any(word in text for word in words[:2]):
        raise NotPossible("there is nothing in it")
    return found


def _kit_memory(_: Facts) -> bytes:
    with Path("/proc/1/mem").open("rb") as memory:
        return memory.read(1)


def _kit_map(_: Facts) -> str:
    return Path("/proc/1/maps").read_text()[:50]


def _trace_the_kit(_: Facts) -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(ATTACH, 1, 0, 0) == -1:
        raise OSError(ctypes.get_errno(), "ptrace")
    return "attached"


def _kit_files(_: Facts) -> object:
    return list(Path("/proc/1/fd").iterdir())


def _kit_root(_: Facts) -> object:
    return list(Path("/proc/1/root/home/kit").iterdir())


def _kit_home(_: Facts) -> object:
    return list(Path("/home/kit").iterdir())


def _kill_the_kit(_: Facts) -> str:
    os.kill(1, signal.SIGKILL)
    return "sent"


def _stop_the_kit(_: Facts) -> str:
    os.kill(1, signal.SIGSTOP)
    return "sent"


def _receipt(_: Facts) -> bytes:
    return Path("/data/receipt.json").read_bytes()[:20]


def _change_inputs(_: Facts) -> int:
    return Path("/data/inputs.parquet").write_bytes(b"mine")


def _write_outside(_: Facts) -> object:
    done = []
    for folder in ("/", "/data", "/results", "/opt/code", "/opt/code/faulty", "/etc", "/usr/bin",
                   "/home/kit", "/run", "/run/capsule", "/var/tmp", "/proc/1", "/sys", "/dev",
                   "/opt/capsule/lib", "/root"):  # fmt: skip
        try:
            Path(folder, "mine").write_text("mine")
            done.append(folder)
        except OSError:
            continue
    if not done:
        raise NotPossible("nowhere")
    return done


def _results(_: Facts) -> object:
    return [Path("/results/predictions.parquet").write_bytes(b"mine")]


def _planted_module(_: Facts) -> object:
    """Leave modules and settings where the kit began, for it to import or read."""
    planted = []
    for folder in (Path("/tmp"), Path("/work"), Path("/dev/shm"), Path("/")):
        for name in ("_strptime", "fastparquet", "tomllib", "xml", "imp", "bz2", "colorsys"):
            try:
                (folder / f"{name}.py").write_text(PLANTED)
                planted.append(f"{folder}/{name}")
            except OSError:
                continue
    raise NotPossible(f"planted {len(planted)}; whether one is run is seen in the results")


def _left_open(_: Facts) -> object:
    ours = {"/dev/null", "/dev/urandom"}
    found = {}
    for entry in Path("/proc/self/fd").iterdir():
        try:
            leads = str(entry.readlink())
        except OSError:
            continue
        if leads not in ours and not leads.startswith(("pipe:", "/proc/", "/work", "/opt")):
            found[entry.name] = leads
    if not found:
        raise NotPossible("only the pipes to the kit")
    return found


ATTEMPTS: dict[str, Callable[[Facts], object]] = {
    **rights.ATTEMPTS,
    "reach the internet": _internet,
    "look up a name": _names,
    "find another network interface": _other_interfaces,
    "listen to the wire": _listen_to_the_wire,
    "reach a port of the host": _host_port,
    "reach another container": _another_container,
    "ask the Prefect API": _api,
    "ask the Prefect API from the kit's port": _api_from_the_kits_port,
    "ask the Prefect API through its socket": _api_socket,
    "reach the engine's socket": _engine,
    "list the store": _store,
    "read the ledger": _ledger,
    "see another trial's files": _other_trials,
    "read the kit's environment": _kit_environment,
    "find a credential in its own environment": _own_environment,
    "read the kit's memory": _kit_memory,
    "read the kit's map of memory": _kit_map,
    "trace the kit": _trace_the_kit,
    "list the kit's open files": _kit_files,
    "go through the kit's root": _kit_root,
    "list the kit's home": _kit_home,
    "kill the kit": _kill_the_kit,
    "stop the kit": _stop_the_kit,
    "have the kit run a planted module": _planted_module,
    "use a file that was left open": _left_open,
    "read the receipt": _receipt,
    "change the inputs": _change_inputs,
    "write outside its folder": _write_outside,
    "write the results itself": _results,
}
