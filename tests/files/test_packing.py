"""A table and a folder of files, packed by the command into the archive that every door takes."""

from pathlib import Path

import pytest

from capsule_flows.reading import Table, read_table
from capsule_flows.unpacking import CannotPack, packed

from .bringing import FILES, TABLE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a table at its top and files in others."""
    for name, content in {"cases.csv": TABLE.encode(), **FILES}.items():
        place = tmp_path / "hers" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return tmp_path / "hers"


def read(table: Path, files: Path | None) -> Table:
    with packed(table, files) as brought:
        found = read_table(brought)
    assert isinstance(found, Table), found
    return found


def test_a_table_alone_is_brought_as_it_is(folder: Path) -> None:
    with packed(folder / "cases.csv", None) as brought:
        assert brought == folder / "cases.csv"


def test_a_folder_is_packed_with_the_table_at_its_top(folder: Path) -> None:
    found = read(folder, None)
    assert set(found.files) == set(FILES)
    assert len(found) == 2


def test_the_files_of_another_folder_come_with_a_table_and_the_table_is_no_file(
    folder: Path,
) -> None:
    found = read(folder / "cases.csv", folder)
    assert set(found.files) == {f"files/{name}" for name in FILES}


def test_the_same_files_give_the_same_archive(folder: Path) -> None:
    with packed(folder, None) as one, packed(folder, None) as other:
        assert one.read_bytes() == other.read_bytes()
        assert one.name == "hers.zip"


def test_what_is_no_folder_of_plain_files_is_told(folder: Path) -> None:
    with (
        pytest.raises(CannotPack, match="nowhere is no folder"),
        packed(folder / "cases.csv", folder / "nowhere"),
    ):
        pass
    (folder / "images" / "c.png").symlink_to("/etc/passwd")
    with pytest.raises(CannotPack, match=r"c\.png is a link"), packed(folder, None):
        pass
