"""Formulas of a workbook whose value nobody has computed: a reader finds a blank or a 0 where they stand.

Programs that write workbooks without being a spreadsheet leave them so; the first spreadsheet that
opens and saves the file fills them in.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

from capsule_flows.file_kinds import EXCEL, OPEN_DOCUMENT

CHUNK = 1 << 20
WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
_PREFIX = rb"(?:\w+:)?"
_FORMULA = re.compile(
    rb"<%(p)sc(\s[^>]*)>\s*<%(p)sf\b(?:[^>]*/>|[^>]*>[^<]*</%(p)sf>)\s*"
    rb"(<%(p)sv\s*/>|<%(p)sv>[^<]*</%(p)sv>)?" % {b"p": _PREFIX}
)
_PLACE = re.compile(rb'\br="([A-Z]+[0-9]+)"')
_NOTHING = re.compile(rb"|<[^>]*/>|<[^>]*></[^>]*>")
"""No value, or one without content: of a formula that gives text, an empty text is a value."""
_OPEN_SHEET = re.compile(
    r"<table:table\s[^>]*?table:name=\"([^\"]*)\"[^>]*>(.*?)</table:table>", re.DOTALL
)
_OPEN_FORMULA = re.compile(
    r"<table:(?:covered-)?table-cell\s[^>]*?table:formula=\"([^\"]*)\"[^>]*>"
)


class Uncomputed(NamedTuple):
    """What was found of such formulas in one sheet."""

    cells: int
    first: str
    """Where the first one stands, or the formula itself where only that is known."""


def uncomputed(path: Path, kind: str, sheet: str) -> Uncomputed | None:
    """Return the formulas without a value in this sheet of a workbook; None where there are none."""
    if kind not in (EXCEL, OPEN_DOCUMENT):
        return None
    with zipfile.ZipFile(path) as archive:
        found = _in_excel(archive, sheet) if kind == EXCEL else _in_open(archive, sheet)
        first = next(found, None)
        return None if first is None else Uncomputed(1 + sum(1 for _ in found), first)


def _in_excel(archive: zipfile.ZipFile, sheet: str) -> Iterator[str]:
    # Some programs write the names inside with backslashes, or with a slash in front.
    inside = {name.replace("\\", "/").lstrip("/"): name for name in archive.namelist()}
    if not {WORKBOOK, RELATIONS} <= set(inside):
        return
    book, links = (_parsed(archive.read(inside[name])) for name in (WORKBOOK, RELATIONS))
    target = {one.get("Id"): one.get("Target", "") for one in links.iter()}
    link = next(
        (
            value
            for one in book.iter()
            if one.tag.endswith("}sheet") and one.get("name") == sheet
            for key, value in one.attrib.items()
            if key.endswith("}id")
        ),
        "",
    )
    place = posixpath.normpath(posixpath.join("/xl", target.get(link, ""))).lstrip("/")
    if place not in inside:
        return
    none_computed = any(one.get("fullCalcOnLoad") in ("1", "true") for one in book.iter())
    for block in _blocks(archive, inside[place]):
        for cell, value in _FORMULA.findall(block):
            told = value and b't="str"' in cell
            if none_computed or (_NOTHING.fullmatch(value) and not told):
                place_in_sheet = _PLACE.search(cell)
                yield place_in_sheet[1].decode() if place_in_sheet else "a cell"


def _parsed(content: bytes) -> ET.Element:
    try:
        # Expat bounds what entities may become, and the process that reads is bounded itself.
        return ET.fromstring(content)  # noqa: S314
    except ET.ParseError:
        return ET.Element("nothing")


def _blocks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Yield an entry in pieces that end with a row, those alone in which formulas may be."""
    rest = b""
    with archive.open(name) as file:
        while chunk := file.read(CHUNK):
            rows, ending, rest = (rest + chunk).rpartition(b"row>")
            if b"<f" in rows or b":f" in rows:
                yield rows + ending
    yield rest


def _in_open(archive: zipfile.ZipFile, sheet: str) -> Iterator[str]:
    content = archive.read("content.xml").decode("utf-8", "replace")
    for name, cells in _OPEN_SHEET.findall(content):
        if unescape(name) == sheet:
            for cell in _OPEN_FORMULA.finditer(cells):
                if "office:value-type" not in cell[0]:
                    yield unescape(cell[1])
