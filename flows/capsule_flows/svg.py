"""Pictures as SVG text: a frame with two axes, and marks in it. Pure; what it is given is escaped.

Each picture has a title and a sentence that says what it shows, for those who do not see it.
Colours are told apart by the colour-blind (Okabe and Ito), and a page may replace each through a
CSS variable `--picture-NAME`; a colour never stands without a word.
"""

import math
from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise
from typing import Literal, NamedTuple

Anchor = Literal["start", "middle", "end"]

COLOURS = {
    "ink": "#1f2a37",
    "quiet": "#55616f",
    "line": "#c9d1d9",
    "paper": "#ffffff",
    "agree": "#0072b2",
    "agree-soft": "#cfe3f1",
    "differ": "#d55e00",
    "differ-soft": "#fbdcc6",
}
FONT = "Roboto, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
SIZE = 13
"""Of text, in the picture's own units; one is a pixel where there is room."""


class Frame(NamedTuple):
    """Where numbers lie in a picture."""

    left: float
    top: float
    width: float
    height: float
    x_low: float
    x_high: float
    y_low: float
    y_high: float

    def x(self, value: float) -> float:
        """Return where a number lies across."""
        return self.left + self.width * _share(value, self.x_low, self.x_high)

    def y(self, value: float) -> float:
        """Return where a number lies down from the top."""
        return self.top + self.height * (1 - _share(value, self.y_low, self.y_high))


def picture(title: str, says: str, width: float, height: float, parts: Iterable[str]) -> str:
    """Return a whole picture; `says` tells in a sentence what there is to see."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {_n(width)} {_n(height)}"'
        f' style="width:100%;max-width:{_n(width)}px;height:auto;display:block"'
        f' font-family="{FONT}" font-size="{SIZE}" aria-label="{escape(f"{title}. {says}")}">'
        f"<title>{escape(title)}</title><desc>{escape(says)}</desc>{''.join(parts)}</svg>"
    )


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: Anchor = "start",
    ink: str = "ink",
    size: float = SIZE,
    strong: bool = False,
    turned: bool = False,
) -> str:
    """Return words with their middle at the height y; `turned` reads upwards."""
    turn = f' transform="rotate(-90 {_n(x)} {_n(y)})"' if turned else ""
    weight = ' font-weight="600"' if strong else ""
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" dy="0.35em" text-anchor="{anchor}" font-size="{_n(size)}"'
        f'{weight}{turn} style="fill:{colour(ink)}">{escape(words)}</text>'
    )


def box(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    ink: str,
    opacity: float = 1,
    says: str = "",
) -> str:
    """Return a filled rectangle; `says` is shown where the pointer rests on it."""
    return (
        f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(max(width, 0))}" height="{_n(max(height, 0))}"'
        f' style="fill:{colour(ink)};fill-opacity:{_n(opacity)}">{_tip(says)}</rect>'
    )


def line(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    *,
    ink: str = "line",
    wide: float = 1,
    dash: str = "",
) -> str:
    """Return a straight line; `dash` is a pattern such as "4 3"."""
    return (
        f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"'
        f' style="stroke:{colour(ink)};stroke-width:{_n(wide)}"{_dash(dash)}/>'
    )


def path(
    points: Iterable[tuple[float, float]], *, ink: str = "ink", wide: float = 2, dash: str = ""
) -> str:
    """Return a line through points."""
    through = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
    return (
        f'<polyline points="{through}" fill="none"'
        f' style="stroke:{colour(ink)};stroke-width:{_n(wide)}"{_dash(dash)}/>'
    )


def area(points: Iterable[tuple[float, float]], *, ink: str, opacity: float = 1) -> str:
    """Return a filled outline through points."""
    through = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
    return f'<polygon points="{through}" style="fill:{colour(ink)};fill-opacity:{_n(opacity)}"/>'


def dot(
    x: float, y: float, *, ink: str, radius: float = 4, hollow: bool = False, says: str = ""
) -> str:
    """Return a dot; a hollow one is told apart without its colour."""
    fill = colour("paper") if hollow else colour(ink)
    return (
        f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"'
        f' style="fill:{fill};stroke:{colour(ink)};stroke-width:1.5">{_tip(says)}</circle>'
    )


def axes(
    frame: Frame,
    across: str,
    up: str,
    *,
    x_ticks: Sequence[float] | None = None,
    y_ticks: Sequence[float] | None = None,
) -> str:
    """Return both axes with their names, and a faint line at each tick."""
    xs = ticks(frame.x_low, frame.x_high) if x_ticks is None else x_ticks
    ys = ticks(frame.y_low, frame.y_high) if y_ticks is None else y_ticks
    bottom, right = frame.top + frame.height, frame.left + frame.width
    labels = tick_labels(ys)
    indent = 16 + 7 * max(map(len, labels), default=0)
    parts = [
        *(line(frame.x(one), frame.top, frame.x(one), bottom, wide=0.6) for one in xs),
        *(line(frame.left, frame.y(one), right, frame.y(one), wide=0.6) for one in ys),
        *(
            text(frame.x(one), bottom + 14, said, anchor="middle", ink="quiet")
            for one, said in zip(xs, tick_labels(xs), strict=True)
        ),
        *(
            text(frame.left - 8, frame.y(one), said, anchor="end", ink="quiet")
            for one, said in zip(ys, labels, strict=True)
        ),
        line(frame.left, bottom, right, bottom, ink="quiet"),
        line(frame.left, frame.top, frame.left, bottom, ink="quiet"),
        text(frame.left + frame.width / 2, bottom + 36, across, anchor="middle", strong=True),
        text(
            frame.left - indent,
            frame.top + frame.height / 2,
            up,
            anchor="middle",
            strong=True,
            turned=True,
        ),
    ]
    return "".join(parts)


def ticks(low: float, high: float, about: int = 6) -> list[float]:
    """Return about so many round numbers from low to high."""
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return []
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * one for one in (1, 2, 5, 10) if power * one >= raw * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [place * step for place in range(first, last + 1)]


def tick_labels(values: Sequence[float]) -> list[str]:
    """Return numbers with as many digits as tell them apart."""
    if not values:
        return []
    largest = max(map(abs, values))
    if largest and not 1e-4 <= largest < 1e6:
        return [f"{one:.3g}" for one in values]
    step = min((b - a for a, b in pairwise(values)), default=largest or 1)
    digits = min(max(0, -math.floor(math.log10(step) + 1e-9)), 6) if step > 0 else 0
    return [f"{one + 0.0:.{digits}f}" for one in values]


def colour(name: str) -> str:
    """Return one of COLOURS as CSS that a page may replace."""
    return f"var(--picture-{name},{COLOURS[name]})"


def _share(value: float, low: float, high: float) -> float:
    return (value - low) / (high - low) if high > low else 0.5


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _dash(pattern: str) -> str:
    return f' stroke-dasharray="{pattern}"' if pattern else ""


def _tip(says: str) -> str:
    return f"<title>{escape(says)}</title>" if says else ""
