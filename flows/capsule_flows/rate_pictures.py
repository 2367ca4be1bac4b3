"""Pictures of rates: whether scores come true, and how some of the cases did beside all of them. Pure."""

from collections.abc import Sequence

from capsule_flows import svg, wording
from capsule_flows.judgement import Bin, Calibration, Group, Rate

LONGEST_LABEL = 34
ROW = 30


def calibration_picture(found: Calibration, positive: str) -> str:
    """Draw how often each tenth of scores came true over what it said; on the line it keeps its word."""
    frame = svg.Frame(84, 34, 420, 380, 0, 1, 0, 1)
    parts = [
        svg.axes(frame, "Score", f"Share that is {positive}, you say"),
        svg.line(frame.x(0), frame.y(0), frame.x(1), frame.y(1), ink="quiet", dash="6 4"),
        svg.dot(frame.left + 6, 14, ink="agree", radius=5),
        svg.text(frame.left + 18, 14, "ten cases or more, with what is plausible"),
        svg.dot(frame.left + 286, 14, ink="quiet", hollow=True, radius=4),
        svg.text(frame.left + 297, 14, "fewer: counts alone"),
        *(part for one in found.bins for part in _tenth(frame, one)),
    ]
    return svg.picture("Do its scores come true?", found.sentence, 560, 466, parts)


def groups_picture(groups: Sequence[Group], every: Rate | None) -> str:
    """Draw the share right of each group with what is plausible; under ten cases its counts alone."""
    names = [_name(one) for one in groups]
    left = 30 + 7.2 * max(map(len, names), default=10)
    frame = svg.Frame(left, 30, 330, ROW * len(groups), 0, 1, 0, 1)
    bottom = frame.top + frame.height
    parts = [
        part
        for one, said in ((0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %"))
        for part in (
            svg.line(frame.x(one), frame.top, frame.x(one), bottom, wide=0.6),
            svg.text(frame.x(one), bottom + 14, said, anchor="middle", ink="quiet"),
        )
    ]
    if every is not None:
        x = frame.x(every.share)
        parts.append(svg.line(x, frame.top - 4, x, bottom, ink="quiet", dash="6 4"))
        said = f"all {every.n}: {wording.percent(every.share)}"
        parts.append(svg.text(x, 12, said, anchor="middle", ink="quiet"))
    for place, (one, name) in enumerate(zip(groups, names, strict=True)):
        y = frame.top + ROW * (place + 0.5)
        counts = f"{one.right} of {one.n} right"
        parts += [
            svg.text(frame.left - 12, y, name, anchor="end"),
            svg.text(frame.left + frame.width + 22, y, counts),
            *_share(frame, y, one.rate, "differ" if one.found else "agree"),
        ]
    parts.append(
        svg.text(frame.left + frame.width / 2, bottom + 36, "Right", anchor="middle", strong=True)
    )
    says = " ".join(one.sentence for one in groups)
    return svg.picture("Share right by group", says, left + 470, bottom + 50, parts)


def _tenth(frame: svg.Frame, one: Bin) -> list[str]:
    said = (
        f"scores {one.low:.1f} to {one.high:.1f}: {one.events} of {wording.count(one.n, 'case')},"
        f" mean score {wording.number(one.mean_score)}"
    )
    x, y = frame.x(one.mean_score), frame.y(one.events / one.n)
    if one.rate is None:
        beside = -14 if y > frame.top + 20 else 14
        return [
            svg.dot(x, y, ink="quiet", hollow=True, radius=4, says=said),
            svg.text(
                x, y + beside, f"{one.events} of {one.n}", anchor="middle", ink="quiet", size=11
            ),
        ]
    low, high = frame.y(one.rate.low), frame.y(one.rate.high)
    return [
        svg.line(x, low, x, high, ink="agree", wide=2),
        svg.line(x - 5, low, x + 5, low, ink="agree", wide=2),
        svg.line(x - 5, high, x + 5, high, ink="agree", wide=2),
        svg.dot(x, y, ink="agree", radius=5, says=said),
    ]


def _share(frame: svg.Frame, y: float, rate: Rate | None, ink: str) -> list[str]:
    if rate is None:
        return [svg.text(frame.left + 8, y, "too few for a rate", ink="quiet")]
    low, high = frame.x(rate.low), frame.x(rate.high)
    said = f"{wording.percent(rate.share)}, plausibly {wording.percent(rate.low)} to {wording.percent(rate.high)}"
    return [
        svg.box(low, y - 4, high - low, 8, ink=ink, opacity=0.35, says=said),
        svg.dot(frame.x(rate.share), y, ink=ink, radius=5, says=said),
    ]


def _name(one: Group) -> str:
    name = f"{one.column.replace('_', ' ')}: {one.value}"
    return name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"
