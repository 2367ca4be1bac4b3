"""A file that a case names is shown by the name its expert wrote, an image above it as a small picture."""

from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from capsule_blocks import CaseStore
from capsule_kit.columns import Column
from capsule_panel.drawn import given_of

SCAN = Column(name="scan", kind="text", file="image", draws="image", meaning="It.", example="a.png")
PLAIN = SCAN.model_copy(update={"draws": None})


@pytest.fixture
def store(tmp_path: Path) -> CaseStore:
    """A store that keeps one picture, and a file that only begins like one."""
    made = CaseStore(root=tmp_path / "store")
    Image.new("RGB", (900, 600)).save(out := BytesIO(), "PNG")
    for content in (out.getvalue(), b"\x89PNG\r\n\x1a\nhello"):
        digest = sha256(content).hexdigest()
        made.files.keep([digest], lambda bench, c=content, d=digest: (bench / d).write_bytes(c))
    return made


def digests(store: CaseStore) -> list[str]:
    kept = sorted((store.local / "files").iterdir(), key=lambda one: -one.stat().st_size)
    return [one.name for one in kept]


def shown(
    store: CaseStore, column: Column, digest: str | None, name: str | None = "<b>.png"
) -> str:
    row = pd.Series({"scan": name, "scan (SHA-256)": digest})
    return given_of(row, (column,), files=store.files)


def test_an_image_is_drawn_small_above_its_name(store: CaseStore) -> None:
    drawn = shown(store, SCAN, digests(store)[0])
    assert '<img src="data:image/png;base64,' in drawn
    assert "<br>&lt;b&gt;.png" in drawn
    assert len(drawn) < 5_000


@pytest.mark.parametrize("which", ["no picture", "lost", "none"])
def test_what_cannot_be_drawn_is_told_by_its_name(store: CaseStore, which: str) -> None:
    digest = {"no picture": digests(store)[1], "lost": "a" * 64, "none": None}[which]
    drawn = shown(store, SCAN, digest)
    assert "<img" not in drawn
    assert "&lt;b&gt;.png" in drawn


def test_other_files_are_told_by_their_names(store: CaseStore) -> None:
    assert "<img" not in shown(store, PLAIN, digests(store)[0])
    assert "<i>blank</i>" in shown(store, SCAN, None, None)
