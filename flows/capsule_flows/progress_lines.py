"""Progress lines for a terminal, each with the seconds since the start."""

import time


class Steps:
    """Called with a line, prints it beside the clock."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, line: str) -> None:
        """Print the line."""
        print(f"{time.monotonic() - self._start:6.1f} s  {line}", flush=True)
