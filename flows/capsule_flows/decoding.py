"""The bytes of a text become letters: by a mark, as UTF-8 if they are that, else by a guess that is said."""

import re

from capsule_flows.file_kinds import NoTableError
from capsule_flows.reading_choices import Doubt

MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows, Western Europe",
    "cp1250": "Windows, Central Europe",
    "cp1251": "Windows, Cyrillic",
    "cp1253": "Windows, Greek",
    "cp1254": "Windows, Turkish",
    "mac_roman": "old Macintosh",
    "cp932": "Japanese",
    "gb18030": "Chinese",
    "cp949": "Korean",
}
"""What may be chosen, in words; the one-byte ones before those that need two."""
GUESSED = tuple(ENCODINGS)[2:]
SAMPLE_BYTES = 1 << 20
AS_LIKELY = 0.05
"""Western Europe's letters are taken unless another guess is better by more than this."""
WORDS_SHOWN = 4
TOLD = re.compile(r"[^\s,;|\t\"']*[^\x00-\x7f][^\s,;|\t\"']*")


def decode(content: bytes, name: str, chosen: str | None = None) -> tuple[str, str, Doubt | None]:
    """Return a text, the encoding it is in, and the doubt where that is guessed.

    Raises:
        NoTableError: no encoding fits, or not the chosen one.
    """
    if chosen is not None:
        return _strictly(content, name, chosen), chosen, None
    marked = next((codec for mark, codec in MARKS if content.startswith(mark)), None)
    try:
        text = content.decode(marked or "utf-8")
    except UnicodeDecodeError as broken:
        if marked:
            raise _unknown(name) from broken
        return _guess(content, name)
    return text, (marked or "utf-8").removesuffix("-sig"), None


def _strictly(content: bytes, name: str, chosen: str) -> str:
    codec = "utf-8-sig" if chosen == "utf-8" else chosen
    try:
        return content.decode(codec)
    except (UnicodeDecodeError, LookupError):
        said = ENCODINGS.get(chosen, chosen)
        message = f"{name} does not hold letters as {said} has them. Choose another encoding."
        raise NoTableError(message) from None


def _guess(content: bytes, name: str) -> tuple[str, str, Doubt | None]:
    from charset_normalizer import from_bytes  # few files need it

    end = content.rfind(b"\n", 0, SAMPLE_BYTES) + 1 if len(content) > SAMPLE_BYTES else len(content)
    found = from_bytes(content[:end], cp_isolation=list(GUESSED))
    best = found.best()
    if best is None:
        raise _unknown(name)
    likely = [one for one in found if one.chaos <= best.chaos + AS_LIKELY]
    western = any("cp1252" in one.could_be_from_charset for one in likely)
    encoding = "cp1252" if western else best.encoding
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise _unknown(name) from None
    words = list(dict.fromkeys(TOLD.findall(text)))[:WORDS_SHOWN]
    shown = ", ".join(f"“{word[:40]}”" for word in words)
    sentence = (
        f"The file does not say how its letters are written. As {ENCODINGS[encoding]}"
        f" they read: {shown}. If a letter is wrong, choose another encoding."
    )
    return text, encoding, Doubt(about="letters", sentence=sentence)


def _unknown(name: str) -> NoTableError:
    return NoTableError(
        f"{name} holds letters in an encoding that could not be told."
        " Save it again as CSV UTF-8, or as an Excel workbook."
    )
