"""Whatever a model does wrong is its own failure, in one sentence, with its last lines."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from capsule_kit import ClassAnswer, Command, DeclarationError, ModelFailed, OtherPython
from capsule_kit.answers import Answer
from capsule_kit.errors import ProgramMissing
from capsule_kit.model_link import SECONDS_VARIABLE
from capsule_kit.models import Model, as_text, checked_model, of_text
from capsule_kit.provenance import IMAGE_VARIABLE
from protocol.asking import DOUBLE, PACKAGE, ask, package, table

LARGE = ClassAnswer(column="large", classes=("no", "yes"), positive="yes", meaning="Is it large?")
IDS = ("0000000000000000", "0000000000000001")


def left(*rows: str, name: str = "predictions.csv", header: str = "case_id,prediction") -> str:
    """Return a script that leaves these lines as its predictions."""
    lines = "\n".join((header, *rows))
    return (
        f"echo 'capsule loaded'; read -r folder; cat > \"$folder/out/{name}\" <<'END'\n"
        f"{lines}\nEND\necho 'capsule predicted'\n"
    )


LOADED = "echo 'capsule loaded'; read -r folder; "
RIGHT = [f"{one},1" for one in IDS]
SAID = {
    "crash while loading": ("echo no such file >&2; exit 3", r"exit code 3\. .*no such file"),
    "crash": (
        f"{LOADED} echo dividing by zero; exit 7",
        r"ended without an answer, exit code 7\. .*dividing by zero",
    ),
    "killed": (f"{LOADED} kill -9 $$", r"killed by SIGKILL \(out of memory is the usual reason"),
    "its own child killed": (
        f"{LOADED} sh -c 'kill -9 $$'; exit $?",
        r"killed by SIGKILL \(out of memory",
    ),
    "segfault": (f"{LOADED} kill -SEGV $$", "killed by SIGSEGV"),
    "memory": (
        f"{LOADED} ulimit -v 400000; exec {sys.executable} -c 'x = bytearray(1 << 33)'",
        "exit code 1.*MemoryError",
    ),
    "says that it failed": (
        f"{LOADED} echo 'capsule failed the weights are damaged'; exit 1",
        r"failed while predicting \(the weights are damaged\), exit code 1",
    ),
    "hangs": (f"{LOADED} echo now; exec sleep 600", r"after 1 s, its time limit\. .*now"),
    "hangs while loading": ("exec sleep 600", "after 1 s, its time limit"),
    "ends in silence": (LOADED, "ended without an answer"),
    "leaves nothing": (f"{LOADED} echo 'capsule predicted'", "left neither predictions.parquet"),
    "leaves both": (
        f'{LOADED} touch "$folder/out/predictions.parquet"\n' + left(*RIGHT).replace(LOADED, "", 1),
        "left both",
    ),
    "too few": (left(RIGHT[0]), "no prediction for 1 of 2 cases"),
    "a case twice": (left(RIGHT[0], *RIGHT), "two predictions for one case"),
    "a stranger": (left(*RIGHT, "ffff,1"), "1 cases that nobody asked about"),
    "no such column": (left(*RIGHT, header="case_id,guess"), "no column 'prediction'"),
    "not a number": (left(RIGHT[0], f"{IDS[1]},large"), "1 of its 2 predictions are not numbers"),
    "NaN": (left(RIGHT[0], f"{IDS[1]},NaN"), "1 of its 2 predictions are not numbers"),
    "NA of R": (left(RIGHT[0], f"{IDS[1]},NA"), "1 of its 2 predictions are not numbers"),
    "infinite": (left(RIGHT[0], f"{IDS[1]},Inf"), "1 of its 2 predictions are not numbers"),
    "blank": (left(RIGHT[0], f"{IDS[1]},"), "1 of its 2 predictions are not numbers"),
    "decimal comma": (left(*(f'{one},"1,5"' for one in IDS)), "2 of its 2 predictions are not"),
    "more cells than headers": (left(f"{RIGHT[0]},9"), r"cannot be read \(.*Expected 2 columns"),
    "no Parquet": (left("x", name="predictions.parquet"), "predictions cannot be read"),
    "an empty file": (left(header=""), "cannot be read"),
}
CLASSES = {
    "wrong label": (left(f"{IDS[0]},no,.1", f"{IDS[1]},maybe,.6"), "'maybe', which is none of"),
    "score above 1": (left(f"{IDS[0]},no,.1", f"{IDS[1]},yes,60"), "a score outside 0 to 1"),
    "NaN for a score": (left(f"{IDS[0]},no,.1", f"{IDS[1]},yes,NaN"), "a score outside 0 to 1"),
}
HEADER = "case_id,prediction"
PYTHONS = {
    "import error": (
        "import nothing_of_the_kind",
        "ModuleNotFoundError: No module named 'nothing_",
    ),
    "no load": ("def predict(cases, settings): return 1", "has no attribute 'load'"),
    "no table": (
        "def load(): pass\ndef predict(cases, settings): return 1",
        "int, not a DataFrame",
    ),
    "raises": (
        "def load(): pass\ndef predict(cases, settings): raise ValueError('two\\nlines')",
        r"failed while predicting \(ValueError: two lines\), exit code 1\..*Traceback",
    ),
}


def failing(
    script: str, place: Path, answer: Answer = DOUBLE, notes: Sequence[str | None] = ("a", "b")
) -> str:
    """Return what is said of the failure of a script."""
    with package(place, predict_sh=script), pytest.raises(ModelFailed) as failure:
        model = Command("sh", "predict.sh", package=PACKAGE)
        ask(model, place, table([1.0, 2.0], list(notes)), answer=answer)
    return str(failure.value)


@pytest.mark.parametrize("harm", SAID)
def test_a_harm_is_told(harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if harm.startswith("hangs"):
        monkeypatch.setenv(SECONDS_VARIABLE, "1")
    script, said = SAID[harm]
    assert re.search(said, failing(script, tmp_path), re.DOTALL)


@pytest.mark.parametrize("harm", CLASSES)
def test_a_class_that_is_none_is_told(harm: str, tmp_path: Path) -> None:
    script, said = CLASSES[harm]
    script = script.replace(HEADER, f"{HEADER},score")
    assert re.search(said, failing(script, tmp_path, LARGE))


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("harm", PYTHONS)
def test_a_python_module_that_is_wrong_is_told(harm: str, own: bool, tmp_path: Path) -> None:
    code, said = PYTHONS[harm]
    module = f"{PACKAGE}.model"
    model: Model = module if own else OtherPython(sys.executable, module)
    with package(tmp_path, model_py=code), pytest.raises(ModelFailed) as failure:
        ask(model, tmp_path, table([1.0], ["a"]))
    assert re.search(said, str(failure.value), re.DOTALL)


def test_a_command_that_cannot_be_run_says_why(tmp_path: Path) -> None:
    with package(tmp_path, predict_sh="#!/no/such/shell\n") as folder:
        (folder / "predict.sh").chmod(0o755)
        with pytest.raises(ModelFailed, match=r"\./predict\.sh.*No such file"):
            ask(Command("./predict.sh", package=PACKAGE), tmp_path, table([1.0], ["a"]))


@pytest.mark.parametrize("model", [Command("Julia"), OtherPython("/no/python", "thing.model")])
def test_a_program_that_is_not_there_is_the_models_fault_in_its_image_alone(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with package(tmp_path):
        with pytest.raises(ProgramMissing, match="this machine has no (Julia|/no/python)"):
            ask(model, tmp_path, table([1.0], ["a"]))
        monkeypatch.setenv(IMAGE_VARIABLE, "sha256:ab")
        with pytest.raises(ModelFailed, match="its image has no program"):
            ask(model, tmp_path / "image", table([1.0], ["a"]))


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (Command(), "a word of the command is empty"),
        (Command("Rscript predict.R"), r"Write Command\('Rscript', 'predict.R'\)"),
        (OtherPython("python3", "thing.model"), "not the whole path of an interpreter"),
        (OtherPython("/bin/python", "model"), "not the path of a module inside a package"),
        ("model", "not the path of a module inside a package"),
    ],
)
def test_a_model_by_which_nothing_can_be_started_is_refused_at_import(
    model: Model, said: str
) -> None:
    with pytest.raises(DeclarationError, match=said):
        checked_model(model, "thing")


@pytest.mark.parametrize(
    "model", ["a.model", OtherPython("/p/python", "a.model"), Command("sh", "a b.sh", package="a")]
)
def test_a_model_goes_through_an_environment_variable_unharmed(model: Model) -> None:
    assert of_text(as_text(model)) == model
