"""Pictures of an answer that is a class: what was named beside what is true, and the scores. Pure."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from capsule_flows import svg, wording
from capsule_flows.benefit import CurvePoint
from capsule_flows.judgement import Confusion
from capsule_flows.thresholds import Scored, consequence

LARGE, SMALL = 12, 60
"""Up to how many classes each cell shows its count, and up to how many there is a cell at all."""
MIX_UPS = 15
BINS = 40
LONGEST_LABEL = 28


def confusion_picture(confusion: Confusion) -> str:
    """Draw a cell for each answer and prediction, the count in it; a row for each answer."""
    labels = confusion.labels
    side = 64.0 if len(labels) <= 4 else 44.0 if len(labels) <= LARGE else 640 / len(labels)
    size = svg.SIZE if side >= 14 else max(side - 2, 5)
    room = 12 + 7 * min(max(map(len, labels)), LONGEST_LABEL) * size / svg.SIZE
    flat = len(labels) <= 4 and room < 130
    left, top = room + 26, 46 + (16 if flat else room)
    width = max(left + max(side, 110 if flat else side) * len(labels) + 12, 260)
    across = (width - left - 12) / len(labels)
    most = max((max(row) for row in confusion.counts), default=0) or 1
    parts = [
        svg.text(left + across * len(labels) / 2, 12, "It said", anchor="middle", strong=True),
        svg.text(
            10,
            top + side * len(labels) / 2,
            "Your answer",
            anchor="middle",
            strong=True,
            turned=True,
        ),
    ]
    for place, label in enumerate(labels):
        said, middle = _short(label), left + across * (place + 0.5)
        parts.append(
            svg.text(middle, top - 12, said, anchor="middle", size=size)
            if flat
            else svg.text(middle, top - 8, said, size=size, turned=True)
        )
        parts.append(svg.text(left - 8, top + side * (place + 0.5), said, anchor="end", size=size))
        for other, n in enumerate(confusion.counts[place]):
            x, y = left + across * other, top + side * place
            parts += _cell((x, y, across, side), n, most, place == other, (label, labels[other]))
    right = sum(row[place] for place, row in enumerate(confusion.counts))
    every = sum(map(sum, confusion.counts))
    says = (
        f"Rows are your answers, columns what it said. {right} of {every} lie on the diagonal,"
        f" where both agree. {' '.join(mix_ups(confusion)[:3])}"
    )
    return svg.picture(
        "What it said beside your answer", says, width, top + side * len(labels) + 8, parts
    )


def mix_ups(confusion: Confusion) -> list[str]:
    """Say each mix-up of two classes, the most frequent first."""
    rows = [
        (n, sum(row), answer, prediction)
        for answer, row in zip(confusion.labels, confusion.counts, strict=True)
        for prediction, n in zip(confusion.labels, row, strict=True)
        if n and answer != prediction
    ]
    rows.sort(key=lambda row: (-row[0], row[1]))
    return [
        f"It said {prediction} on {n} of {wording.count(every, 'case')} that you call {answer}."
        for n, every, answer, prediction in rows[:MIX_UPS]
    ]


def scores_picture(found: Scored, threshold: float, in_use: float | None = None) -> str:
    """Draw how the scores lie in the positive class and in the others, cut at a threshold.

    Blue lies on the right side of the threshold, orange and hatched by a border on the wrong one.
    """
    here = consequence(found, threshold).calls
    rows = (
        (found.events, found.positive, f"{here.missed} missed", f"{here.found} found"),
        (~found.events, "all others", f"{here.cleared} cleared", f"{here.alarms} false alarms"),
    )
    width, height = 720.0, 348.0
    left = 24 + 7.5 * max(len(_short(found.positive)), 12)
    parts = []
    for place, (chosen, name, under, over) in enumerate(rows):
        top = 40.0 + place * 142
        counts, below = _binned(found.scores[chosen], threshold)
        frame = svg.Frame(left, top, width - left - 20, 96, 0, 1, 0, max(counts.max(initial=0), 1))
        parts += [
            svg.text(frame.left - 12, top + 38, _short(name), anchor="end", strong=True),
            svg.text(
                frame.left - 12,
                top + 58,
                f"{wording.count(int(chosen.sum()), 'case')}, you say",
                anchor="end",
                ink="quiet",
            ),
            *_bars(frame, counts, below, wrong_below=place == 0),
            svg.line(frame.left, top + 96, frame.left + frame.width, top + 96, ink="quiet"),
            *_sides(frame, threshold, under, over, wrong_below=place == 0),
        ]
    parts += _threshold_line(frame, threshold, in_use)
    title = f"Scores of {found.positive} and of all others"
    says = (
        f"At the threshold {wording.number(threshold)} it finds {here.found} and misses"
        f" {here.missed} {found.positive}; of the others it clears {here.cleared} and alarms"
        f" on {here.alarms}."
    )
    return svg.picture(title, says, width, height, parts)


def decision_picture(curve: Sequence[CurvePoint], chosen: float | None = None) -> str:
    """Draw benefit by preference: acting on the score, calling every case, calling none."""
    highest = max([0.0, *(max(one.benefit, one.call_all) for one in curve)]) or 1.0
    lowest = max(-highest / 2, min([0.0, *(one.benefit for one in curve)]))
    frame = svg.Frame(76, 34, 600, 280, 0, 1, lowest, highest * 1.08)
    lines = (
        ([(one.preference, one.benefit) for one in curve], "agree", 3.0, "", "acting on the score"),
        (
            [(one.preference, one.call_all) for one in curve],
            "differ",
            2.0,
            "7 4",
            "calling every case",
        ),
        ([(0.0, 0.0), (1.0, 0.0)], "quiet", 2.0, "2 4", "calling none"),
    )
    parts = [svg.axes(frame, "Preference: the threshold at which you would act", "Benefit")]
    for place, (points, ink, wide, dash, name) in enumerate(lines):
        inside = [(frame.x(x), frame.y(y)) for x, y in _cut(points, lowest)]
        parts.append(svg.path(inside, ink=ink, wide=wide, dash=dash))
        x = frame.left + 200 * place
        parts.append(svg.line(x, 12, x + 36, 12, ink=ink, wide=wide, dash=dash))
        parts.append(svg.text(x + 44, 12, name))
    if chosen is not None:
        x = frame.x(chosen)
        parts.append(svg.line(x, frame.top, x, frame.top + frame.height, ink="ink", dash="4 3"))
        beside: tuple[svg.Anchor, int] = ("end", -6) if chosen > 0.5 else ("start", 6)
        parts.append(
            svg.text(x + beside[1], frame.top + frame.height - 12, "your answer", anchor=beside[0])
        )
    return svg.picture(
        "Benefit by preference", _best(curve, chosen), 700, frame.top + frame.height + 50, parts
    )


def _cell(
    place: tuple[float, float, float, float],
    n: int,
    most: int,
    agree: bool,  # noqa: FBT001 - a fact of the cell
    names: tuple[str, str],
) -> list[str]:
    x, y, across, side = place
    ink = "agree" if agree else "differ"
    says = f"{n} with your answer {names[0]}, where it said {names[1]}"
    # One mix-up in a thousand cases is still to be seen.
    shade = (0.12 if agree else 0.3) + 0.5 * n / most
    parts = [svg.box(x + 1, y + 1, across - 2, side - 2, ink="line", opacity=0.25)]
    if n:
        parts.append(svg.box(x + 1, y + 1, across - 2, side - 2, ink=ink, opacity=shade, says=says))
    if side >= 24:
        size = 20 if side >= 60 else 14
        ink = "ink" if n else "quiet"
        parts.append(
            svg.text(x + across / 2, y + side / 2, str(n), anchor="middle", size=size, ink=ink)
        )
    return parts


def _binned(scores: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Return how many scores lie in each bin, and how many of them under the threshold."""
    place = np.minimum((scores * BINS).astype(int), BINS - 1)
    under = (scores < threshold) | (scores == 0)
    counts = np.bincount(place, minlength=BINS)
    return counts, np.bincount(place[under], minlength=BINS)


