"""A capsule's folder in this project: its texts, what git has not seen of it, and the file that deploys it."""

from collections.abc import Sequence
from pathlib import Path

from capsule_flows.deploying import files_declaring
from capsule_flows.errors import FlowsError
from capsule_flows.git_checkout import git, said
from capsule_flows.new_capsule import CAPSULES, NAME_OF_CAPSULE, TESTS

DECLARATION = "declaration.py"
EDITED = (DECLARATION, "model.py", "requirements.txt", "Dockerfile", "prefect.yaml")
"""The texts that an author edits, those that a capsule has."""


class NoSuchFolder(FlowsError):
    """This project has no folder of such a capsule, or the app does not run in it."""

    exit_code = 64

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is no capsules/{name} with a declaration where this app runs: start it in the"
            " project's folder, or make the capsule there first."
        )


class NotCommitted(FlowsError):
    """Git did not take the commit."""


def folder_of(name: str) -> Path:
    """Return a capsule's folder.

    Raises:
        NoSuchFolder: there is none.
    """
    folder = CAPSULES / name
    if not NAME_OF_CAPSULE.fullmatch(name) or not (folder / DECLARATION).is_file():
        raise NoSuchFolder(name)
    return folder


def declared_in(name: str) -> Path:
    """Return the file that deploys a capsule: its own, else the one that names it.

    Raises:
        NoSuchFolder: no file does.
    """
    folder_of(name)
    files = files_declaring(name)
    if not files:
        raise NoSuchFolder(name)
    return files[0]


def uncommitted() -> list[str]:
    """Return the paths in this project that git has not seen as they are; all of it where there is no git."""
    told = said("status", "--porcelain", "--untracked-files=all")
    return ["."] if told is None else [line[3:] for line in told.splitlines()]


def commit(name: str, *, by: str) -> None:
    """Commit a capsule's folder and its test, and nothing else.

    Raises:
        NotCommitted: git refuses; its last line is in the sentence.
    """
    places = [str(folder_of(name))]
    test = TESTS / f"test_{name}.py"
    if test.is_file():
        places.append(str(test))
    message = f"Capsule {name}\n\nCommitted on its page by {by}."
    for words in (["add", "--", *places], ["commit", "-q", "-m", message, "--", *places]):
        done = git(*words)
        if done.returncode:
            told = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
            raise NotCommitted(
                f"Git did not take the commit of capsules/{name}: {told[-1].rstrip('.')}."
            )


def outside(paths: Sequence[str], name: str) -> list[str]:
    """Return those of some uncommitted paths that are not the capsule's."""
    own = (f"{CAPSULES / name}/", str(TESTS / f"test_{name}.py"))
    return [one for one in paths if not one.startswith(own)]
