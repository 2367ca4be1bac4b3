"""A newer version fits what its capsule gives and takes, or it is said what differs; what it changes in the folder is little."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from capsule_blocks.model_card import Named, Parameter, Signature
from capsule_flows.new_capsule import new_capsule
from capsule_flows.next_fitting import misfits
from capsule_flows.next_preparing import refuse_taken
from capsule_flows.next_taking import CannotTake, Taking, registered_in, taking
from registry.versions import INPUTS, NEEDS, version

SIZE, SITE = Named("size_mm", "double"), Named("site", "string")
LIMIT = Parameter("limit", "double", 10.0)
BEFORE = Signature((SIZE, SITE), (Named("diagnosis", "string"),), (LIMIT,))
FOLDER = Path("capsules", "nodule")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a capsule that was drafted of version 1."""
    monkeypatch.chdir(tmp_path)
    Path("capsules", "capsule_kit").mkdir(parents=True)
    sample = pd.DataFrame({"size_mm": [3.0, 30.0] * 20, "site": ["left", "right"] * 20})
    sample["diagnosis"] = ["benign", "malignant"] * 20
    new_capsule("nodule", version(tmp_path, 1), sample, "diagnosis")
    return FOLDER


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (BEFORE, []),
        (replace(BEFORE, inputs=(SITE, SIZE)), []),
        (replace(BEFORE, inputs=(SIZE, replace(SITE, required=False))), []),
        (replace(BEFORE, params=(replace(LIMIT, default=12.0),)), []),
        (replace(BEFORE, inputs=(SIZE,)), ["the column site is gone"]),
        (
            replace(BEFORE, inputs=(SIZE, SITE, Named("age", "long"))),
            ["the column age (long) is new"],
        ),
        (
            replace(BEFORE, inputs=(replace(SIZE, type="float"), SITE)),
            ["the column size_mm is float and was double"],
        ),
        (
            replace(BEFORE, outputs=(Named("label", "string"),)),
            ["the output diagnosis is gone", "the output label (string) is new"],
        ),
        (replace(BEFORE, params=()), ["the parameter limit is gone"]),
        (
            replace(BEFORE, params=(replace(LIMIT, many=True),)),
            ["the parameter limit is double list and was double"],
        ),
    ],
)
def test_what_differs_is_said_column_by_column(now: Signature, said: list[str]) -> None:
    assert misfits(BEFORE, now) == said


def test_a_column_that_may_be_missing_no_more_is_a_difference() -> None:
    before = replace(BEFORE, inputs=(SIZE, replace(SITE, required=False)))
    assert misfits(before, BEFORE) == ["the column site is always needed now"]


def test_an_array_differs_by_its_shape() -> None:
    one, other = (Signature((Named(None, "float64", shape=(-1, n)),)) for n in (8, 9))
    assert misfits(one, other) == ["the column 1 is float64 [-1, 9] and was float64 [-1, 8]"]


def test_without_one_of_the_two_signatures_nobody_can_tell() -> None:
    assert misfits(None, None) == []
    for one, other in ((None, BEFORE), (BEFORE, None)):
        (said,) = misfits(one, other)
        assert said.startswith("nothing tells whether its signature is the same")


def test_the_version_is_written_where_it_stands_and_nothing_else_changes(
    folder: Path, tmp_path: Path
) -> None:
    declaration = folder / "declaration.py"
    own = declaration.read_text().replace("registered=", 'title="Größe µm", registered=', 1)
    declaration.write_text(own)
    change = taking(folder, version(tmp_path, 2))
    assert set(change.texts) == {"declaration.py", "model.py"}
    assert change.texts["declaration.py"] == own.replace("models:/nodule/1", "models:/nodule/2")
    first = (folder / "model.py").read_text()
    assert change.texts["model.py"] == first.replace("models:/nodule/1", "models:/nodule/2")
    assert change.said == ()


def test_drafted_requirements_follow_the_version_and_an_authors_own_stay(
    folder: Path, tmp_path: Path
) -> None:
    newer = version(tmp_path, 2, needs=[NEEDS[0], "numpy==2.4.0"])
    followed = taking(folder, newer).texts["requirements.txt"]
    assert followed == "mlflow-skinny==3.1.0\nnumpy==2.4.0\npandas\n"
    (folder / "requirements.txt").write_text("mlflow-skinny\nnumpy>=2\n")
    change = taking(folder, newer)
    assert "requirements.txt" not in change.texts
    assert change.said == (
        (
            "capsules/nodule/requirements.txt is your own and stays; the version asks for"
            " mlflow-skinny==3.1.0, numpy==2.4.0, pandas."
        ),
    )


def test_another_python_than_the_images_is_said(folder: Path, tmp_path: Path) -> None:
    newer = version(tmp_path, 2)
    newer = replace(newer, card=replace(newer.card, python="3.13.1"))
    (said,) = taking(folder, newer).said
    assert said.startswith("The model was written with Python 3.13")


def test_a_version_that_does_not_fit_is_refused_in_one_sentence_and_what_to_do(
    folder: Path, tmp_path: Path
) -> None:
    newer = version(tmp_path, 2, inputs=[INPUTS[0], ("stage", "long")])
    with pytest.raises(CannotTake) as refused:
        taking(folder, newer)
    assert str(refused.value) == (
        "Version 2 does not fit what the capsule gives it and takes from it: the column site is gone;"
        " the column stage (long) is new. Make a capsule of it by itself with `capsules new NAME --from"
        " models:/nodule/2`, or register a version with the columns of before."
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"models:/nodule/1"', "VERSION"),
        ('registered="models:/nodule/1",', ""),
        ("models:/nodule/1", "models:/nodule@champion"),
    ],
)
def test_a_declaration_that_names_no_version_in_so_many_words_is_left_to_its_author(
    folder: Path, tmp_path: Path, before: str, after: str
) -> None:
    declaration = folder / "declaration.py"
    declaration.write_text(declaration.read_text().replace(before, after))
    with pytest.raises(CannotTake, match="does not say registered="):
        taking(folder, version(tmp_path, 2))


def test_a_folder_that_is_not_as_it_was_drafted_is_left_to_its_author(
    folder: Path, tmp_path: Path
) -> None:
    newer = version(tmp_path, 2)
    (folder / "artifact").rename(folder / "mine")
    with pytest.raises(CannotTake, match="put the version in by hand"):
        taking(folder, newer)
    (folder / "declaration.py").write_text("capsule = Capsule(")
    with pytest.raises(CannotTake, match="is no Python that can be read"):
        taking(folder, newer)
    with pytest.raises(CannotTake, match="in the project's folder"):
        registered_in(Path("capsules", "elsewhere"))


def test_a_folder_that_has_the_version_is_to_be_deployed_and_not_written_again(
    folder: Path, tmp_path: Path
) -> None:
    assert registered_in(folder) == "models:/nodule/1"
    refuse_taken("models:/nodule/9", "models:/nodule/10", "nodule")
    with pytest.raises(CannotTake, match=r"is of models:/nodule/2 already: commit it"):
        refuse_taken("models:/nodule/2", "models:/nodule/2", "nodule")


def test_what_is_taken_already_changes_nothing(folder: Path, tmp_path: Path) -> None:
    assert taking(folder, replace(version(tmp_path, 2), registered="models:/nodule/1")) == Taking(
        {}
    )
