"""What an error costs, as the expert says: by one question, for each kind, or for a single case."""

from collections.abc import Iterator, Mapping
from itertools import permutations

import pandas as pd
import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_flows.judgement import Judgement
from capsule_flows.said import HARMS, MOST_FALSE_ALARMS, prices_of
from capsule_flows.wording import number
from capsule_kit.answers import ClassAnswer
from capsule_kit.criteria import ErrorCost
from capsule_panel import markup
from capsule_panel.frame import html, section
from capsule_panel.rejudging import Rejudging
from capsule_panel.threshold import QUESTION

MOST_KINDS = 12
MOST_CASES = 200
DEAREST = 1e9
HEADERS = ("Errors that cost", "What happens", "Seen", "At most, in truth")


class Prices:
    """The question, a price for each kind of error, and one for a single case."""

    def __init__(self, again: Rejudging, cases: pd.DataFrame) -> None:
        """Take the trial case by case, disagreements first."""
        self._again = again
        answer = again.evidence.manifest.contract.answer
        self.alarms = _number(QUESTION, 460, MOST_FALSE_ALARMS)
        self._asks = isinstance(answer, ClassAnswer) and answer.positive is not None
        classes = answer.classes if isinstance(answer, ClassAnswer) else ()
        pairs = list(permutations(classes, 2))
        self._kinds = {
            pair: _number(f"It says {pair[1]}, it is {pair[0]}", 300, DEAREST)
            for pair in (pairs if len(pairs) <= MOST_KINDS else [])
        }
        self._harms = {harm: _number(f"Called {harm}", 130, DEAREST) for harm in HARMS}
        named = dict(zip(cases["case"].astype(str), cases["case_id"], strict=True))
        self._cases: Mapping[str, str] = dict(list(named.items())[:MOST_CASES])
        self._case = pmui.Select(label="Case", options=dict(self._cases), width=260, margin=8)
        self._own = _number("An error on it costs", 180, DEAREST)
        self._said, self._found, self._told = html(), html(), html()
        # What the page itself put into its fields, so that nothing counts as said that she did not say.
        self._put: dict[object, float | None] = {}
        self.alarms.param.watch(self._on_alarms, "value")
        for one in self._kinds.values():
            one.param.watch(self._on_kind, "value")
        for one in self._harms.values():
            one.param.watch(self._on_harm, "value")
        again.on_judged(self._show)

    def view(self) -> Viewable:
        """Return what errors cost, with the places to say otherwise."""
        asked = [self.alarms] if self._asks else []
        kinds = [pn.FlexBox(*self._kinds.values())] if self._kinds else []
        return section(
            html("<h2>What would its errors cost?</h2>"),
            *asked,
            self._found,
            html(
                markup.paragraph(
                    "Or say what each kind of error costs; only ratios matter.", "quiet"
                )
            )
            if kinds
            else html(),
            *kinds,
            html(
                "<h3 style='margin-top:14px'>A single case</h3>"
                + markup.paragraph(
                    "How bad you call an error, case by case below, sets its price where you say here"
                    " what that word costs.",
                    "quiet",
                )
            ),
            pn.FlexBox(*self._harms.values()),
            pn.FlexBox(
                self._case,
                self._own,
                self._button("Set its price", self._on_own),
                self._button("Leave it out", self._on_leave),
                self._button("Count it as before", self._on_back),
            ),
            self._said,
            self._told,
        )

    def _button(self, label: str, act: object) -> pmui.Button:
        button = pmui.Button(label=label, variant="outlined", margin=(16, 8))
        button.on_click(act)
        return button

    def _show(self, judgement: Judgement) -> None:
        manifest, preferences = self._again.evidence.manifest, self._again.said.preferences
        prices = {
            (one.answer, one.prediction): one.cost for one in prices_of(manifest, preferences)
        }
        worth = judgement.benefit
        alarms = worth.false_alarms if worth is not None else preferences.false_alarms
        self._fill("alarms", self.alarms, alarms)
        for pair, field in self._kinds.items():
            self._fill(pair, field, prices.get(pair))
        for harm, priced in self._harms.items():
            self._fill(harm, priced, preferences.harms.get(harm))
        self._found.object = costs(judgement)
        self._said.object = markup.bullets(self._of_single_cases())

    def _of_single_cases(self) -> Iterator[str]:
        """Yield what she has said of single cases, a sentence each."""
        said = self._again.said
        names = {case_id: name for name, case_id in self._cases.items()}
        for one, price in said.case_prices.items():
            why = "" if one in said.preferences.cases else f": you called it {said.harms[one]}"
            name = names.get(one, "a case of another table")
            yield f"An error on {name} costs {number(price)}{why}."
        for one in said.preferences.left_out:
            yield f"{names.get(one, 'A case of another table')} is left out."

    def _fill(self, name: object, field: pmui.FloatInput, value: float | None) -> None:
        self._put[name] = value
        field.value = value

    async def _on_alarms(self, _: object) -> None:
        value = self.alarms.value
        if value == self._put.get("alarms") or value is None or not 0 < value <= MOST_FALSE_ALARMS:
            return
        # Her one answer replaces what she had said of each kind.
        await self._say(false_alarms=float(value), prices=())

    async def _on_kind(self, _: object) -> None:
        if all(field.value == self._put.get(pair) for pair, field in self._kinds.items()):
            return
        meanings = {
            (one.answer, one.prediction): one.meaning for one in self._again.evidence.manifest.costs
        }
        hers = tuple(
            ErrorCost(
                answer=pair[0],
                prediction=pair[1],
                cost=float(field.value),
                meaning=meanings.get(pair, f"It says {pair[1]}, it is {pair[0]}"),
            )
            for pair, field in self._kinds.items()
            if field.value is not None and 0 <= field.value <= DEAREST
        )
        await self._say(prices=hers, false_alarms=None)

    async def _on_harm(self, _: object) -> None:
        if any(field.value != self._put.get(harm) for harm, field in self._harms.items()):
            await self._say(
                harms={
                    harm: float(field.value)
                    for harm, field in self._harms.items()
                    if field.value is not None and 0 <= field.value <= DEAREST
                }
            )

    async def _on_own(self, _: object) -> None:
        if self._own.value is not None and 0 <= self._own.value <= DEAREST and self._case.value:
            own = {**self._again.said.preferences.cases, self._case.value: float(self._own.value)}
            await self._say(cases=own)

    async def _on_leave(self, _: object) -> None:
        if self._case.value:
            out = dict.fromkeys([*self._again.said.preferences.left_out, self._case.value])
            await self._say(left_out=tuple(out))

    async def _on_back(self, _: object) -> None:
        said, case = self._again.said.preferences, self._case.value
        own = {one: price for one, price in said.cases.items() if one != case}
        out = tuple(one for one in said.left_out if one != case)
        await self._say(cases=own, left_out=out)

    async def _say(self, **update: object) -> None:
        said = self._again.said.preferences.model_copy(update=update)
        await self._again.say(said, self._told)


def costs(judgement: Judgement) -> str:
    """Return what the errors cost by severity, and what acting on the model is worth."""
    said = [part.sentence for part in (judgement.cost, judgement.benefit) if part]
    if not said:
        return markup.paragraph("Nobody has said what an error costs.", "quiet")
    paragraphs = "".join(markup.paragraph(one) for one in said)
    severities = judgement.cost.severities if judgement.cost else ()
    costed = judgement.cost.costed if judgement.cost else 0
    if not severities or not costed:
        return paragraphs
    rows = [
        (
            number(one.cost),
            one.meaning,
            f"{one.count} of {costed}",
            f"{number(100 * one.at_most)} %",
        )
        for one in severities
    ]
    return paragraphs + markup.table(HEADERS, rows)


def _number(label: str, width: int, end: float) -> pmui.FloatInput:
    return pmui.FloatInput(
        label=label, value=None, start=0, end=end, step=1, width=width, margin=(8, 8, 8, 0)
    )
