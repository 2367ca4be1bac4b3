"""Reading without a process for each archive, where not the process is tried."""

from checks.conftest import read_here

__all__ = ["read_here"]
