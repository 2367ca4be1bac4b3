"""What several experts said of the same predictions: how often alike, and on which cases not."""

import asyncio
from collections.abc import Mapping

import pandas as pd
from panel.viewable import Viewable

from capsule_blocks.ledger import Ledger
from capsule_blocks.tables import Trial
from capsule_flows.experts import Experts, experts
from capsule_panel import markup
from capsule_panel.frame import html, section


class ExpertsView:
    """On the page as soon as two persons have said a word."""

    def __init__(self, ledger: Ledger, trial: Trial, cases: pd.DataFrame) -> None:
        """Take the trial case by case."""
        self._ledger, self._trial = ledger, trial
        self._names = dict(zip(cases["case_id"], cases["case"].astype(str), strict=True))
        self._said = html()
        self._sheet = section(self._said)

    async def load(self) -> None:
        """Show what has been said until now."""
        said = await asyncio.to_thread(self._ledger.assessments, self._trial.flow_run_id)
        found = experts([(one.by, one.case_id, one.word) for one in said])
        self._said.object = told(found, self._names) if found else ""
        self._sheet.visible = found is not None

    def view(self) -> Viewable:
        """Return the sheet."""
        return self._sheet


def told(found: Experts, names: Mapping[str, str]) -> str:
    """Return how often each two agree, and the disputed cases under their names."""
    disputed = [
        (
            names.get(one.case_id, "a case of another table"),
            "; ".join(f"{who}: {word}" for who, word in one.words.items()),
        )
        for one in found.disputed
    ]
    table = f"<h3>Disputed</h3>{markup.table(('Case', 'Said of it'), disputed)}" if disputed else ""
    return (
        f"<h2>Where experts agree</h2>{markup.bullets(one.sentence for one in found.pairs)}{table}"
    )
