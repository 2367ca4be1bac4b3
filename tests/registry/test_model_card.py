"""What is read beside a model, broken or not: what is missing is a sentence, and no model is opened."""

import json
import os
import pickle
from pathlib import Path

import pytest

from capsule_blocks import ModelRegistry
from capsule_blocks.model_card import card_of, neighbours, requirement_lines
from capsule_blocks.model_folders import FolderModels, copy_model
from capsule_blocks.registered_models import ModelsUnreachable, UnknownModel

FLAVORS = "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n"
INPUTS = json.dumps([{"type": "double", "name": "age", "required": True}])
OUTPUTS = json.dumps([{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}])
SIGNED = f"{FLAVORS}signature:\n  inputs: '{INPUTS}'\n  outputs: '{OUTPUTS}'\n"
EXAMPLE = "saved_input_example_info:\n  artifact_path: ex.json\n"
NEEDS = {"requirements.txt": "pandas==3.1.1\n"}


@pytest.mark.parametrize(
    ("mlmodel", "beside", "said"),
    [
        ("a: [", {}, "The file MLmodel cannot be read: it is not what MLflow writes."),
        ("just words", {}, "The file MLmodel cannot be read"),
        ("!!python/object:os.system {}", {}, "The file MLmodel cannot be read"),
        ("run_id: abc", NEEDS, "The file MLmodel names no way to load the model."),
        (FLAVORS, NEEDS, "The model has no signature: nothing says which columns it takes."),
        (f"{FLAVORS}signature: [1]\n", NEEDS, "The model's signature cannot be read"),
        (f"{FLAVORS}signature:\n  inputs: '[{{'\n", NEEDS, "The model's signature cannot be read"),
        (f"{FLAVORS}signature:\n  inputs: '[]'\n", NEEDS, "The model's signature names no inputs."),
        (
            f"{FLAVORS}signature:\n  inputs: '{INPUTS}'\n",
            NEEDS,
            "The model's signature does not say what the model gives.",
        ),
        (SIGNED, NEEDS, "The model has no input example."),
        (SIGNED + EXAMPLE, NEEDS, "The model's input example, ex.json, is not there."),
        (
            SIGNED + EXAMPLE,
            {**NEEDS, "ex.json": "[1, 2"},
            "The model's input example, ex.json, cannot be read as a table.",
        ),
        (
            SIGNED + EXAMPLE,
            {**NEEDS, "ex.json": '{"columns": ["age"], "data": [[1, 2]]}'},
            "The model's input example, ex.json, cannot be read as a table.",
        ),
        (SIGNED, {}, "Nothing says which packages the model needs (requirements.txt)."),
    ],
)
def test_what_is_broken_or_missing_is_a_sentence(
    mlmodel: str, beside: dict[str, str], said: str
) -> None:
    assert any(gap.startswith(said) for gap in card_of(mlmodel, beside).gaps)


def test_a_card_without_gaps_has_everything() -> None:
    beside = {**NEEDS, "ex.json": '{"columns": ["age"], "data": [[41.5]]}'}
    card = card_of(SIGNED + EXAMPLE, beside)
    assert card.gaps == ()
    assert card.example == ({"age": 41.5},)
    assert neighbours(SIGNED + EXAMPLE) == ("ex.json", "requirements.txt")


def test_requirements_are_read_without_comments_options_and_hashes() -> None:
    text = (
        "--index-url x\n# why\npandas==3 # new\nscipy==1 \\\n    --hash=sha256:0\n\n-r more.txt\n"
    )
    assert requirement_lines(text) == ("pandas==3", "scipy==1")


class Bomb:
    """Writes a file where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str, int]]:
        return os.mkdir, (str(self.mark), 0o700)


def test_folders_list_and_copy_models_and_open_none(tmp_path: Path) -> None:
    models, exploded = tmp_path / "models", tmp_path / "exploded"
    saved = models / "signed"
    saved.mkdir(parents=True)
    (saved / "MLmodel").write_text(SIGNED)
    (saved / "model.pkl").write_bytes(pickle.dumps(Bomb(exploded)))
    (saved / "link").symlink_to("/etc/passwd")
    (models / "plain.joblib").write_bytes(pickle.dumps(Bomb(exploded)))
    (models / "notes.txt").write_text("no model")
    places = ModelRegistry(folders=(models,)).places()
    (folder,) = places
    assert [one.name for one in folder.models()] == ["plain.joblib", "signed"]
    newest = folder.models()[1].newest
    assert newest is not None
    assert folder.version("signed", newest.version) == newest
    assert folder.card(newest).signature is not None
    folder.copy(newest, tmp_path / "copied")
    assert sorted(file.name for file in (tmp_path / "copied").iterdir()) == ["MLmodel", "model.pkl"]
    (saved / "model.pkl").write_bytes(b"another")
    with pytest.raises(UnknownModel, match="signed, version"):
        folder.version("signed", newest.version)
    assert not exploded.exists()


def test_a_folder_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelsUnreachable, match="No such file or directory"):
        FolderModels([tmp_path / "gone"]).models()


def test_a_single_file_is_copied_under_its_name(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"x")
    copy_model(tmp_path / "m.onnx", tmp_path / "to")
    assert (tmp_path / "to" / "m.onnx").read_bytes() == b"x"
