"""Text and JSON as every database takes them: a failed model's last words may hold anything.

PostgreSQL refuses the character NUL in text, and NaN and infinity in JSON; no database holds half a surrogate pair.
"""

import json

UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def storable_text(text: str) -> str:
    """Return the text with a sign for unknown where a character cannot be stored."""
    whole = text.replace("\0", UNKNOWN)
    return (
        whole
        if whole.isascii()
        else whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


def storable_json(value: object) -> str:
    """Return the value as JSON, null where a number is none."""
    return json.dumps(json.loads(json.dumps(value), parse_constant=lambda _: None))
