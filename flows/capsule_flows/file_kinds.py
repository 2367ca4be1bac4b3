"""What a file is: by its name, and by its first bytes, which must agree."""

import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capsule_flows.reading_rows import Grid

LARGEST_UNPACKED = 1024**3
LONGEST_TYPE = 100
LONGEST_LISTING = 1_000_000
EXCEL, PARQUET, TEXT = "an Excel workbook (.xlsx)", "a Parquet file", "a text table"
OLD_EXCEL, OPEN_DOCUMENT = "an old Excel workbook (.xls)", "an OpenDocument sheet (.ods)"
BOOKS = (EXCEL, OLD_EXCEL, OPEN_DOCUMENT)
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
LOCKED = "with a password"
"""How a book is told of that its program opens with a password alone."""
ENCRYPTED_ENDINGS = (".encrypted", ".enc", ".gpg", ".pgp", ".asc", ".age", ".aes", ".p7m")
ARCHIVE_ENDINGS = (".7z", ".rar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".tar")
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
    found = content_of(path)
    if named is None:
        raise NoTableError(_of_no_format(name, suffix, found))
    if found != named:
        raise NoTableError(disguised(name, named, found))
    return named


def _of_no_format(name: str, suffix: str, found: str) -> str:
    """Say what a file is whose ending is none of ours, and what to do."""
    if suffix in ENCRYPTED_ENDINGS or "encrypted" in found:
        what = found if "encrypted" in found else "an encrypted file, by its name"
        return f"{name} is {what}. Decrypt it where it was encrypted, and bring the table itself."
    if suffix in ARCHIVE_ENDINGS:
        return (
            f"{name} is an archive. Unpack it, and bring the table that is in it, or a ZIP archive."
        )
    return (
        f"{name} is none of the tables that can be read."
        " Save it as CSV, TSV, XLSX, XLS, ODS or Parquet, with the matching ending."
    )


def content_of(path: Path) -> str:
    """Say what a file's first bytes show it to be."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(b"PAR1"):
        return PARQUET
    if start.startswith(b"PARE"):
        return "an encrypted Parquet file"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return f"an Office file encrypted {LOCKED}" if ENCRYPTED in path.read_bytes() else OLD_EXCEL
    if start.startswith(b"PK\x03\x04"):
        return _kind_of_archive(path)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return TEXT
    return "not text" if b"\0" in start else TEXT


def _kind_of_archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if any(entry.flag_bits & 1 for entry in entries):
                return f"a ZIP archive encrypted {LOCKED}"
            media = _text_in(archive, "mimetype", LONGEST_TYPE).strip()
            listing = _text_in(archive, "META-INF/manifest.xml", LONGEST_LISTING)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, ValueError):
        return "a damaged archive"
    if sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        return "an archive that unpacks to more than 1 GB"
    if media == "application/vnd.oasis.opendocument.spreadsheet":
        return (
            f"an OpenDocument sheet encrypted {LOCKED}"
            if "encryption-data" in listing
            else OPEN_DOCUMENT
        )
    # Some programs write the names inside with backslashes, or with a slash in front.
    inside = (entry.filename.replace("\\", "/").lstrip("/") for entry in entries)
    return EXCEL if any(file.startswith("xl/") for file in inside) else "a ZIP archive"


def _text_in(archive: zipfile.ZipFile, entry: str, longest: int) -> str:
    """Return an entry of an archive as text; blank where it is not there, or longer than it may be."""
    if entry not in archive.namelist() or archive.getinfo(entry).file_size > longest:
        return ""
    return archive.read(entry).decode("ascii", "replace")


def disguised(name: str, named: str, found: str) -> str:
    """Say that a file is not what its name says, and what to do."""
    if LOCKED in found:
        mend = f"Open it {LOCKED} where it was made, and save it as .xlsx without one."
    elif "encrypted" in found:
        mend = "Bring it without encryption."
    elif found in FORMATS.values():
        endings = [ending for ending, kind in FORMATS.items() if kind == found]
        mend = f"Give it the ending {endings[0]}, or save it again as its name says."
    else:
        mend = "Open it where it was made and save it again as CSV or XLSX."
    return f"{name} should be {named} by its name, but it is {found}. {mend}"
