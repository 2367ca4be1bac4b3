"""Pictures of an answer that is a number: predicted against true, and the difference by the size. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from capsule_flows import svg, wording
from capsule_flows.agreement import limits_of_agreement
from capsule_flows.estimates import Bools, Floats, Unsaid
from capsule_kit.answers import NumberAnswer
from capsule_kit.columns import DIMENSIONLESS

LARGEST = 1e150
"""Numbers beyond it are left out: no axis could hold them."""
MOST_DOTS = 1_500
SQUARES = 48
"""Into how many squares each way the field is cut where there are more cases than dots."""


class Compared(NamedTuple):
    """The cases with an answer and a usable prediction."""

    names: tuple[str, ...]
    """What each case is called, shape (n_cases,)."""
    true: Floats
    """The answers, in the answer's unit."""
    said: Floats
    """The predictions, in the answer's unit."""
    right: Bools
    """Whether the prediction is within the tolerance."""


def compared(cases: pd.DataFrame) -> Compared:
    """Return the numbers of a table case by case."""
    usable = cases[cases["answer"].notna() & cases["prediction"].notna()]
    return Compared(
        tuple(usable["case"].astype(str)),
        usable["answer"].to_numpy(float),
        usable["prediction"].to_numpy(float),
        usable["right"].fillna(value=False).to_numpy(bool),
    )


def predicted_picture(found: Compared, answer: NumberAnswer) -> str:
    """Draw each prediction over its answer, with the band in which it counts as right."""
    low, high = _around([found.true, found.said])
    frame = svg.Frame(84, 34, 470, 420, low, high, low, high)
    parts = [
        _clipped(frame, svg.area(_band(frame, answer), ink="agree-soft")),
        svg.axes(frame, f"Your answer{_in(answer)}", f"It said{_in(answer)}"),
        svg.line(frame.x(low), frame.y(low), frame.x(high), frame.y(high), ink="quiet", dash="6 4"),
        *_marks(frame, found, found.true, found.said),
        *_key(frame, f"within {wording.tolerated(answer)} it", "further away"),
    ]
    n, right = len(found.true), int(found.right.sum())
    says = (
        f"{right} of {wording.count(n, 'case')} lie in the band, within"
        f" {wording.tolerated(answer)} your answer."
    )
    return svg.picture("What it said over your answer", says, 580, 508, parts)


def difference_picture(found: Compared, answer: NumberAnswer) -> str:
    """Draw each error over the mean of answer and prediction, with bias and limits of agreement.

    Bland and Altman 1986 (Lancet 1:307).
    """
    with np.errstate(over="ignore"):
        errors, middles = found.said - found.true, (found.said + found.true) / 2
    limits = limits_of_agreement(errors)
    # Only a tolerance in the unit itself is as wide everywhere.
    absolute = answer.tolerance_kind == "absolute"
    tolerance = np.array([-answer.tolerance, answer.tolerance] if absolute else [0.0])
    bounds = [] if isinstance(limits, Unsaid) else [limits.low.value, limits.high.value]
    x_low, x_high = _around([middles])
    y_low, y_high = _around([errors, tolerance, np.array(bounds)])
    frame = svg.Frame(84, 34, 470, 300, x_low, x_high, y_low, y_high)
    upper, lower = frame.y(tolerance.max()), frame.y(tolerance.min())
    parts = [
        svg.box(frame.left, upper, frame.width, lower - upper, ink="agree-soft"),
        svg.axes(
            frame,
            f"Mean of your answer and what it said{_in(answer)}",
            f"It said less your answer{_in(answer)}",
        ),
        svg.line(frame.left, frame.y(0), frame.left + frame.width, frame.y(0), ink="quiet"),
        *_marks(frame, found, middles, errors),
        *_key(frame, "within tolerance", "further away"),
    ]
    if isinstance(limits, Unsaid):
        return svg.picture("How far it is off", limits.reason, 690, 388, parts)
    for name, one in (
        ("upper limit", limits.high),
        ("bias", limits.bias),
        ("lower limit", limits.low),
    ):
        y = frame.y(one.value)
        parts.append(svg.line(frame.left, y, frame.left + frame.width, y, ink="ink", dash="6 4"))
        parts.append(
            svg.text(frame.left + frame.width + 6, y, f"{name} {wording.number(one.value)}")
        )
    says = (
        f"On average it is off by {wording.number(limits.bias.value, answer.unit)}; if errors are"
        f" normal, 95 % of them lie from {wording.number(limits.low.value)} to"
        f" {wording.number(limits.high.value, answer.unit)}."
    )
    return svg.picture("How far it is off", says, 690, 388, parts)


