"""What an error costs, as the expert says: by one question, for each kind, or for a single case."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import permutations

import pandas as pd
import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_flows.judgement import Judgement
from capsule_flows.said import HARMS, MOST_FALSE_ALARMS, Preferences, prices_of
from capsule_flows.wording import number
from capsule_kit.answers import ClassAnswer
from capsule_kit.criteria import ErrorCost
from capsule_panel import markup
from capsule_panel.form_values import Problem
from capsule_panel.frame import html, section
from capsule_panel.number_field import NumberField
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
        self.alarms = NumberField(QUESTION, 460, MOST_FALSE_ALARMS, positive=True)
        self._asks = isinstance(answer, ClassAnswer) and answer.positive is not None
        classes = answer.classes if isinstance(answer, ClassAnswer) else ()
        pairs = list(permutations(classes, 2))
        self._kinds = {
            pair: NumberField(f"It says {pair[1]}, it is {pair[0]}", 300, DEAREST)
            for pair in (pairs if len(pairs) <= MOST_KINDS else [])
        }
        self._harms = {harm: NumberField(f"Called {harm}", 200, DEAREST) for harm in HARMS}
        named = dict(zip(cases["case"].astype(str), cases["case_id"], strict=True))
        self._cases: Mapping[str, str] = dict(list(named.items())[:MOST_CASES])
        self._case = pmui.Select(label="Case", options=dict(self._cases), width=260, margin=8)
        self._own = NumberField("An error on it costs", 200, DEAREST)
        self._said, self._found, self._told = html(), html(), html()
        self._judgement: Judgement | None = None
        self.alarms.on_said(self._on_alarms)
        for one in self._kinds.values():
            one.on_said(self._on_kind)
        for one in self._harms.values():
            one.on_said(self._on_harm)
        again.on_judged(self._show)

    def view(self) -> Viewable:
        """Return what errors cost, with the places to say otherwise."""
        asked = [self.alarms.widget] if self._asks else []
        kinds = [_row(self._kinds.values())] if self._kinds else []
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
            _row(self._harms.values()),
            pn.FlexBox(
                self._case,
                self._own.widget,
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
        self._judgement = judgement
        manifest, preferences = self._again.evidence.manifest, self._again.said.preferences
        worth = judgement.benefit
        implied = None if worth is None else worth.false_alarms
        alarms = preferences.false_alarms or implied
        self.alarms.fill(alarms, _whence_alarms(alarms, preferences))
        prices = {
            (one.answer, one.prediction): one.cost for one in prices_of(manifest, preferences)
        }
        for pair, field in self._kinds.items():
            field.fill(prices.get(pair), _whence_kind(pair, prices, preferences))
        without = "not said: priced by its kind" if prices else "not said: is not counted"
        for harm, priced in self._harms.items():
            cost = preferences.harms.get(harm)
            priced.fill(cost, "as you said" if cost is not None else without)
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

    async def _on_alarms(self) -> None:
        # Her one answer replaces what she had said of each kind.
        await self._say(false_alarms=self.alarms.value, prices=())

    async def _on_kind(self) -> None:
        before = self._again.said.preferences
        said = {(one.answer, one.prediction) for one in before.prices}
        declared = {
            (one.answer, one.prediction): one for one in self._again.evidence.manifest.costs
        }
        hers = tuple(
            ErrorCost(
                answer=pair[0],
                prediction=pair[1],
                cost=field.value,
                meaning=declared[pair].meaning
                if pair in declared
                else f"It says {pair[1]}, it is {pair[0]}",
            )
            for pair, field in self._kinds.items()
            if field.value is not None
            and (pair in said or pair not in declared or field.value != declared[pair].cost)
        )
        await self._say(prices=hers, false_alarms=None)

    async def _on_harm(self) -> None:
        await self._say(
            harms={
                harm: field.value for harm, field in self._harms.items() if field.value is not None
            }
        )

    async def _on_own(self, _: object) -> None:
        price = self._own.read()
        if price is None or isinstance(price, Problem):
            self._told.object = markup.problem("Write what an error on it costs, from 0 up.")
        elif self._case.value:
            own = {**self._again.said.preferences.cases, self._case.value: float(price)}
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
        if await self._again.say(said, self._told) and self._judgement is not None:
            # What she took back shows what is used instead, also where that changes no figure.
            self._show(self._judgement)


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


def _whence_alarms(alarms: float | None, preferences: Preferences) -> str:
    """Return where the answer to the question comes from, or what it means that there is none."""
    if alarms is None:
        return "not said: no threshold follows"
    return "as you said" if preferences.false_alarms else "as the prices below imply"


def _whence_kind(
    pair: tuple[str, str], prices: Mapping[tuple[str, str], float], preferences: Preferences
) -> str:
    """Return where the price of a kind of error comes from, or what it means that there is none."""
    if pair not in prices:
        return "not said: is not counted"
    if any((one.answer, one.prediction) == pair for one in preferences.prices):
        return "as you said"
    return "by your answer above" if preferences.false_alarms else "as the author declared"


def _row(fields: Iterable[NumberField]) -> Viewable:
    return pn.FlexBox(*(one.widget for one in fields))
