"""A file that came with a table: its name, and what it is by its first bytes alone.

Pure. The process that reads a table imports it, and must not wait for the kit.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capsule_kit.columns import FileKind

FIRST_BYTES = 4096
"""So many are looked at."""
IMAGES = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
)
WEBP = re.compile(rb"RIFF....WEBP", re.DOTALL)
FASTA = re.compile(r">[^\n]*\n(?:;[^\n]*\n)*[A-Za-z*\-.]")
FASTQ = re.compile(r"@[^\n]*\n[A-Za-z*\-.]+(?:\n\+|\n?\Z)")
JCAMP = re.compile(r"##\s*(?:TITLE|JCAMP)", re.IGNORECASE)
MZML = re.compile(r"<(?:indexed)?mzML[\s>]")
_NUMBER = r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?"
PAIR = re.compile(rf"^[ \t]*{_NUMBER}[ \t]*[,;\t ][ \t]*{_NUMBER}(?=[,;\t \n])", re.MULTILINE)
"""Two numbers at the beginning of a line of CSV or TSV."""

MEANT: "Mapping[FileKind, str]" = {
    "image": "an image (PNG, JPEG, TIFF, GIF or WebP)",
    "spectrum": "a spectrum (CSV or TSV of numbers, JCAMP-DX or mzML)",
    "sequence": "a file of sequences (FASTA or FASTQ)",
    "any": "a file",
}


@dataclass(frozen=True)
class BroughtFile:
    """A file that came with a table, as far as it was looked at."""

    sha256: str
    kinds: "tuple[FileKind, ...]"
    """What it can be by its first bytes; nothing where it is empty."""


Files = Mapping[str, BroughtFile]
"""Files by their names: paths with `/`, from where the table lies."""


def as_name(written: str) -> str:
    """Return a path as files are called by: one way to write its letters, `/` between folders."""
    # What macOS packs has its accents apart.
    plain = unicodedata.normalize("NFC", written.strip()).replace("\\", "/")
    return plain.removeprefix("./")


def kinds_of(start: bytes) -> "tuple[FileKind, ...]":
    """Return the kinds that a file with these first bytes can be of; none where it is empty."""
    if not start:
        return ()
    found: list[FileKind] = ["any"]
    if start.startswith(IMAGES) or WEBP.match(start):
        found.append("image")
    text = _text(start)
    if FASTA.match(text) or FASTQ.match(text):
        found.append("sequence")
    if JCAMP.match(text) or MZML.search(text) or PAIR.search(text):
        found.append("spectrum")
    return tuple(found)


def _text(start: bytes) -> str:
    """Return the first bytes as text, without blanks before it; empty where they are no text."""
    if b"\0" in start:
        return ""
    # Names in a file of spectra may be in any letters; what is looked for is plain.
    text = start.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    return re.sub(r"\r\n?", "\n", text).lstrip() + ("\n" if len(start) < FIRST_BYTES else "")
