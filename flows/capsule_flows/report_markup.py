"""Small pieces of the report's HTML, whatever is said escaped in them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape

from capsule_flows.wording import unbroken


def when(moment: datetime | None) -> str:
    """Return a moment as a person writes it."""
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC" if moment else "at an unknown time"


def text(said: str) -> str:
    """Return a text escaped, its numbers not torn from their units."""
    return escape(unbroken(said))


def p(said: str, style: str = "") -> str:
    """Return a paragraph."""
    return f'<p class="{style}">{text(said)}</p>' if style else f"<p>{text(said)}</p>"


def bullets(sentences: Iterable[str]) -> str:
    """Return sentences as a list, empty ones left out."""
    return f"<ul>{''.join(f'<li>{text(one)}</li>' for one in sentences if one)}</ul>"


def pairs(facts: Mapping[str, str], style: str = "facts") -> str:
    """Return names with what they are."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{text(of)}</dd>" for name, of in facts.items())
    return f'<dl class="{style}">{rows}</dl>'


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table with a line of headers."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in headers)
    body = "".join(
        f"<tr>{''.join(f'<td>{text(str(cell))}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
