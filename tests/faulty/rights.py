"""What the faulty model tries to become: root, another user, or a process with more rights and means.

An attempt that returns has succeeded.
"""

import ctypes
import os
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

Facts = dict[str, Any]
NEW_USER_AND_MOUNT = 0x10020000


class NotPossible(Exception):
    """There is nothing there that could be tried."""


def _root(_: Facts) -> str:
    os.setuid(0)
    return "root"


def _other_user(_: Facts) -> str:
    os.setuid(65533)
    return "the kit"


def _root_group(_: Facts) -> str:
    os.setgid(0)
    return "root's group"


def _rights(_: Facts) -> str:
    status = Path("/proc/self/status").read_text()
    facts = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    held = {name: facts[name].strip() for name in ("CapEff", "CapPrm", "CapInh", "CapAmb")}
    if any(int(mask, 16) for mask in held.values()) or facts["NoNewPrivs"].strip() != "1":
        return f"{held}"
    raise NotPossible(f"{held}, NoNewPrivs 1")


def _setuid_programs(_: Facts) -> object:
    gained = []
    for folder in ("/bin", "/usr/bin", "/usr/sbin", "/sbin"):
        for program in Path(folder).glob("*"):
            if program.is_file() and program.stat().st_mode & 0o4000:
                words = [str(program), "-c", "id -u"]
                done = subprocess.run(words, capture_output=True, timeout=5, check=False, input=b"")
                if done.stdout.strip() == b"0":
                    gained.append(program)
    if not gained:
        raise NotPossible("none of them made it root")
    return gained


def _new_namespaces(_: Facts) -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_USER_AND_MOUNT) == -1:
        raise OSError(ctypes.get_errno(), "unshare")
    return "a user namespace of its own"


def _mount(_: Facts) -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"proc", b"/work", b"proc", 0, None) == -1:
        raise OSError(ctypes.get_errno(), "mount")
    return "mounted"


def _device(_: Facts) -> object:
    os.mknod("disk", 0o060666, os.makedev(254, 0))
    return Path("disk").read_bytes()[:4]


def _raw_disks(_: Facts) -> object:
    for path in Path("/dev").iterdir():
        if path.is_block_device() or path.name in ("mem", "kmem", "kmsg", "port"):
            return path.open("rb").read(1)
    raise NotPossible("there is none")


def _kernel_settings(_: Facts) -> str:
    for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/power/state"):
        with Path(path).open("w") as setting:
            setting.write("h")
    return "written"


def _control_group(_: Facts) -> str:
    for path in ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max"):
        if Path(path).exists():
            Path(path).write_text("-1")
            return "written"
    raise NotPossible("it is not there")


def _more_processes(_: Facts) -> object:
    before = resource.getrlimit(resource.RLIMIT_NPROC)
    resource.setrlimit(resource.RLIMIT_NPROC, (before[1] + 1, before[1] + 1))
    return "raised"


def _spared_by_the_kernel(_: Facts) -> object:
    return Path("/proc/self/oom_score_adj").write_text("-500")


ATTEMPTS: dict[str, Callable[[Facts], object]] = {
    "become root": _root,
    "become the kit's user": _other_user,
    "join root's group": _root_group,
    "have a right": _rights,
    "gain by a setuid program": _setuid_programs,
    "make a user namespace": _new_namespaces,
    "mount something": _mount,
    "make a device": _device,
    "read a raw disk": _raw_disks,
    "change the kernel's settings": _kernel_settings,
    "change its control group": _control_group,
    "have more processes": _more_processes,
    "be spared when memory runs out": _spared_by_the_kernel,
}
