"""What the expert asks of the model: criteria of her own, added and taken back on the page."""

from collections.abc import Mapping

import panel_material_ui as pmui
from panel.viewable import Viewable
from pydantic import ValidationError

import panel as pn
from capsule_flows.claim_words import asked
from capsule_flows.judgement import Judgement
from capsule_kit.criteria import METRICS, SHARES, Criterion, Metric, Tier, metrics_of
from capsule_kit.manifest import Manifest
from capsule_panel import markup, result
from capsule_panel.frame import column, html, section
from capsule_panel.rejudging import Rejudging

ALL = "all cases"
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
        self._metric = pmui.Select(label="What", options=names, width=320, margin=(8, 8, 8, 0))
        self._bound = pmui.FloatInput(label="", value=0.9, step=0.01, width=150, margin=8)
        self._where = pmui.Select(label="Of", options=_groups(manifest), width=240, margin=8)
        self._tier = pmui.Select(label="If it fails", options=dict(TIERS), width=180, margin=8)
        self._add = pmui.Button(label="Ask for it", variant="outlined", margin=(16, 8))
        self._add.on_click(self._on_add)
        self._metric.param.watch(self._on_metric, "value")
        self._on_metric(None)
        again.on_judged(self._show)

    def view(self) -> Viewable:
        """Return the outcomes with the editor beneath."""
        about = (
            "A criterion that you ask for now counts as added after seeing this result; for your"
            " next trial it was there beforehand."
        )
        return section(
            self._outcomes,
            html(
                "<h3 style='margin-top:14px'>Ask for more</h3>" + markup.paragraph(about, "quiet")
            ),
            pn.FlexBox(self._metric, self._bound, self._where, self._tier, self._add),
            self._hers,
            self._told,
        )

    def _show(self, judgement: Judgement) -> None:
        self._outcomes.object = result.criteria(judgement)
        self._hers[:] = [self._taker(one) for one in self._again.said.preferences.criteria]

    def _on_metric(self, _: object) -> None:
        share = self._metric.value in SHARES
        floor = share or self._metric.value == "net benefit"
        self._bound.param.update(
            label="At least" if floor else "At most", value=0.9 if share else 1
        )

    async def _on_add(self, _: object) -> None:
        metric, floor = self._metric.value, self._bound.label == "At least"
        try:
            wanted = Criterion(
                metric=metric,
                at_least=self._bound.value if floor else None,
                at_most=None if floor else self._bound.value,
                tier=self._tier.value,
                where=self._where.value if self._where.value != ALL else None,
            )
        except ValidationError:
            between = "between 0 and 1, 0.9 for 90 %" if metric in SHARES else "above 0"
            self._told.object = markup.problem(f"Write a number {between}.")
            return
        preferences = self._again.said.preferences
        if wanted not in preferences.criteria:
            update = {"criteria": (*preferences.criteria, wanted)}
            await self._again.say(preferences.model_copy(update=update), self._told)

    def _taker(self, wanted: Criterion) -> Viewable:
        button = pmui.Button(label="Take it back", variant="text", margin=(0, 8))

        async def clicked(_: object) -> None:
            preferences = self._again.said.preferences
            left = tuple(one for one in preferences.criteria if one != wanted)
            await self._again.say(preferences.model_copy(update={"criteria": left}), self._told)

        button.on_click(clicked)
        return pn.Row(html(markup.paragraph(f"You ask: {asked(wanted)}.")), button)


def _groups(manifest: Manifest) -> dict[str, object]:
    groups: dict[str, object] = {ALL: ALL}
    for one in manifest.contract.columns:
        values = ("yes", "no") if one.kind == "yes/no" else one.choices
        groups |= {f"{one.name} is {value}": (one.name, value) for value in values}
    return groups
