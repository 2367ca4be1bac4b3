"""A picture inside a cell, as base64 or a data address, made small by Pillow within bounds."""

import base64
import binascii
import warnings
from functools import lru_cache
from html import escape
from io import BytesIO

from PIL import Image, UnidentifiedImageError

SIDE = 180
MOST_CHARACTERS = 8_000_000
"""Of the text in the cell: an image of 6 MB."""
MOST_PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")


def thumbnail(cell: str) -> str:
    """Return the picture, no larger than 180 pixels each way; what is none stays text."""
    small = _small(cell.strip()) if len(cell) <= MOST_CHARACTERS else None
    if small is None:
        shown = cell if len(cell) <= 60 else f"{cell[:60]}…"
        return f"<code>{escape(shown)}</code> (cannot be shown as an image)"
    return f'<img src="data:image/png;base64,{small}" alt="The image of this case">'


@lru_cache(maxsize=200)
def _small(cell: str) -> str | None:
    head, comma, after = cell.partition(",")
    text = after if comma and head.startswith("data:image/") and head.endswith(";base64") else cell
    try:
        content = base64.b64decode(text, validate=True)
        # The size stands in the header: nothing is unfolded before it is looked at.
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                image.draft("RGB", (SIDE, SIDE))
                made = image.convert("RGBA")
            made.thumbnail((SIDE, SIDE))
    # Pillow's readers of hostile bytes raise whatever they stumble over.
    except (UnidentifiedImageError, binascii.Error, OSError, ValueError, SyntaxError, EOFError):
        return None
    made.save(out := BytesIO(), "PNG")
    return base64.b64encode(out.getvalue()).decode()
