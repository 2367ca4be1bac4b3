"""The author's page from a model to its release: what it tells is text, and what it writes is written knowingly."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from capsule_blocks.model_card import Card, Named, Parameter, Signature
from capsule_blocks.registered_models import Lineage, Unknown, Version
from capsule_flows.new_folder import DECLARATION, NoSuchFolder
from capsule_flows.new_source import Source
from capsule_panel.make_build import _state as state
from capsule_panel.make_draft import _proposed as proposed
from capsule_panel.make_draft import known_html
from capsule_panel.make_texts import ChangedMeanwhile, NoPython, Texts

ODD = "<b>odd</b>"
SHOWN = "&lt;b&gt;odd&lt;/b&gt;"


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Texts:
    """The page's texts of a capsule whose declaration asks for one."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "capsules" / "nodule"
    folder.mkdir(parents=True)
    (folder / DECLARATION).write_text('TITLE = "[[write: the question]]"\n')

    async def on_saved() -> None:
        """Leave the rest of the page alone."""

    made = Texts("nodule", on_saved)
    made._read()
    made._ask()
    return made


def test_what_a_registry_tells_is_shown_as_text() -> None:
    source = Source(
        "mlflow",
        f"models:/{ODD}/1",
        Card(
            signature=Signature((Named(ODD, "double"),), (), (Parameter(ODD, "string", ODD),)),
            example=({ODD: ODD},),
            requirements=(ODD,),
            gaps=(f"{ODD} is missing.",),
        ),
        lambda _: None,
        version=Version(ODD, "1", "a", (ODD,), datetime(2026, 1, 2, tzinfo=UTC), ODD, ODD),
        lineage=Lineage("r", ODD, ODD, None, ODD, ODD, {ODD: 0.5}, {ODD: ODD}),
    )
    told = known_html(source)
    assert ODD not in told
    assert told.count(SHOWN) >= 12
    assert "0.5" in told


def test_a_deleted_run_is_said() -> None:
    known = known_html(
        Source("mlflow", "m", Card(), lambda _: None, lineage=Unknown("It is gone."))
    )
    assert "It is gone." in known


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("models:/Nodule-CT/3", "nodule_ct"),
        ("models:/wine@champion", "wine"),
        ("artifacts/My Model.onnx", "my_model"),
        ("artifacts/folder/", "folder"),
    ],
)
def test_a_name_is_proposed_that_a_capsule_can_have(address: str, name: str) -> None:
    assert proposed(address) == name


def test_a_text_that_was_said_stands_in_the_file(texts: Texts) -> None:
    texts._put(DECLARATION, 'TITLE = "Is it malignant?"\n')
    assert "malignant" in (texts._folder / DECLARATION).read_text()


def test_what_is_no_python_is_not_written(texts: Texts) -> None:
    with pytest.raises(NoPython, match=r"declaration.py, line 2: .* Nothing was saved; mend it."):
        texts._put(DECLARATION, "fine = 1\nTITLE = (\n")
    assert "[[write" in (texts._folder / DECLARATION).read_text()


def test_what_was_changed_elsewhere_is_not_written_over(texts: Texts) -> None:
    theirs = 'TITLE = "by an editor"\n'
    (texts._folder / DECLARATION).write_text(theirs)
    with pytest.raises(ChangedMeanwhile, match="was changed elsewhere"):
        texts._put(DECLARATION, 'TITLE = "by the page"\n')
    assert (texts._folder / DECLARATION).read_text() == theirs


@pytest.mark.parametrize("name", ["", "none", "../nodule", "nodule/..", "/etc", "capsule_kit"])
def test_a_page_opens_no_other_folder(texts: Texts, name: str) -> None:
    async def on_saved() -> None:
        """Never called."""

    del texts
    with pytest.raises(NoSuchFolder):
        Texts(name, on_saved)


def test_what_git_has_not_seen_is_said_of_the_capsule_and_of_the_rest() -> None:
    told = state(2, ["a.py", ODD, "c", "d", "e", "f"], None)
    assert "2 files of this capsule are not committed" in told
    assert SHOWN in told
    assert "e …" in told
    assert "not committed" not in state(0, [], None)
