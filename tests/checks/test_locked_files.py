"""An encrypted file is told as one, whatever encrypted it; a formula that nobody computed is never a silent blank."""

import base64
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet
from pyarrow.parquet import encryption

from capsule_flows import reading_formulas
from capsule_flows.file_kinds import NoTableError
from capsule_flows.reading_child import Found, read

MESSY = Path(__file__).parents[2] / ".." / "shared" / "data" / "messy" / "parquet-testing" / "data"
ODS = "application/vnd.oasis.opendocument.spreadsheet"


def refused(path: Path, name: str | None = None) -> str:
    with pytest.raises(NoTableError) as reason:
        read(path, name or path.name)
    return str(reason.value)


@pytest.mark.parametrize("path", sorted(MESSY.glob("*.encrypted")), ids=lambda path: path.stem)
def test_an_encrypted_parquet_file_is_told_as_one(path: Path) -> None:
    """Its columns may be encrypted and its footer not, so that it begins as any other does."""
    sentence = refused(path)
    assert "encrypted" in sentence
    assert sentence.endswith("Decrypt it where it was encrypted, and bring the table itself.")


class Keys(encryption.KmsClient):
    """Keeps nothing secret."""

    def __init__(self, _: object) -> None:
        super().__init__()

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        return base64.b64encode(key_bytes)


@pytest.mark.parametrize("footer", [True, False])
def test_a_parquet_file_with_an_encrypted_column_is_told_as_encrypted(
    tmp_path: Path, footer: bool
) -> None:
    path = tmp_path / "cases.parquet"
    table = pa.table({"id": ["S-1"], "x": [1.5]})
    how = encryption.EncryptionConfiguration(
        footer_key="f", column_keys={"c": ["x"]}, plaintext_footer=footer
    )
    keys = encryption.CryptoFactory(Keys)
    locked = keys.file_encryption_properties(encryption.KmsConnectionConfig(), how)
    with parquet.ParquetWriter(path, table.schema, encryption_properties=locked) as writer:
        writer.write_table(table)
    assert "encrypted" in refused(path)
    assert "ithout encryption" in refused(path)


def test_an_encrypted_open_document_is_told_as_one(tmp_path: Path) -> None:
    path = tmp_path / "cases.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", ODS)
        archive.writestr("content.xml", b"\x8f\x01 not XML any more")
        archive.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
    assert "an OpenDocument sheet encrypted with a password. Open it" in refused(path)


@pytest.mark.parametrize("name", ["cases.zip", "cases.xlsx"])
def test_an_encrypted_archive_is_told_as_one(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "x")
    content = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + flags] |= 1
    path.write_bytes(content)
    assert "a ZIP archive encrypted with a password." in refused(path)


def test_an_old_workbook_with_a_password_is_told_as_encrypted(tmp_path: Path) -> None:
    path = tmp_path / "cases.xls"
    path.write_bytes(_old_workbook(bytes.fromhex("2f00 0600 0100 0100 0100")))
    assert "is encrypted with a password. Open it" in refused(path)


