"""Does it behave as it should? Where an expert derives checks that need no answer, and sees what came of them."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import panel_material_ui as pmui
from panel.viewable import Viewable

import panel as pn
from capsule_blocks.behaviours import Behaviour, BehaviourOutcome
from capsule_blocks.tables import Trial
from capsule_flows.behaviour import ask, known, outcome_of
from capsule_flows.behaviour_checks import objections
from capsule_flows.following import read_run
from capsule_flows.home import Resources
from capsule_kit.contract import Contract
from capsule_panel import access, behaviour_shown, going, markup
from capsule_panel.behaviour_form import BehaviourForm
from capsule_panel.frame import errors_in, html, section
from capsule_panel.person import Person

LOOK_MS = 300
ABOUT = (
    "Some things you know without knowing an answer: a higher dose must not lower the risk; the same"
    " molecule written otherwise is the same molecule; the order of the rows is nobody's business."
    " Say one. The model is run on your cases so changed, in one run of its own, and you see where"
    " it did otherwise."
)


class BehaviourView:
    """The fields of a check, its run as it goes, and the earlier checks of these cases."""

    def __init__(
        self,
        resources: Resources,
        trial: Trial,
        contract: Contract,
        person: Person,
        chosen: Callable[[str], tuple[str, ...] | None],
    ) -> None:
        self._resources, self._trial, self._person = resources, trial, person
        self._contract, self._form = contract, BehaviourForm(contract, chosen)
        self._run = pmui.Button(label="Check it", color="primary", margin=(8, 0))
        self._run.on_click(self._on_run)
        self._said, self._earlier = html(), html()
        self._looking = False

    async def load(self) -> None:
        """Show the earlier checks of these cases."""
        found = await asyncio.to_thread(known, self._resources, self._trial.case_set_id)
        self._earlier.object = behaviour_shown.earlier(found, self._contract)

    def view(self) -> Viewable:
        """Return the section."""
        return section(
            html(f"<h2>Does it behave as it should?</h2>{markup.paragraph(ABOUT, 'quiet')}"),
            self._form.view(),
            self._run,
            self._said,
            self._earlier,
        )

    async def _on_run(self, _: object) -> None:
        check = self._form.read()
        if isinstance(check, str):
            self._said.object = markup.problem(check)
            return
        if not self._person.asked():
            self._said.object = markup.problem("Write your name above first, then press Check it.")
            return
        if said := objections(check, self._contract):
            self._said.object = markup.problem(" ".join(said))
            return
        self._run.disabled = True
        self._said.object = markup.paragraph("Changing your cases …", "quiet")
        with errors_in(self._said):
            visitor = await access.insist("check behaviour", self._trial)
            published = await asyncio.to_thread(access.find_for, visitor, self._trial.capsule)
            behaviour, flow_run_id = await asyncio.to_thread(
                ask,
                self._resources,
                published,
                self._trial,
                check,
                by=self._person.name_given,
                owner=visitor.owner,
            )
            self._follow(behaviour, flow_run_id)
            return
        self._run.disabled = False

    def _follow(self, behaviour: Behaviour, flow_run_id: UUID) -> None:
        async def look() -> None:
            # A slow server must not gather looks behind each other.
            if self._looking:
                return
            self._looking = True
            try:
                ended = True
                with errors_in(self._said):
                    ended = await self._look(behaviour, flow_run_id)
            finally:
                self._looking = False
            # What went wrong is said, and the run itself goes on: the page has it when it is opened again.
            if ended:
                clock.stop()
                self._run.disabled = False

        clock = pn.state.add_periodic_callback(look, period=LOOK_MS)

    async def _look(self, behaviour: Behaviour, flow_run_id: UUID) -> bool:
        """Show how the run goes, or what came of it; say whether it has ended."""
        now = await asyncio.to_thread(read_run, flow_run_id)
        outcome: BehaviourOutcome | None = None
        if now.final:
            outcome = await asyncio.to_thread(outcome_of, self._resources, behaviour, flow_run_id)
        if outcome is None:
            self._said.object = going.live(now, None) + behaviour_shown.own_page(flow_run_id)
            return False
        self._said.object = behaviour_shown.outcome(outcome)
        await self.load()
        return True
