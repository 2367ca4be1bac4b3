"""The threshold as a slider: what it misses and alarms, and what that is worth by her own answer."""

from collections.abc import Sequence

import panel_material_ui as pmui
from panel.viewable import Viewable

from capsule_flows.benefit import CurvePoint, decision_curve, implied_threshold
from capsule_flows.class_pictures import decision_picture, scores_picture
from capsule_flows.said import MOST_FALSE_ALARMS
from capsule_flows.thresholds import (
    Consequence,
    Scored,
    call_all,
    consequence,
    in_words,
    threshold_in_use,
)
from capsule_flows.wording import number
from capsule_panel import markup
from capsule_panel.frame import column, html, section
from capsule_panel.number_field import NumberField

QUESTION = "How many false alarms would you accept to catch one true case?"
HEADERS = ("", "Missed", "False alarms", "Worth in false alarms", "Benefit in 100 cases")


class ThresholdView:
    """The scores by class with the threshold in them; both move together."""

    def __init__(self, found: Scored, alarms: NumberField | float | None) -> None:
        """Take the scored cases and what a miss is worth in false alarms: a number, or who asks for it."""
        self._found = found
        self._in_use = threshold_in_use(found)
        self._curve = decision_curve(found.events, found.scores)
        self._slider = pmui.FloatSlider(
            label="Threshold",
            start=0,
            end=1,
            step=0.01,
            value=0.5 if self._in_use is None else self._in_use,
            width=560,
            margin=(8, 12),
        )
        self._asks = not isinstance(alarms, NumberField)
        self._alarms = alarms if isinstance(alarms, NumberField) else _question(alarms)
        self._scores, self._says, self._decision = html(), html(), html()
        self._slider.param.watch(self._redraw, "value")
        self._alarms.widget.param.watch(self._redraw_all, "value")
        self._redraw_all(None)

    def view(self) -> Viewable:
        """Return the slider with its pictures."""
        intro = (
            f"Each bar is so many cases. A case is called {self._found.positive} from the threshold"
            " on; move it and see what it would miss and alarm. This changes nothing in the trial."
        )
        return column(
            section(
                html("<h2>Where to draw the line</h2>" + markup.paragraph(intro, "quiet")),
                self._slider,
                self._scores,
                *([self._alarms.widget] if self._asks else []),
                self._says,
            ),
            section(self._decision),
        )

    def _redraw(self, _: object) -> None:
        threshold = float(self._slider.value)
        self._scores.object = scores_picture(self._found, threshold, self._in_use)
        self._says.object = consequences(self._found, threshold, self._in_use, self._alarms.value)

    def _redraw_all(self, event: object) -> None:
        self._redraw(event)
        self._decision.object = decision(self._curve, self._alarms.value)


def _question(alarms: float | None) -> NumberField:
    field = NumberField(QUESTION, 460, MOST_FALSE_ALARMS, positive=True)
    field.fill(alarms)
    return field


def consequences(
    found: Scored, threshold: float, in_use: float | None, alarms: float | None
) -> str:
    """Return what follows from a threshold, beside the one in use and the one her answer implies."""
    here = consequence(found, threshold, alarms)
    stands = "in use" if threshold == in_use else "where the slider stands"
    rows = [(f"At {number(threshold)}, {stands}", here)]
    if in_use is not None and in_use != threshold:
        rows.append((f"At {number(in_use)}, in use", consequence(found, in_use, alarms)))
    if alarms is not None:
        implied = implied_threshold(alarms)
        name = f"At {number(implied)}, which your answer implies for true probabilities"
        rows.append((name, consequence(found, implied, alarms)))
    rows += [
        ("Calling every case", call_all(found, alarms)),
        ("Calling none", consequence(found, 1.01, alarms)),
    ]
    said = markup.paragraph(in_words(here, found.positive))
    if alarms is None:
        said += markup.paragraph("Answer the question, and each line gets its worth.", "quiet")
    return said + markup.table(HEADERS, [_row(name, one) for name, one in rows])


def decision(curve: Sequence[CurvePoint], alarms: float | None) -> str:
    """Return the decision curve with what it means."""
    chosen = None if alarms is None else implied_threshold(alarms)
    about = (
        "Benefit is true cases found in each case, less the false alarms, weighed by the preference."
        " Whoever accepts nine false alarms to catch one true case has the preference 0.1, and looks"
        " at that place for the highest line."
    )
    return (
        "<h2>Is acting on the score worth it?</h2>"
        + markup.paragraph(about, "quiet")
        + decision_picture(curve, chosen)
    )


def _row(name: str, one: Consequence) -> tuple[str, ...]:
    price = "" if one.price is None else number(one.price)
    worth = "" if one.benefit is None else number(100 * one.benefit)
    return name, str(one.calls.missed), str(one.calls.alarms), price, worth
