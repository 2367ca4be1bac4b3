"""`python -m capsule_flows.with_parent COMMAND …`: a command that ends when the process does that started it."""

import ctypes
import os
import signal
import sys

DIE_WITH_PARENT = 1


def die_with_parent() -> None:
    """Have the kernel end this process when the one that started it is killed, however hard."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGTERM)


if __name__ == "__main__":
    die_with_parent()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606
