"""An archive of a table and its files is opened within bounds; what is not to be opened is told in a sentence."""

import io
import stat
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from capsule_flows import archives
from capsule_flows.reading import Table, Unreadable, read_table

from .bringing import FILES, PNG, TABLE, archive


def read(tmp_path: Path, content: bytes) -> Table | Unreadable:
    path = tmp_path / "hers.zip"
    path.write_bytes(content)
    return read_table(path)


def refused(tmp_path: Path, content: bytes) -> str:
    found = read(tmp_path, content)
    assert isinstance(found, Unreadable), found
    assert found.sentence.startswith("hers.zip")
    return found.sentence


def with_entry(info: zipfile.ZipInfo, content: bytes = b"x") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("cases.csv", TABLE)
        packed.writestr(info, content)
    return made.getvalue()


def test_a_table_is_read_with_the_files_beside_it_in_a_process_of_its_own(tmp_path: Path) -> None:
    table = read(tmp_path, archive(FILES))

    assert isinstance(table, Table), table
    assert table.cells["image"].tolist() == ["a.png", "b.jpg"]
    assert table.how.endswith("; cases.csv from the archive, with 3 files beside it")
    assert {name: one.sha256 for name, one in table.files.items()} == {
        name: sha256(content).hexdigest() for name, content in FILES.items()
    }
    assert table.files["images/a.png"].kinds == ("any", "image")


def test_what_no_table_is_inside_is_told_of_the_table(tmp_path: Path) -> None:
    found = read(tmp_path, archive({}, table="image,ill\n"))
    assert isinstance(found, Unreadable)
    assert found.sentence.startswith("cases.csv has a header and no row under it")


@pytest.mark.usefixtures("read_here")
class TestInside:
    """What stands in an archive."""

    def test_a_folder_around_everything_and_what_systems_leave_is_passed_over(
        self, tmp_path: Path
    ) -> None:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as packed:
            packed.mkdir("hers")
            packed.writestr("hers/cases.csv", TABLE)
            packed.writestr("hers/images\\é.png", PNG)
            packed.writestr("hers/.DS_Store", b"x")
            packed.writestr("hers/~$cases.xlsx", b"x")
            packed.writestr("__MACOSX/hers/._cases.csv", b"x")

        table = read(tmp_path, made.getvalue())

        assert isinstance(table, Table), table
        assert list(table.files) == ["images/é.png"]

    def test_a_table_alone_may_be_packed_too(self, tmp_path: Path) -> None:
        table = read(tmp_path, archive({}))
        assert isinstance(table, Table), table
        assert table.files == {}
        assert table.how.endswith("; cases.csv from the archive")

    @pytest.mark.parametrize(
        "name", ["../a.png", "/etc/a.png", "x/../../a.png", "C:\\a.png", "..\\a"]
    )
    def test_a_path_that_leads_out_is_refused(self, tmp_path: Path, name: str) -> None:
        assert "leads out of the archive" in refused(tmp_path, with_entry(zipfile.ZipInfo(name)))

    @pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
    def test_a_link_or_device_is_refused(self, tmp_path: Path, kind: int) -> None:
        info = zipfile.ZipInfo("a.png")
        info.external_attr = (kind | 0o777) << 16
        said = refused(tmp_path, with_entry(info, b"/etc/passwd"))
        assert "“a.png”, which is a link or a device" in said

    def test_an_encrypted_file_is_refused(self, tmp_path: Path) -> None:
        content = bytearray(archive({"a.png": PNG}))
        # The flag in the central directory, of the last entry.
        at = content.rindex(b"PK\x01\x02") + 8
        content[at] |= 1
        assert "encrypted with a password" in refused(tmp_path, bytes(content))

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_the_same_name_twice_is_refused(self, tmp_path: Path) -> None:
        twice = with_entry(zipfile.ZipInfo("cases.csv"))
        assert "two files called “cases.csv”" in refused(tmp_path, twice)
        other = with_entry(zipfile.ZipInfo("./cases.csv"))
        assert "two files called “cases.csv”" in refused(tmp_path, other)

    def test_too_many_files_are_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(archives, "MOST_FILES", 3)
        assert "holds 4 files; 3 at most" in refused(tmp_path, archive(FILES))

    def test_a_file_that_is_too_large_is_refused_before_it_is_unpacked(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(archives, "LARGEST_FILE", 2_000_000)
        said = refused(tmp_path, archive({"zeros.png": bytes(3_000_000)}))
        assert "“zeros.png” of 3 MB; a file may have 2 MB" in said

    def test_a_bomb_of_many_files_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(archives, "LARGEST_IN_ALL", 5_000_000)
        zeros = {f"{number}.png": bytes(2_000_000) for number in range(3)}
        assert "unpacks to 6 MB; 5 MB at most" in refused(tmp_path, archive(zeros))

    def test_a_size_that_lies_is_found_out(self, tmp_path: Path) -> None:
        content = bytearray(archive({"a.png": bytes(1_000_000)}))
        at = content.rindex(b"PK\x01\x02") + 24
        content[at : at + 4] = (10).to_bytes(4, "little")
        assert "no whole ZIP archive" in refused(tmp_path, bytes(content))

    @pytest.mark.parametrize("content", [b"PK\x03\x04", b"not an archive", archive(FILES)[:-30]])
    def test_what_is_damaged_is_refused(self, tmp_path: Path, content: bytes) -> None:
        assert "no whole ZIP archive" in refused(tmp_path, content)

    def test_bytes_that_were_changed_are_refused(self, tmp_path: Path) -> None:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as packed:
            packed.writestr("cases.csv", TABLE)
            packed.writestr("a.png", PNG)
        assert "no whole" in refused(tmp_path, made.getvalue().replace(b"\x89PNG", b"\x89PNg"))

    def test_another_way_of_packing_is_refused(self, tmp_path: Path) -> None:
        content = bytearray(archive({"a.png": PNG}))
        at = content.rindex(b"PK\x01\x02") + 10
        content[at : at + 2] = (97).to_bytes(2, "little")
        assert "packed in a way that is not read" in refused(tmp_path, bytes(content))

    def test_no_table_or_two_are_refused(self, tmp_path: Path) -> None:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as packed:
            packed.writestr("images/a.png", PNG)
            packed.writestr("tables/cases.csv", TABLE)
        assert "holds no table at its top" in refused(tmp_path, made.getvalue())
        two = archive({"other.xlsx": b"x"})
        assert "holds 2 tables at its top: cases.csv, other.xlsx" in refused(tmp_path, two)
