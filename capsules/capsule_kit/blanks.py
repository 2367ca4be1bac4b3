"""A text that the author still has to write: marked in the declaration, and refused by a release."""

import re

BLANK = "[[write"
"""What a marked text begins with; no finished text has it."""


def blank(what: str) -> str:
    """Return the marked text that stands where the author has to write `what`."""
    return f"{BLANK}: {what}]]"


def blanks_in(text: str) -> list[str]:
    """Return what is still to be written in a text, in its order."""
    return re.findall(re.escape(BLANK) + r": (.*?)\]\]", text)
