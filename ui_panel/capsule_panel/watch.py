"""A trial as it goes and as it ended: the same on its own page and beneath the form it was started from."""

import asyncio
import time
from html import escape
from uuid import UUID

import pandas as pd
from panel.viewable import Viewable
from prefect.client.schemas.objects import StateType

import panel as pn
from capsule_blocks.tables import Outcome, Trial
from capsule_flows.behaviour import of_derived
from capsule_flows.evidence import evidence_again
from capsule_flows.expecting import usual
from capsule_flows.following import RunView, read_run
from capsule_flows.home import Resources
from capsule_flows.judgement import Judgement
from capsule_flows.permission import Visitor
from capsule_flows.settling import settle
from capsule_flows.trial_words import BEHAVIOUR, JUDGED
from capsule_kit.manifest import Manifest
from capsule_panel import access, artifacts, behaviour_shown, going, markup, report_door, result
from capsule_panel.asking import Asking
from capsule_panel.behaviour_view import BehaviourView
from capsule_panel.beside import links, others
from capsule_panel.disagreements import disagreements
from capsule_panel.experts_view import ExpertsView
from capsule_panel.files import files_shown
from capsule_panel.form_values import shown
from capsule_panel.frame import column, errors_in, html, section
from capsule_panel.going import Stop
from capsule_panel.keeping import KeepView
from capsule_panel.person import Person
from capsule_panel.pictures import pictures
from capsule_panel.prices import Prices, costs
from capsule_panel.rejudging import Rejudging
from capsule_panel.review import CaseReview, reviewed
from capsule_panel.verdict import VerdictView
from capsule_panel.words import when

SOON_MS, LATER_MS = 120, 700
"""How often is looked while a trial is young, and afterwards."""
YOUNG_S = 5.0


class Watch:
    """Follows one flow run until its outcome is on the page."""

    def __init__(
        self, resources: Resources, flow_run_id: UUID, person: Person | None = None
    ) -> None:
        """Make the view, and `now`, which says how it goes and then what came out.

        `person` is who is named on the page already, which then places `now` itself; None where
        the trial is all that is on the page.
        """
        self._resources, self._id, self._person = resources, flow_run_id, person
        self._since = time.monotonic()
        self._head, self.live, self._log = html(), html(), html()
        self._result, self._stop = column(), Stop(resources, flow_run_id)
        self._usual: float | None = None
        self._looking = self._ended = False
        self.now = column(self.live, self._stop.view)
        here = [self.now] if person is None else []
        self.view = column(section(self._head, *here), self._result, section(self._log))

    async def follow(self, run: RunView) -> None:
        """Show this moment, and go on looking while there is something to wait for."""
        await self.show(run)
        if not self._ended:
            self._clock = pn.state.add_periodic_callback(self._look, period=SOON_MS)

    async def _look(self) -> None:
        # A slow server must not gather looks behind each other.
        if self._looking:
            return
        self._looking = True
        try:
            with errors_in(self.live):
                await self.show(await asyncio.to_thread(read_run, self._id))
        finally:
            self._looking = False
        if self._ended:
            self._clock.stop()
        elif self._clock.period == SOON_MS and time.monotonic() - self._since > YOUNG_S:
            self._clock.period = LATER_MS

    async def show(self, run: RunView) -> None:
        """Bring the page to this moment; end the looking when the outcome is there."""
        _put(self._log, going.log(run))
        if run.state_type == StateType.COMPLETED and not self._ended:
            _put(self.live, going.judging())
        outcome = await asyncio.to_thread(self._outcome) if run.final else None
        if outcome is None:
            await self._show_going(run)
            return
        self._ended = True
        # What she waits for comes first; whatever can be looked up comes after it.
        self._stop.view.visible = False
        _put(self.live, await asyncio.to_thread(self._ended_as, outcome))
        trial = await self._show_head()
        if trial is not None and outcome.judgement is not None:
            judgement = Judgement.model_validate(outcome.judgement)
            self._result[:] = await self._judged(trial, judgement)
        elif trial is not None:
            manifest = await asyncio.to_thread(self._manifest, trial)
            written = await asyncio.to_thread(self._files, manifest)
            self._result[:] = [section(html(written))] if written else []
        await asyncio.to_thread(settle, self._resources, self._id)
        kept = await artifacts.artifacts_of(self._id)
        _put(self._log, going.log(run) + "".join(artifacts.shown(one) for one in kept))

    async def _show_going(self, run: RunView) -> None:
        _put(self.live, going.live(run, self._usual))
        self._stop.view.visible = not run.final
        if not self._head.object and (trial := await self._show_head()):
            self._usual = await asyncio.to_thread(usual, self._resources, trial)

    def _ended_as(self, outcome: Outcome) -> str:
        if outcome.kind == JUDGED and outcome.judgement is not None:
            return result.headline(Judgement.model_validate(outcome.judgement))
        return going.unjudged(outcome, self._resources.store.results(self._id))

    def _outcome(self) -> Outcome | None:
        return settle(self._resources, self._id, publishing=False)

    def _manifest(self, trial: Trial) -> Manifest:
        release = self._resources.ledger.release(trial.release_id)
        assert release is not None
        return Manifest.model_validate(release.manifest)

    def _inputs(self, trial: Trial) -> pd.DataFrame:
        """Return what the model was given."""
        assert trial.case_set_id is not None
        found = self._resources.ledger.case_set_by_id(trial.case_set_id)
        assert found is not None
        return self._resources.store.inputs(found.inputs_hash)

    def _files(self, manifest: Manifest) -> str:
        return files_shown(self._resources.store.results(self._id), manifest, self._id)

    async def _show_head(self) -> Trial | None:
        trial = await asyncio.to_thread(self._resources.ledger.trial, self._id)
        own = self._person is None
        _put(self._head, await asyncio.to_thread(_head, self._resources, trial, self._id, own))
        return trial

    async def _judged(self, trial: Trial, judgement: Judgement) -> list[Viewable]:
        manifest = await asyncio.to_thread(self._manifest, trial)
        cases = await asyncio.to_thread(self._resources.store.judged, self._id)
        found: list[Viewable] = []
        if cases is not None:
            inputs = await asyncio.to_thread(self._inputs, trial)
            named = self._resources.store.files
            shown = await asyncio.to_thread(disagreements, cases, inputs, manifest, named)
            found.append(section(html(shown)))
        if trial.door == BEHAVIOUR:
            checks = await asyncio.to_thread(of_derived, self._resources, trial)
            found = [section(html(behaviour_shown.derived(trial, checks, manifest.contract)))]
        person = self._person or Person()
        again = await self._again(trial, person) if cases is not None else None
        if again is None or cases is None:
            found += [section(html(one)) for one in (result.criteria(judgement),) if one]
            found.append(section(html(result.rates(judgement))))
            found += [section(html(said))] if (said := result.limits(judgement)) else []
            found += [section(html(costs(judgement)))] if judgement.cost else []
            found += pictures(judgement, cases, manifest) if cases is not None else []
        else:
            found += await _sayable(again, judgement, cases)
        if files := await asyncio.to_thread(self._files, manifest):
            found.append(section(html(files)))
        speaking: list[CaseReview | BehaviourView | ExpertsView | VerdictView | KeepView] = [
            VerdictView(self._resources, trial, person),
            KeepView(self._resources, trial, person, manifest.contract.answer),
        ]
        if cases is not None and trial.door != BEHAVIOUR:
            contract = manifest.contract
            subject = await asyncio.to_thread(reviewed, self._resources, trial, contract, cases)
            several = ExpertsView(self._resources.ledger, trial, cases)
            heard = [several.load, *([again.load] if again else [])]
            review = CaseReview(self._resources, subject, person, heard)
            check = BehaviourView(self._resources, trial, contract, person, review.chosen)
            speaking[:0] = [review, check, several]
        for part in speaking:
            await part.load()
        asked = [person] if self._person is None else []
        who = section(html("<h2>Your word on it</h2>"), *asked)
        beside = await asyncio.to_thread(self._beside, trial, await access.here())
        return [*found, *beside, who, *(part.view() for part in speaking)]

    async def _again(self, trial: Trial, person: Person) -> Rejudging | None:
        """Return what judges this trial again; None where it stays as it was judged."""
        evidence = await asyncio.to_thread(evidence_again, self._resources, trial)
        return None if evidence is None else Rejudging(self._resources, trial, evidence, person)

    def _beside(self, trial: Trial, visitor: Visitor) -> list[Viewable]:
        said = links(trial, others(self._resources, trial, visitor))
        taken = html(report_door.links(trial.flow_run_id))
        return [section(taken), *([section(html(said))] if said else [])]


