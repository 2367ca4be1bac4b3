"""What the command cannot understand it says in one sentence, with an exit code of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("capsules")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("up", "--port", "1"), "No such option: --port"),
        (("fly",), "No such command 'fly'"),
        (("check", "x", "nowhere.csv"), "There is no file nowhere.csv"),
    ],
)
def test_a_word_it_does_not_know_is_one_sentence(words: tuple[str, ...], said: str) -> None:
    done = subprocess.run([COMMAND, *words], capture_output=True, text=True, check=False)

    assert done.returncode == 64
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_no_word_at_all_is_answered_with_the_help() -> None:
    done = subprocess.run([COMMAND], capture_output=True, text=True, check=False)

    assert "Usage" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_does_not_import_prefect_before_it_knows_the_start() -> None:
    """Prefect reads its settings once, at import; with the wrong ones `capsules up` asks no server."""
    look = "import sys, capsule_flows.commands; sys.exit('prefect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0
