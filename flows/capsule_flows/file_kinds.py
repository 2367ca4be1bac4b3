"""What a file is: by its name, and by its first bytes, which must agree."""

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capsule_flows.reading_rows import Grid

LARGEST_UNPACKED = 1024**3
LONGEST_TYPE = 100
EXCEL, PARQUET, TEXT = "an Excel workbook (.xlsx)", "a Parquet file", "a text table"
OLD_EXCEL, OPEN_DOCUMENT = "an old Excel workbook (.xls)", "an OpenDocument sheet (.ods)"
BOOKS = (EXCEL, OLD_EXCEL, OPEN_DOCUMENT)
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
FORMATS = {
    ".csv": TEXT,
    ".tsv": TEXT,
    ".tab": TEXT,
    ".txt": TEXT,
    ".xlsx": EXCEL,
    ".xlsm": EXCEL,
    ".xls": OLD_EXCEL,
    ".ods": OPEN_DOCUMENT,
    ".parquet": PARQUET,
}


class NoTableError(Exception):
    """The file is no table we can read; the sentence says why and what to do."""

    def __init__(self, sentence: str, so_far: "Grid | None" = None) -> None:
        """Keep, beside the sentence, what was read until then."""
        super().__init__(sentence)
        self.so_far = so_far


def kind_of(path: Path, name: str) -> str:
    """Return the file's format by its name; the content must be what the name says."""
    suffix = Path(name).suffix.lower()
    named = FORMATS.get(suffix)
    if path.stat().st_size == 0:
        raise NoTableError(f"{name} is empty. Save the table again and bring that file.")
    if named is None:
        raise NoTableError(
            f"{name} is none of the tables that can be read."
            " Save it as CSV, TSV, XLSX, XLS, ODS or Parquet, with the matching ending."
        )
    found = content_of(path)
    if found != named:
        raise NoTableError(disguised(name, named, found))
    return named


def content_of(path: Path) -> str:
    """Say what a file's first bytes show it to be."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(b"PAR1"):
        return PARQUET
    if start.startswith(b"PARE"):
        return "an encrypted Parquet file"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return "a password-protected Office file" if ENCRYPTED in path.read_bytes() else OLD_EXCEL
    if start.startswith(b"PK\x03\x04"):
        return _kind_of_archive(path)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return TEXT
    return "not text" if b"\0" in start else TEXT


def _kind_of_archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            media = _media_type(archive)
    except (zipfile.BadZipFile, OSError, ValueError):
        return "a damaged archive"
    if sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        return "an archive that unpacks to more than 1 GB"
    if media == "application/vnd.oasis.opendocument.spreadsheet":
        return OPEN_DOCUMENT
    # Some programs write the names inside with backslashes, or with a slash in front.
    inside = (entry.filename.replace("\\", "/").lstrip("/") for entry in entries)
    return EXCEL if any(file.startswith("xl/") for file in inside) else "a ZIP archive"


def _media_type(archive: zipfile.ZipFile) -> str:
    """Return what an OpenDocument archive says of itself in its first entry; blank where it says nothing."""
    if "mimetype" not in archive.namelist() or archive.getinfo("mimetype").file_size > LONGEST_TYPE:
        return ""
    return archive.read("mimetype").decode("ascii", "replace").strip()


def disguised(name: str, named: str, found: str) -> str:
    """Say that a file is not what its name says, and what to do."""
    if "password" in found:
        mend = "Open it in Excel and save it as .xlsx without a password."
    elif "encrypted" in found:
        mend = "Bring it without encryption."
    elif found in FORMATS.values():
        endings = [ending for ending, kind in FORMATS.items() if kind == found]
        mend = f"Give it the ending {endings[0]}, or save it again as its name says."
    else:
        mend = "Open it where it was made and save it again as CSV or XLSX."
    return f"{name} should be {named} by its name, but it is {found}. {mend}"
