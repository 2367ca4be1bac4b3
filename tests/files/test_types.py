"""What a file is, by its first bytes."""

import pytest

from capsule_flows.file_types import kinds_of

from .bringing import JCAMP, JPEG, PNG


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("image", PNG),
        ("image", JPEG),
        ("image", b"GIF89a\x01\0"),
        ("image", b"II*\0\x08\0"),
        ("image", b"MM\0*\0\0"),
        ("image", b"II+\0\x08\0"),
        ("image", b"RIFF\x24\0\0\0WEBPVP8 "),
        ("sequence", b">sp|P1|a protein\nMKV"),
        ("sequence", b"\xef\xbb\xbf>one\r\nACGT\r\n"),
        ("sequence", b"@read 1\nACGTN\n+\nIIII!\n"),
        ("sequence", b"@read 1\n" + b"A" * 4088),
        ("spectrum", JCAMP),
        ("spectrum", b'<?xml version="1.0"?>\n<mzML xmlns="x">'),
        ("spectrum", b"<indexedmzML >"),
        ("spectrum", b"wavenumber,absorbance\n400,0.1\n401.5,-2e-3\n"),
        ("spectrum", b"400\t0.1\n401\t0.2"),
        ("spectrum", b"400;0.1"),
        ("any", b"\0\x01"),
    ],
)
def test_a_file_is_known_by_its_first_bytes(kind: str, start: bytes) -> None:
    assert kind in kinds_of(start)


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("image", b"<svg>"),
        ("image", b"\x89PNG"),
        ("image", b"RIFF\x24\0\0\0WAVEfmt "),
        ("sequence", b"> \0"),
        ("sequence", b"@context: x"),
        ("sequence", b"ACGT"),
        ("spectrum", b"name,note\nwater,clear\n"),
        ("spectrum", b"2031-12-24,1"),
        ("spectrum", b"\x1f\x8b400,1\n"),
        ("spectrum", PNG),
    ],
)
def test_what_only_looks_like_one_is_none(kind: str, start: bytes) -> None:
    assert kind not in kinds_of(start)


def test_an_empty_file_is_of_no_kind() -> None:
    assert kinds_of(b"") == ()