def _marks(frame: svg.Frame, found: Compared, x: Floats, y: Floats) -> Iterable[str]:
    """Draw each case as a dot; where they are too many, how many lie where as squares."""
    inside = (np.abs(x) < LARGEST) & (np.abs(y) < LARGEST)
    if inside.sum() > MOST_DOTS:
        yield from _squares(frame, found.right[inside], x[inside], y[inside])
        return
    # Those that disagree are drawn last, over the others.
    for place in [*np.flatnonzero(inside & found.right), *np.flatnonzero(inside & ~found.right)]:
        right = bool(found.right[place])
        said = wording.number(float(found.said[place]))
        tip = (
            f"{found.names[place]}: it said {said}, you {wording.number(float(found.true[place]))}"
        )
        yield svg.dot(
            frame.x(x[place]),
            frame.y(y[place]),
            ink="agree" if right else "differ",
            hollow=not right,
            radius=3.5,
            says=tip,
        )


def _squares(frame: svg.Frame, right: Bools, x: Floats, y: Floats) -> Iterable[str]:
    across = np.linspace(frame.x_low, frame.x_high, SQUARES + 1)
    up = np.linspace(frame.y_low, frame.y_high, SQUARES + 1)
    wide, high = frame.width / SQUARES, frame.height / SQUARES
    for chosen, ink in ((right, "agree"), (~right, "differ")):
        counts = np.histogram2d(x[chosen], y[chosen], (across, up))[0]
        most = counts.max(initial=1)
        for i, j in np.argwhere(counts > 0):
            n = int(counts[i, j])
            shade = 0.3 + 0.7 * np.sqrt(n / most)
            left, top = frame.left + i * wide, frame.top + frame.height - (j + 1) * high
            says = wording.count(n, "case")
            yield svg.box(left, top, wide, high, ink=ink, opacity=shade, says=says)


def _key(frame: svg.Frame, right: str, wrong: str) -> list[str]:
    second = frame.left + 40 + 7.5 * len(right)
    return [
        svg.dot(frame.left + 6, 14, ink="agree", radius=4),
        svg.text(frame.left + 16, 14, right),
        svg.dot(second, 14, ink="differ", hollow=True, radius=4),
        svg.text(second + 10, 14, wrong),
    ]


def _band(frame: svg.Frame, answer: NumberAnswer) -> list[tuple[float, float]]:
    """Return the outline in which a prediction is within the tolerance."""
    true = np.linspace(frame.x_low, frame.x_high, 61)
    reach = answer.tolerance
    match answer.tolerance_kind:
        case "absolute":
            ends = true - reach, true + reach
        case "relative":
            ends = true - np.abs(true) * reach, true + np.abs(true) * reach
        case "fold":
            ends = np.minimum(true / reach, true * reach), np.maximum(true / reach, true * reach)
    low, high = ([(frame.x(x), frame.y(y)) for x, y in zip(true, one, strict=True)] for one in ends)
    return [*low, *reversed(high)]


def _around(values: Iterable[Floats]) -> tuple[float, float]:
    """Return the ends of an axis that holds all values with a little room."""
    every = np.concatenate([one[np.abs(one) < LARGEST] for one in values])
    if not len(every):
        return 0.0, 1.0
    low, high = float(every.min()), float(every.max())
    room = 0.05 * (high - low) or abs(high) * 0.1 or 1.0
    return low - room, high + room


def _clipped(frame: svg.Frame, inside: str) -> str:
    return (
        f'<svg x="{frame.left}" y="{frame.top}" width="{frame.width}" height="{frame.height}"'
        f' viewBox="{frame.left} {frame.top} {frame.width} {frame.height}">{inside}</svg>'
    )


def _in(answer: NumberAnswer) -> str:
    return "" if answer.unit == DIMENSIONLESS else f" ({answer.unit})"