def _bars(
    frame: svg.Frame, counts: np.ndarray, below: np.ndarray, *, wrong_below: bool
) -> list[str]:
    bars = []
    for place in np.flatnonzero(counts):
        x, wide = frame.x(place / BINS), frame.width / BINS
        under, over = int(below[place]), int(counts[place] - below[place])
        said = f"scores {place / BINS:.3g} to {(place + 1) / BINS:.3g}"
        for n, start, wrong in ((under, 0, wrong_below), (over, under, not wrong_below)):
            if n:
                y = frame.y(start + n)
                bars.append(
                    svg.box(
                        x + 0.5,
                        y,
                        wide - 1,
                        frame.y(start) - y,
                        ink="differ" if wrong else "agree",
                        says=f"{wording.count(n, 'case')}, {said}",
                    )
                )
    return bars


def _sides(
    frame: svg.Frame, threshold: float, under: str, over: str, *, wrong_below: bool
) -> list[str]:
    # The words keep to their own side, and within the picture however far the threshold is out.
    x = min(max(frame.x(threshold), frame.left + 90), frame.left + frame.width - 110)
    left, right = ("differ", "agree") if wrong_below else ("agree", "differ")
    y = frame.top - 8
    return [
        svg.text(x - 8, y, f"◂ {under}", anchor="end", ink=left, strong=True),
        svg.text(x + 8, y, f"{over} ▸", ink=right, strong=True),
    ]


def _threshold_line(frame: svg.Frame, threshold: float, in_use: float | None) -> list[str]:
    bottom = frame.top + frame.height
    parts = []
    for one, said in zip(labels := svg.ticks(0, 1), svg.tick_labels(labels), strict=True):
        parts.append(svg.text(frame.x(one), bottom + 14, said, anchor="middle", ink="quiet"))
    middle = frame.left + frame.width / 2
    parts.append(svg.text(middle, bottom + 36, "Score", anchor="middle", strong=True))
    if in_use is not None and in_use != threshold:
        x = frame.x(in_use)
        parts.append(svg.line(x, 40, x, bottom, ink="quiet", dash="2 4"))
        parts.append(svg.text(x, bottom + 56, "in use", anchor="middle", ink="quiet"))
    x = frame.x(min(max(threshold, 0), 1))
    return [*parts, svg.line(x, 22, x, bottom + 4, ink="ink", wide=2)]


def _cut(points: Sequence[tuple[float, float]], lowest: float) -> list[tuple[float, float]]:
    """Return a line as far as it is inside the picture, ending where it leaves below."""
    inside = []
    for one, other in pairwise([*points, points[-1]] if points else []):
        if one[1] >= lowest:
            inside.append(one)
        if one[1] >= lowest > other[1]:
            share = (one[1] - lowest) / (one[1] - other[1])
            inside.append((one[0] + share * (other[0] - one[0]), lowest))
            break
    return inside


def _best(curve: Sequence[CurvePoint], chosen: float | None) -> str:
    if not curve:
        return "No case has both an answer and a score."
    if chosen is None:
        return "Net benefit of acting on the score, of calling every case, and of calling none."
    near = min(curve, key=lambda one: abs(one.preference - chosen))
    return (
        f"At your preference, {wording.number(chosen)}, acting on the score is worth"
        f" {wording.number(100 * near.benefit)} true cases in a hundred; calling every case is"
        f" worth {wording.number(100 * near.call_all)}, calling none nothing."
    )


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"
