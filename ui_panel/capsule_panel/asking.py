"""What the expert asks of the model: criteria of her own and changed ones, given and taken back on the page."""

from collections.abc import Iterator, Mapping

import panel_material_ui as pmui
from panel.viewable import Viewable
from pydantic import ValidationError

import panel as pn
from capsule_flows.claim_words import asked
from capsule_flows.judgement import Judgement
from capsule_flows.said import Change, Preferences
from capsule_kit.criteria import METRICS, SHARES, Criterion, Metric, Tier, metrics_of
from capsule_kit.manifest import Manifest
from capsule_panel import markup, result
from capsule_panel.form_values import Problem
from capsule_panel.frame import column, html, section
from capsule_panel.number_field import NumberField
from capsule_panel.rejudging import Rejudging

ALL = "all cases"
BESIDES = "nothing: besides what is asked"
CALLED: Mapping[Metric, str] = {
    "right": "right",
    "sensitivity": "found of those that are (sensitivity)",
    "specificity": "cleared of those that are not (specificity)",
    "ppv": "right when it calls",
    "npv": "right when it does not",
    "auroc": "area under the ROC curve",
    "concordance": "pairs put in the right order",
    "mean error": "mean error, to either side",
    "mean absolute error": "mean distance from your answer",
    "cost per case": "cost of a case",
    "net benefit": "net benefit",
}
TIERS: Mapping[str, Tier] = {words: tier for tier, words in result.TIERS.items()}  # type: ignore[misc]  # its keys are the tiers


class Asking:
    """The criteria with their outcomes, and the place to ask for more."""

    def __init__(self, again: Rejudging) -> None:
        self._again = again
        manifest = again.evidence.manifest
        names = {CALLED[one]: one for one in METRICS if one in metrics_of(manifest.contract.answer)}
        self._outcomes, self._told, self._hers = html(), html(), column()
        declared: dict[str, object] = {asked(one): one for one in manifest.criteria}
        self._instead = pmui.Select(
            label="Instead of",
            options={BESIDES: BESIDES, **declared},
            visible=bool(declared),
            width=320,
            margin=(8, 8, 8, 0),
        )
        self._metric = pmui.Select(label="What", options=names, width=320, margin=(8, 8, 8, 0))
        self._floor, self._bound = True, NumberField("", 150)
        self._where = pmui.Select(
            label="Of", options=_groups(manifest), width=240, margin=(8, 8, 8, 0)
        )
        self._tier = pmui.Select(
            label="If it fails", options=dict(TIERS), width=180, margin=(8, 8, 8, 0)
        )
        self._add = pmui.Button(label="Ask for it", variant="outlined", margin=(16, 8))
        self._add.on_click(self._on_add)
        self._metric.param.watch(self._on_metric, "value")
        self._instead.param.watch(self._on_instead, "value")
        self._on_metric(None)
        again.on_judged(self._show)

    def view(self) -> Viewable:
        """Return the outcomes with the editor beneath."""
        about = (
            "A criterion that you ask for or change now counts as added or changed after seeing this"
            " result; for your next trial it was there beforehand. What the author declared stays"
            " beside it."
        )
        return section(
            self._outcomes,
            html(
                "<h3 style='margin-top:14px'>Ask for more, or for something else</h3>"
                + markup.paragraph(about, "quiet")
            ),
            pn.FlexBox(
                self._instead, self._metric, self._bound.widget, self._where, self._tier, self._add
            ),
            self._hers,
            self._told,
        )

    def _show(self, judgement: Judgement) -> None:
        self._outcomes.object = result.criteria(judgement)
        self._hers[:] = list(self._takers())

    @property
    def _changed(self) -> Criterion | None:
        """The declared criterion that she would have otherwise."""
        chosen = self._instead.value
        return chosen if isinstance(chosen, Criterion) else None

    def _on_instead(self, _: object) -> None:
        declared = self._changed
        if declared is not None:
            self._metric.value = declared.metric
            self._bind(declared.bound, floor=declared.at_least is not None)
            self._where.value = declared.where or ALL
            self._tier.value = declared.tier

    def _on_metric(self, _: object) -> None:
        share = self._metric.value in SHARES
        floor = share or self._metric.value == "net benefit"
        self._bind(0.9 if share else 1, floor=floor)

    def _bind(self, bound: float, *, floor: bool) -> None:
        self._floor = floor
        self._bound.widget.label = "At least" if floor else "At most"
        self._bound.fill(bound)

    async def _on_add(self, _: object) -> None:
        metric, declared, read = self._metric.value, self._changed, self._bound.read()
        bound = None if isinstance(read, Problem) else read
        try:
            wanted = Criterion(
                metric=metric,
                at_least=bound if self._floor else None,
                at_most=None if self._floor else bound,
                tier=self._tier.value,
                where=self._where.value if self._where.value != ALL else None,
                **({} if declared is None else {"confidence": declared.confidence}),
            )
        except ValidationError:
            between = "between 0 and 1, 0.9 for 90 %" if metric in SHARES else "above 0"
            self._told.object = markup.problem(f"Write a number {between}.")
            return
        if wanted == declared:
            self._told.object = markup.problem("That is what is asked already. Change its number.")
        elif declared is not None:
            changes = (one for one in self._hers_now.changes if one.declared != declared)
            await self._say(changes=(*changes, Change(declared=declared, wanted=wanted)))
        elif wanted not in self._hers_now.criteria:
            await self._say(criteria=(*self._hers_now.criteria, wanted))

    @property
    def _hers_now(self) -> Preferences:
        return self._again.said.preferences

    async def _say(self, **update: object) -> None:
        await self._again.say(self._hers_now.model_copy(update=update), self._told)

    def _takers(self) -> Iterator[Viewable]:
        """Yield what she asks, each with a button that takes it back."""
        hers = self._hers_now
        for one in hers.criteria:
            left = tuple(other for other in hers.criteria if other != one)
            yield self._taker(asked(one), criteria=left)
        for change in hers.changes:
            kept = tuple(other for other in hers.changes if other != change)
            words = f"{asked(change.wanted)}, instead of {asked(change.declared)}"
            yield self._taker(words, changes=kept)

    def _taker(self, words: str, **left: object) -> Viewable:
        button = pmui.Button(label="Take it back", variant="text", margin=(0, 8))

        async def clicked(_: object) -> None:
            await self._say(**left)

        button.on_click(clicked)
        return pn.Row(html(markup.paragraph(f"You ask: {words}.")), button)


def _groups(manifest: Manifest) -> dict[str, object]:
    groups: dict[str, object] = {ALL: ALL}
    for one in manifest.contract.columns:
        values = ("yes", "no") if one.kind == "yes/no" else one.choices
        groups |= {f"{one.name} is {value}": (one.name, value) for value in values}
    named = (one.where for one in manifest.criteria if one.where is not None)
    return groups | {f"{column} is {value}": (column, value) for column, value in named}