async def _sayable(again: Rejudging, judgement: Judgement, cases: pd.DataFrame) -> list[Viewable]:
    """Return the judgement's parts that follow what she says, and the places to say it."""
    headline, rates, limits = html(), html(), html()
    asking, prices = Asking(again), Prices(again, cases)

    def show(now: Judgement) -> None:
        same = now.headline == judgement.headline
        told = "" if same else f"<h3>As you say it now</h3>{result.headline(now)}"
        _put(headline, told)
        _put(rates, result.rates(now))
        _put(limits, result.limits(now))

    again.on_judged(show)
    await again.load()
    drawn = pictures(judgement, cases, again.evidence.manifest, prices.alarms)
    return [asking.view(), section(headline, rates, limits), prices.view(), *drawn]


def _put(pane: pn.pane.HTML, content: str) -> None:
    # An unchanged pane keeps what is unfolded or selected in it.
    if pane.object != content:
        pane.object = content


def _head(
    resources: Resources,
    trial: Trial | None,
    flow_run_id: UUID,
    own_page: bool,  # noqa: FBT001 - by place in a thread
) -> str:
    if trial is None:
        return "<h1>A trial</h1>"
    release = resources.ledger.release(trial.release_id)
    title = Manifest.model_validate(release.manifest).title if release else trial.capsule
    settings = ", ".join(
        f"{name.replace('_', ' ')} {shown(value)}" for name, value in trial.settings.items()
    )
    facts = [
        f"on the cases “{trial.case_set_name}”",
        f"{when(trial.at)}, by {trial.by}",
        f"settings: {settings}" if settings else "settings as they come",
        f"release {trial.release_id[:8]}",
    ]
    about = markup.paragraph(" · ".join(facts), "quiet")
    if not own_page:
        alone = markup.link(f"/trial?id={flow_run_id}", "This trial has a page of its own")
        return f'<h2>3. What came out</h2>{about}<p class="quiet">{alone}</p>'
    back = markup.link(f"/capsule?name={trial.capsule}", "Back to the model")
    return f'<p class="quiet">{back}</p><h1>{escape(title)}</h1>{about}'