def _old_workbook(record: bytes) -> bytes:
    """Return a compound file whose one stream is a workbook that begins with this record.

    [MS-CFB] and [MS-XLS]: a header, a sector of allocations, a directory, the stream.
    """
    size, end, free = 512, 0xFFFFFFFE, 0xFFFFFFFF
    stream = bytes.fromhex("0908 1000 0006 0500 0000 0000 0000 0000 0000 0000") + record
    stream = stream.ljust(8 * size, b"\0")
    header = bytearray(size)
    header[:8] = bytes.fromhex("d0cf11e0a1b11ae1")
    header[24:34] = bytes.fromhex("3e00 0300 feff 0900 0600")
    for place, value in ((44, 1), (48, 1), (56, 4096), (60, end), (68, end), (76, 0)):
        header[place : place + 4] = value.to_bytes(4, "little")
    header[80:] = free.to_bytes(4, "little") * ((size - 80) // 4)
    chain = [0xFFFFFFFD, end, *range(3, 10), end]
    table = b"".join(one.to_bytes(4, "little") for one in chain).ljust(size, b"\xff")
    return (
        bytes(header)
        + table
        + _entry("Root Entry", 5, 1, end, 0)
        + _entry("Workbook", 2, free, 2, len(stream))
        + bytes(256)
        + stream
    )


def _entry(name: str, kind: int, child: int, start: int, length: int) -> bytes:
    entry = bytearray(128)
    text = (name + "\0").encode("utf-16-le")
    entry[: len(text)] = text
    entry[64:66] = len(text).to_bytes(2, "little")
    entry[66:68] = bytes((kind, 1))
    for place, value in (
        (68, 0xFFFFFFFF),
        (72, 0xFFFFFFFF),
        (76, child),
        (116, start),
        (120, length),
    ):
        entry[place : place + 4] = value.to_bytes(4, "little")
    return bytes(entry)


def workbook(path: Path, value: bytes, attributes: bytes = b"") -> Found:
    """Read a workbook in whose cell C2 a formula stands with this value."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("mine")
    sheet.write_row(0, 0, ["id", "x", "twice"])
    sheet.write_row(1, 0, ["S-1", 2])
    sheet.write_formula(1, 2, "=B2*2")
    book.close()
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    # This writer asks for the computing at the next opening, as what it does not compute needs.
    for name, is_there, put in (
        ("xl/workbook.xml", b' fullCalcOnLoad="1"', b""),
        ("xl/worksheets/sheet1.xml", b"</f><v>0</v>", b"</f>" + value),
        ("xl/worksheets/sheet1.xml", b'<c r="C2"', b'<c r="C2"' + attributes),
    ):
        assert is_there in entries[name]
        entries[name] = entries[name].replace(is_there, put)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return read(path, "cases.xlsx")


@pytest.mark.parametrize("value", [b"", b"<v/>", b"<v></v>"])
def test_a_formula_without_a_value_is_in_doubt_with_its_place(tmp_path: Path, value: bytes) -> None:
    found = workbook(tmp_path / "left.xlsx", value)
    (doubt,) = found.seen.doubts
    assert doubt.about == "formulas"
    assert "A cell holds a formula that was never computed: C2." in doubt.sentence
    assert "save it there, and bring it again" in doubt.sentence


@pytest.mark.parametrize(
    ("value", "attributes", "text"),
    [(b"<v>4</v>", b"", "4"), (b"<v></v>", b' t="str"', ""), (b"<v>low</v>", b' t="str"', "low")],
)
def test_a_formula_with_its_value_is_read_as_that(
    tmp_path: Path, value: bytes, attributes: bytes, text: str
) -> None:
    found = workbook(tmp_path / "saved.xlsx", value, attributes)
    assert found.seen.doubts == ()
    assert [one.to_pylist() for one in found.cells] == [["S-1"], ["2"], [text]]


def test_where_a_program_computed_nothing_its_zeros_are_in_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the sheet falls into the pieces in which it is looked through."""
    monkeypatch.setattr(reading_formulas, "CHUNK", 100)
    path = tmp_path / "cases.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["id", "x", "twice"])
    for line in range(1, 40):
        sheet.write_row(line, 0, [f"S-{line}", 2])
        sheet.write_formula(line, 2, f"=B{line + 1}*2")
    book.close()
    (doubt,) = read(path, "cases.xlsx").seen.doubts
    assert "39 cells hold formulas that were never computed: C2." in doubt.sentence


def test_a_formula_of_an_open_document_without_a_value_is_in_doubt(tmp_path: Path) -> None:
    path = tmp_path / "cases.ods"
    space = "urn:oasis:names:tc:opendocument:xmlns"
    cells = (
        "<table:table-row><table:table-cell office:value-type='string'><text:p>x</text:p></table:table-cell>"
        "<table:table-cell office:value-type='string'><text:p>y</text:p></table:table-cell></table:table-row>"
        '<table:table-row><table:table-cell office:value-type="float" office:value="2"/>'
        '<table:table-cell table:formula="of:=[.A2]*2"/></table:table-row>'
    )
    content = (
        f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0"'
        f' xmlns:text="{space}:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="mine">{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", ODS)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    (doubt,) = read(path, path.name).seen.doubts
    assert "never computed: of:=[.A2]*2." in doubt.sentence
