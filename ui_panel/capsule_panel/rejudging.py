"""The judgement again, at once, each time the expert says something else; what she says is kept as a revision."""

import asyncio
from collections.abc import Callable

import panel as pn
from capsule_blocks.tables import Preferred, Trial
from capsule_flows.evidence import Evidence, said_by
from capsule_flows.home import Resources
from capsule_flows.judgement import Judgement
from capsule_flows.said import NOTHING_SAID, Preferences, Said
from capsule_panel import access, markup
from capsule_panel.frame import errors_in
from capsule_panel.person import Person


class Rejudging:
    """Holds what was said of one trial, and tells whoever shows the judgement when it has changed."""

    def __init__(
        self, resources: Resources, trial: Trial, evidence: Evidence, person: Person
    ) -> None:
        self._resources, self._trial, self._person = resources, trial, person
        self.evidence = evidence
        self.said: Said = NOTHING_SAID
        self._shown: list[Callable[[Judgement], None]] = []
        # Who gives her name has perhaps said something before, which must not be left out of what she says next.
        person.field.param.watch(lambda _: pn.state.execute(self._again), "value")

    def on_judged(self, show: Callable[[Judgement], None]) -> None:
        """Have `show` called with each new judgement."""
        self._shown.append(show)

    async def load(self) -> None:
        """Take up what this person has said before, or has just said on a case, and judge by it."""
        await self._again()

    async def say(self, preferences: Preferences, told: pn.pane.HTML) -> bool:
        """Keep what she says now as a revision, and judge again; say whether it was kept.

        What stands in the way is told in `told`.
        """
        told.object = ""
        if not self._person.asked():
            told.object = markup.problem("Write your name under “Your word on it” first.")
            return False
        if preferences == self.said.preferences:
            return True
        kept = False
        with errors_in(told):
            await access.insist("speak", self._trial)
            row = Preferred(
                capsule=self._trial.capsule,
                flow_run_id=self._trial.flow_run_id,
                said=preferences.model_dump(mode="json"),
                by=self._person.name_given,
            )
            await asyncio.to_thread(self._resources.ledger.add_revision, row)
            kept = True
            await self._again()
        return kept

    async def _again(self) -> None:
        by = self._person.name_given
        self.said = await asyncio.to_thread(said_by, self._resources.ledger, self._trial, by)
        judgement, _ = await asyncio.to_thread(self.evidence.judge, self.said)
        for show in self._shown:
            show(judgement)
