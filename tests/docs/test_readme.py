"""What the README tells people to write and to type works."""

import importlib
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pandas as pd
import pytest
import typer.main
from prefect import Flow

from capsule_flows.command_words import Exit
from capsule_flows.commands import app
from capsule_kit import Capsule, Manifest
from capsule_kit.manifest import settings_schema
from capsule_kit.model_link import ModelLink
from capsule_kit.predictions import read_predictions

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text()
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.split("\n")
    if line
]
CODE = re.findall(r"```python\n(# capsules/(\S+)\n.*?)```", README, re.DOTALL)
FIRST_CAPSULE = "delivery_days"


@pytest.fixture
def first_capsule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Capsule:
    """The README's own capsule, written to a folder as a reader would."""
    package = tmp_path / FIRST_CAPSULE
    package.mkdir()
    (package / "__init__.py").touch()
    for code, file in CODE:
        (tmp_path / file).write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    try:
        declaration = importlib.import_module(f"{FIRST_CAPSULE}.declaration")
        assert f"{FIRST_CAPSULE}.model" not in sys.modules
        capsule = declaration.capsule
        assert isinstance(capsule, Capsule)
        assert isinstance(declaration.flow, Flow)
        return capsule
    finally:
        for name in (FIRST_CAPSULE, f"{FIRST_CAPSULE}.declaration"):
            sys.modules.pop(name, None)


def test_a_first_capsule_takes_under_forty_lines() -> None:
    assert [file for _, file in CODE] == ["delivery_days/declaration.py", "delivery_days/model.py"]
    assert sum(len(code.strip().split("\n")) for code, _ in CODE) < 40


def test_the_first_capsules_flow_carries_its_whole_declaration(first_capsule: Capsule) -> None:
    schema = first_capsule.flow().parameters.model_dump()
    assert Manifest.from_schema(schema) == first_capsule.manifest
    assert settings_schema(schema)["properties"]["pace"]["default"] == 400


def test_the_first_capsules_model_predicts_in_its_own_process(
    first_capsule: Capsule, tmp_path: Path
) -> None:
    cases = pd.DataFrame(
        {"case_id": ["a", "b"], "row": [2, 3], "distance": [400.0, 800.0], "express": [False, True]}
    )
    cases.to_parquet(tmp_path / "inputs.parquet", index=False)
    contract = first_capsule.manifest.contract
    (tmp_path / "files").mkdir()
    with ModelLink(first_capsule.model) as link:
        made = link.predict(
            inputs=tmp_path / "inputs.parquet",
            settings={"pace": 400},
            columns=contract.columns,
            out=tmp_path,
            on_progress=lambda done, of: None,
        )
    got = read_predictions(made, cases["case_id"], contract.answer)
    assert list(got["prediction"]) == [2.0, 1.5]


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("capsules ")])
def test_each_capsules_line_is_one_that_the_command_takes(line: str) -> None:
    words, command = shlex.split(line)[1:], typer.main.get_command(app)
    context = command.make_context("capsules", words)
    while isinstance(command, click.Group) and (left := [*context._protected_args, *context.args]):
        name, chosen, rest = command.resolve_command(context, left)
        assert chosen is not None
        command, context = chosen, chosen.make_context(name, rest, parent=context)
    assert command is not typer.main.get_command(app)


@pytest.mark.parametrize(
    "target", sorted({*re.findall(r"`?\bmake ([a-z]+)\b(?:`| ONCE=1`|$)", README, re.MULTILINE)})
)
def test_each_make_target_exists(target: str) -> None:
    said = subprocess.run(
        ["make", "--dry-run", target], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr


def test_every_shell_line_is_one_of_the_three_commands_or_sets_what_they_read() -> None:
    assert {line.split()[0] for line in COMMANDS} == {"make", "capsules", "prefect", "export"}


def test_every_exit_code_of_the_command_is_in_the_table() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert {int(code) for code in Exit} <= told
