"""The models that docs/protocol.md shows are asked, as they stand there."""

import re
import shutil
from pathlib import Path

import pytest

from capsule_kit import Command
from protocol.asking import PACKAGE, ask, package, table
from protocol.test_languages import NEEDS_R

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()


@pytest.mark.parametrize(
    ("language", "command"),
    [("sh", ("sh", "predict.sh")), pytest.param("r", ("Rscript", "predict.r"), marks=NEEDS_R)],
)
def test_a_documented_model_answers(
    language: str, command: tuple[str, str], tmp_path: Path
) -> None:
    (script,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    cases = table([400.0, 800.0], ["a", None]).rename(columns={"size": "distance"})
    with package(tmp_path, **{f"predict_{language}": script}):
        got = ask(Command(*command, package=PACKAGE), tmp_path, cases, {"pace": 400})
    assert shutil.which(command[0])
    assert got.predictions["prediction"].tolist() == [2.0, 3.0]
