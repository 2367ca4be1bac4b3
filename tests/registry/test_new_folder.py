"""A capsule's own files are committed and no others, and the file that deploys it is found."""

import subprocess
from pathlib import Path

import pytest

from capsule_flows.new_folder import (
    NoSuchFolder,
    NotCommitted,
    commit,
    declared_in,
    outside,
    uncommitted,
)

FILES = ("capsules/nodule/declaration.py", "capsules/nodule/artifact/m.pkl")
TEST = "tests/capsules/test_nodule.py"
OTHER = "capsules/other/declaration.py"


def git(*words: str) -> str:
    return subprocess.run(["git", *words], capture_output=True, text=True, check=True).stdout


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit and two capsules that it has not seen."""
    monkeypatch.chdir(tmp_path)
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Eve")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "eve@lab.example")
    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "begun")
    for name in (*FILES, TEST, OTHER):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    return tmp_path


def test_a_capsules_files_are_committed_and_no_others(project: Path) -> None:
    (project / "staged").touch()
    git("add", "staged")
    assert set(uncommitted()) == {*FILES, TEST, OTHER, "staged"}
    commit("nodule", by="Eve")
    assert set(git("show", "--name-only", "--format=").split()) == {*FILES, TEST}
    assert "Committed on its page by Eve." in git("log", "-1", "--format=%B")
    left = uncommitted()
    assert set(left) == set(outside(left, "nodule")) == {OTHER, "staged"}


def test_what_git_refuses_is_said(project: Path) -> None:
    hook = project / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'No commits on Fridays.' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(NotCommitted, match="No commits on Fridays"):
        commit("nodule", by="Eve")


def test_another_capsules_name_that_begins_alike_is_outside() -> None:
    assert outside(["capsules/nodule2/a.py", FILES[0]], "nodule") == ["capsules/nodule2/a.py"]


def test_the_file_that_deploys_it_is_its_own_or_the_one_that_names_it(project: Path) -> None:
    with pytest.raises(NoSuchFolder):
        declared_in("nodule")
    shared = project / "prefect.yaml"
    shared.write_text("deployments: [{entrypoint: nodule.declaration.flow}]\n")
    assert declared_in("nodule") == Path("prefect.yaml")
    own = project / "capsules" / "nodule" / "prefect.yaml"
    own.write_text(shared.read_text())
    assert declared_in("nodule") == Path("capsules/nodule/prefect.yaml")
    with pytest.raises(NoSuchFolder):
        declared_in("absent")
