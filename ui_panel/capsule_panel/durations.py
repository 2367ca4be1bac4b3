"""Lengths of time as a person writes them, "1 h 30 min", and as ISO 8601 has them, "PT5400S". Pure."""

import re
from decimal import Decimal

SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "min": 60, "s": 1}
NAMES = {
    **dict.fromkeys(("week", "weeks"), "w"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("hour", "hours"), "h"),
    **dict.fromkeys(("m", "minute", "minutes", "mins"), "min"),
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
}
PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z]+)\s*")
CLOCK = re.compile(r"(\d+):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?")
ISO = re.compile(
    r"(-?)P(?:([\d.]+)W)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?"
)


def read_duration(text: str) -> str | None:
    """Return "1 h 30 min", "1:30" (hours and minutes) or ISO 8601 as ISO 8601 in seconds, or None."""
    seconds = _iso(text)
    if seconds is None:
        seconds = _clock(text)
    if seconds is None:
        seconds = _parts(text.lower().lstrip("-\N{MINUS SIGN}").strip())
        if seconds is not None and text[:1] in ("-", "\N{MINUS SIGN}"):
            seconds = -seconds
    if seconds is None:
        return None
    return f"{'-' if seconds < 0 else ''}PT{_plain(abs(seconds))}S"


def duration_shown(iso: str) -> str:
    """Return an ISO 8601 length of time as a person would type it; what is none stays as it is."""
    seconds = _iso(iso)
    if seconds is None:
        return iso
    said, left = [], abs(seconds)
    for unit in ("d", "h", "min"):
        many, left = divmod(left, SECONDS[unit])
        said += [f"{int(many)} {unit}"] if many else []
    if left or not said:
        said.append(f"{_plain(left)} s")
    return ("-" if seconds < 0 else "") + " ".join(said)


def _iso(text: str) -> Decimal | None:
    found = ISO.fullmatch(text)
    if not found or not any(found.groups()[1:]):
        return None
    numbers = zip(found.groups()[1:], SECONDS.values(), strict=True)
    total = sum((Decimal(number) * size for number, size in numbers if number), Decimal(0))
    return -total if found[1] else total


def _clock(text: str) -> Decimal | None:
    found = CLOCK.fullmatch(text)
    if not found:
        return None
    return int(found[1]) * 3_600 + int(found[2]) * 60 + Decimal(found[3] or 0)


def _parts(text: str) -> Decimal | None:
    total, at = Decimal(0), 0
    while at < len(text):
        part = PART.match(text, at)
        unit = part and (part[2] if part[2] in SECONDS else NAMES.get(part[2]))
        if not part or not unit:
            return None
        total += Decimal(part[1].replace(",", ".")) * SECONDS[unit]
        at = part.end()
    return total if text else None


def _plain(seconds: Decimal) -> str:
    return f"{seconds:f}".rstrip("0").rstrip(".") if "." in f"{seconds:f}" else f"{seconds:f}"
