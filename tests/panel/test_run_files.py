"""What a capsule wrote is listed, the author's headlines first, and shown as pixels and text alone."""

import base64
from pathlib import Path
from uuid import UUID

import pytest
from looking import image, two_classes

from capsule_flows.run_files import find_file, first_rows, run_files
from capsule_kit.manifest import Headline
from capsule_panel.files import files_shown

TRIAL = UUID(int=7)
HEADLINES = (
    Headline(pattern="plots/*.png", title="Where it looked"),
    Headline(pattern="summary.*", title="In numbers"),
)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    (folder / "plots").mkdir(parents=True)
    (folder / "plots" / "a.png").write_bytes(base64.b64decode(image(1, 2)))
    (folder / "summary.csv").write_text('name,value\n"<script>alert(1)</script>",=1+1\n')
    (folder / "aaa.bin").write_bytes(b"\0" * 2_000)
    (folder / "page.html").write_text("<script>alert(1)</script>")
    (folder / "link.txt").symlink_to("/etc/passwd")
    (tmp_path / "predictions.parquet").write_bytes(b"x")
    return tmp_path


def test_the_authors_headlines_come_first_in_her_order(results: Path) -> None:
    found = [(one.name, one.title) for one in run_files(results, HEADLINES)]
    assert found == [
        ("plots/a.png", "Where it looked"),
        ("summary.csv", "In numbers"),
        ("aaa.bin", None),
        ("page.html", None),
    ]


@pytest.mark.parametrize(
    "name",
    ["../predictions.parquet", "/etc/passwd", "link.txt", "plots", "", "plots/../aaa.bin", "nope"],
)
def test_only_a_listed_file_is_found(results: Path, name: str) -> None:
    assert find_file(results, name) is None
    assert find_file(None, name) is None


def test_headlines_are_looked_into_and_nothing_in_them_is_obeyed(results: Path) -> None:
    manifest = two_classes().manifest.model_copy(update={"headlines": HEADLINES})
    shown = files_shown(results, manifest, TRIAL)
    assert shown.index("Where it looked") < shown.index("In numbers") < shown.index("aaa.bin")
    assert 'src="data:image/png;base64,' in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script" not in shown
    assert f"/file?id={TRIAL}&amp;name=plots%2Fa.png" in shown
    assert "(2 kB)" in shown


def test_a_drawing_is_an_image_and_a_false_picture_is_left_out(results: Path) -> None:
    drawing = results / "files" / "summary.svg"
    drawing.write_text("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    (results / "files" / "plots" / "b.png").write_text("<svg onload=alert(1)>")
    manifest = two_classes().manifest.model_copy(update={"headlines": HEADLINES})
    shown = files_shown(results, manifest, TRIAL)
    assert "onload" not in shown
    assert 'src="data:image/svg+xml;base64,' in shown


def test_a_trial_without_files_shows_none(tmp_path: Path) -> None:
    assert files_shown(tmp_path, two_classes().manifest, TRIAL) == ""
    assert files_shown(None, two_classes().manifest, TRIAL) == ""


def test_a_table_is_looked_into_by_its_first_cells(results: Path) -> None:
    (results / "files" / "wide.tsv").write_text("\t".join("abcdefghijklmnop") + "\n" * 100)
    assert first_rows(results / "files" / "wide.tsv") == [list("abcdefghijkl")]
