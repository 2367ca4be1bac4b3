"""The next release is built in a copy of the project that has all it needs and nothing that git ignores."""

import subprocess
from pathlib import Path

import pytest
import yaml

from capsule_flows.new_image import deployment
from capsule_flows.next_scratch import (
    as_next,
    commit_of,
    copy_project,
    declared_in,
    made_of,
    version_of,
)
from capsule_flows.next_taking import CannotTake

NODULE = Path("capsules", "nodule")
FILES = {
    "capsules/nodule/declaration.py": "capsule",
    "capsules/nodule/prefect.yaml": deployment("nodule"),
    "capsules/nodule/artifact/MLmodel": "card",
    "capsules/nodule/artifact/weights.bin": "weights",
    "capsules/other/model/big.bin": "ignored",
    ".dockerignore": "*",
    ".gitignore": "capsules/*/model/\n.venv/\n",
    ".venv/bin/python": "ignored",
}


def git(project: Path, *words: str) -> None:
    named = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *named, *words], cwd=project, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project without git."""
    for name, text in FILES.items():
        file = tmp_path / "project" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "project"


@pytest.fixture
def checkout(project: Path) -> Path:
    """The project as a checkout with nothing uncommitted."""
    git(project, "init", "-q")
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "all")
    return project


def copied(project: Path, to: Path) -> set[str]:
    copy_project(project, to, without=NODULE / "artifact")
    return {str(file.relative_to(to)) for file in to.rglob("*") if file.is_file()}


def test_it_is_what_git_knows_and_what_is_new_and_not_ignored(
    checkout: Path, tmp_path: Path
) -> None:
    (checkout / "capsules/nodule/new file.py").write_text("new")
    (checkout / ".gitignore").unlink()
    git(checkout, "config", "core.excludesFile", "none")
    (checkout / ".git/info/exclude").write_text("capsules/*/model/\n.venv/\n")
    assert copied(checkout, tmp_path / "copy") == {
        "capsules/nodule/declaration.py",
        "capsules/nodule/prefect.yaml",
        "capsules/nodule/new file.py",
        ".dockerignore",
    }


def test_without_git_it_is_all_but_hidden_folders(project: Path, tmp_path: Path) -> None:
    assert copied(project, tmp_path / "copy") == {
        "capsules/nodule/declaration.py",
        "capsules/nodule/prefect.yaml",
        "capsules/other/model/big.bin",
        ".dockerignore",
        ".gitignore",
    }


def test_its_version_says_the_commit_what_was_uncommitted_and_the_models_version(
    checkout: Path, tmp_path: Path
) -> None:
    commit = commit_of(checkout)
    assert len(commit) == 40
    (checkout / "capsules/nodule/declaration.py").write_text("changed")
    assert commit_of(checkout) == f"{commit}-dirty"
    assert commit_of(tmp_path) == "unknown"
    assert version_of("c0ffee", "models:/nodule/4") == "c0ffee-models-nodule-4"
    assert version_of("c0ffee", "models:/my müll/4") == "c0ffee-models-my-m-ll-4"


def test_what_failed_is_tried_again_when_the_folder_or_the_commit_has_changed(
    checkout: Path,
) -> None:
    first = made_of(checkout, "nodule")
    (checkout / NODULE / "artifact/weights.bin").write_text("others")
    assert made_of(checkout, "nodule") == first, "the files of the version before are not built"
    (checkout / NODULE / "artifact/MLmodel").write_text("another card")
    second = made_of(checkout, "nodule")
    git(checkout, "commit", "-q", "-a", "-m", "more")
    third = made_of(checkout, "nodule")
    (checkout / NODULE / "Dockerfile").write_text("FROM scratch")
    assert len({first, second, third, made_of(checkout, "nodule")}) == 4
    assert made_of(checkout, "none") == made_of(checkout, "none either")


def test_it_is_deployed_as_the_capsule_is_under_its_own_name_and_version(project: Path) -> None:
    declared = declared_in(project, "nodule", "nodule.declaration.flow")
    changed = as_next(declared, "c0ffee-models-nodule-4")
    before, after = (one["deployments"][0] for one in (declared, changed))
    assert (before["name"], after["name"]) == ("trial", "next")
    assert after["version"] == "c0ffee-models-nodule-4"
    assert after["work_pool"] == {
        "name": "capsules",
        "job_variables": {"image": "{{ built.image_id }}", "waiting_containers": 0},
    }
    (_, step) = after["build"][1].popitem()
    assert (step["tag"], step["buildargs"]) == (
        "c0ffee-models-nodule-4",
        {"CODE_VERSION": "c0ffee-models-nodule-4"},
    )
    same = ("entrypoint", "tags", "parameters")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert changed["pull"] == []


def test_of_a_file_that_deploys_several_it_is_that_capsule_alone_and_no_schedule(
    project: Path,
) -> None:
    (project / NODULE / "prefect.yaml").unlink()
    both = [
        {"name": "trial", "entrypoint": f"{name}.declaration.flow", "schedules": [{"cron": "*"}]}
        for name in ("other", "nodule")
    ]
    (project / "prefect.yaml").write_text(yaml.safe_dump({"deployments": both}))
    declared = declared_in(project, "nodule", "nodule.declaration.flow")
    assert as_next(declared, "v")["deployments"] == [
        {"name": "next", "entrypoint": "nodule.declaration.flow", "version": "v"}
    ]
    with pytest.raises(CannotTake, match=r"prefect\.yaml here deploys third\.declaration\.flow"):
        declared_in(project, "third", "third.declaration.flow")
