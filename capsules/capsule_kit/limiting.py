"""Run as a file before a model that is another user's: bounds what it may become, then becomes it.

`python -I limiting.py PROCESSES PROGRAM [ARGUMENT…]`, in the environment that the model will see.
"""

import os
import resource
import sys
from pathlib import Path

CANNOT_RUN = 126
"""The exit code of a shell that found a program and could not run it."""


def become(processes: int, words: list[str]) -> int:
    """Become a program, bounded; return an exit code where it cannot be run.

    Args:
        processes: How many processes and threads its user may have.
        words: The program and its arguments.
    """
    resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Where memory runs out, it is this process that ends, and the flow can say so.
    Path("/proc/self/oom_score_adj").write_text("1000")
    Path(os.environ["HOME"], "files").mkdir(exist_ok=True)
    try:
        os.execvp(words[0], words)  # noqa: S606  the author's own command, and no shell
    except OSError as problem:
        sys.stderr.write(f"{words[0]} cannot be run: {problem.strerror}\n")
    return CANNOT_RUN


if __name__ == "__main__":
    sys.exit(become(int(sys.argv[1]), sys.argv[2:]))
