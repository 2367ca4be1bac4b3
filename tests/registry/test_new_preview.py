"""A capsule is seen as its declaration has it now; one that does not stand is said by the line that matters."""

from pathlib import Path

import pytest

from capsule_flows import new_preview
from capsule_flows.new_preview import CannotShow, preview

BROKEN = {
    "from nowhere import this": "No module named 'nowhere'",
    "flow = (": "was never closed",
    "raise ValueError('A class needs two names.')": "A class needs two names.",
    "flow = 3": "has no attribute 'parameters'",
    "import os; os._exit(7)": "it said nothing.",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package of a capsule, empty as yet."""
    package = tmp_path / "nodule"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return package


def test_a_capsule_that_nobody_deployed_is_seen() -> None:
    seen = preview("tumor_malignancy")
    assert seen.manifest.title == "Is this breast mass malignant?"
    assert (seen.image, seen.work_pool) == (None, None)


@pytest.mark.parametrize("source", BROKEN)
def test_what_does_not_stand_is_said(folder: Path, source: str) -> None:
    (folder / "declaration.py").write_text(f"{source}\n")
    with pytest.raises(CannotShow, match="The declaration of nodule does not stand") as told:
        preview("nodule")
    assert BROKEN[source] in str(told.value)
    assert "Traceback" not in str(told.value)


def test_what_is_never_read_to_its_end_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "declaration.py").write_text("while True: pass\n")
    monkeypatch.setattr(new_preview, "LONGEST_S", 1.0)
    with pytest.raises(CannotShow, match="not read within 1 s"):
        preview("nodule")


def test_a_flow_that_is_no_capsules_is_said(folder: Path) -> None:
    (folder / "declaration.py").write_text("from prefect import flow\n\n@flow\ndef flow(): ...\n")
    with pytest.raises(CannotShow, match="no capsule's"):
        preview("nodule")
