"""A picture inside a cell or a file, made small by Pillow within bounds: pixels, whatever its bytes were."""

import base64
import binascii
import warnings
from functools import lru_cache
from html import escape
from io import BytesIO
from pathlib import Path

from PIL import Image

SIDE, WHOLE_SIDE = 180, 900
"""Pixels of the longer side, of a thumbnail and of a picture shown by itself."""
MOST_CHARACTERS = 8_000_000
"""Of the text in a cell: an image of 6 MB."""
MOST_PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")


def thumbnail(cell: str) -> str:
    """Return the picture in a cell, as base64 or a data address, made small; what is none stays text."""
    small = _in_cell(cell.strip()) if len(cell) <= MOST_CHARACTERS else None
    if small is None:
        shown = cell if len(cell) <= 60 else f"{cell[:60]}…"
        return f"<code>{escape(shown)}</code> (cannot be shown as an image)"
    return f'<img src="data:image/png;base64,{small}" alt="The image of this case">'


@lru_cache(maxsize=200)
def small_picture(path: Path) -> str:
    """Return a picture file as a thumbnail; nothing where it is none. What lies at the path never changes."""
    small = _small(path, SIDE)
    if small is None:
        return ""
    return f'<img src="data:image/png;base64,{small}" alt="The image of this case">'


def picture(path: Path, title: str) -> str:
    """Return a picture file as an image no wider than a page; nothing where it is none."""
    small = _small(path, WHOLE_SIDE)
    if small is None:
        return ""
    source = f"data:image/png;base64,{small}"
    return f'<img style="max-width:100%" src="{source}" alt="{escape(title)}">'


@lru_cache(maxsize=200)
def _in_cell(cell: str) -> str | None:
    head, comma, after = cell.partition(",")
    text = after if comma and head.startswith("data:image/") and head.endswith(";base64") else cell
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return _small(BytesIO(content), SIDE)


def _small(source: Path | BytesIO, side: int) -> str | None:
    """Return a PNG as base64, or None where this is no picture that may be unfolded."""
    try:
        # The size stands in the header: nothing is unfolded before it is looked at.
        with Image.open(source, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                image.draft("RGB", (side, side))
                made = image.convert("RGBA")
            made.thumbnail((side, side))
    # Pillow's readers of hostile bytes raise whatever they stumble over.
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return None
    made.save(out := BytesIO(), "PNG")
    return base64.b64encode(out.getvalue()).decode()
