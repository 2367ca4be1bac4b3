"""What git says of a project; a project without git is told apart from one that git refuses."""

import subprocess
from pathlib import Path

NO_GIT = 127
"""The code of a command that is not there, as shells have it."""


def git(*words: str, project: Path = Path()) -> subprocess.CompletedProcess[str]:
    """Run git in a project; where there is no git, its code is NO_GIT."""
    command = ["git", *words]
    try:
        return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    except FileNotFoundError as cause:
        return subprocess.CompletedProcess(command, NO_GIT, "", str(cause))


def said(*words: str, project: Path = Path()) -> str | None:
    """Return what git says; None where it refuses, the project is no checkout, or there is no git."""
    done = git(*words, project=project)
    return done.stdout if done.returncode == 0 else None
