"""The command's exit code is the gate's answer; what it prints, writes and works out again agrees with it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from capsule_flows import champion_moving, commands, commands_gate, releases
from capsule_flows.replaying import replay_capsule
from gate.test_evidence import ANSWERS, ROWS, released, sign, tried
from replay.place import Model, Place, older

Capsules = Callable[..., int]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Give an empty place."""
    return Place.new(tmp_path)


@pytest.fixture
def capsules(place: Place, monkeypatch: pytest.MonkeyPatch) -> Capsules:
    """Run the command as a shell does, in this place: of a Prefect server the newest release stands here."""
    shown = {}
    monkeypatch.setattr(commands_gate, "resources", lambda: place.where)
    monkeypatch.setattr(commands, "set_environment", lambda: None)
    monkeypatch.setattr(releases, "find_published", lambda name: shown["release"])
    monkeypatch.setattr(champion_moving, "emit_event", lambda **_: None)

    def run(name: str, model: Model, *words: str) -> int:
        shown["release"] = release = released(place, name)
        known = place.where.ledger.case_set("example", "Monday")
        if known is None:
            known = place.bring(ROWS, ANSWERS)
            place.keep(known, "p60", critical=True)
        if release.release().id not in {one.release_id for one in place.where.ledger.trials()}:
            sign(place, tried(place, release, known, model))
            replay_capsule(place.at(release, model), round_name=name, why="command")
        monkeypatch.setattr(sys, "argv", ["capsules", *words])
        with pytest.raises(SystemExit) as ended:
            commands.main()
        return int(ended.value.code or 0)

    return run


def test_the_exit_code_is_the_answer(
    capsules: Capsules, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "gate.md"
    asked = ("gate", "example", "--json", "--markdown", str(file))
    assert capsules("good", older(60), *asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["answer"], told["champion"]) == ("GO", told["release"])
    assert file.read_text().startswith("## GO: example, release ")
    assert capsules("good", older(60), "gate", "example", "--again", told["decision"]) == 0
    assert capsys.readouterr().out.startswith(told["headline"])

    assert capsules("breaks", older(61), "gate", "example") == 1
    assert "p60 went wrong." in capsys.readouterr().out
    assert capsules("bad at it", older(71), "gate", "example", "--again", "x") == 64
    assert capsules("good", older(60), "gate", "example", "--markdown", "/nowhere/x.md") == 64


def test_an_override_takes_a_name_and_a_reason_and_changes_no_exit_code(
    capsules: Capsules, capsys: pytest.CaptureFixture[str]
) -> None:
    why = ("--by", "Carl", "--reason", "Needed on Monday")
    assert capsules("v1", older(61), "override", "example", *why) == 64
    assert capsules("v1", older(61), "gate", "example") == 1
    assert capsules("v1", older(61), "override", "example", "--by", "Carl") == 64
    assert capsules("v1", older(61), "override", "example", "--by", " ", "--reason", "x") == 64
    assert capsules("v1", older(61), "override", "example", *why) == 0
    capsys.readouterr()
    assert capsules("v1", older(61), "gate", "example") == 1
    told = capsys.readouterr().out
    assert "This release is the champion." in told
    assert "Carl let release" in told
    assert "Needed on Monday" in told


def test_too_little_to_tell_is_two(
    place: Place, capsules: Capsules, capsys: pytest.CaptureFixture[str]
) -> None:
    assert capsules("v1", older(60), "gate", "example") == 0
    trial = place.where.ledger.trials("example", limit=50)[-1]
    sign(place, trial, "Eve", "not ready")
    assert capsules("v1", older(60), "gate", "example") == 2
    assert "Eve signs anew" in capsys.readouterr().out
